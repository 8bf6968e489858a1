// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/xas_findings.h"
#include "app/xas_spectrum.h"
#include "record/records.h"

/// Findings as quantities: with their covariances, random and systematic apart.
namespace twin::app {

/// Of a measurement. Random: noise, and that of the standard. Systematic: misfit beyond the noise,
/// and the standard's.
void add_physical(record::Result& out, const XasPlan& plan, const XasSpectrum& spectrum,
                  const XasFindings& found, const StandardValues& values);

/// E0, edge step and what belongs to them.
void add_reduction(record::Result& out, const XasSpectrum& spectrum);

/// Of a simulated χ(k): statistical errors by the jackknife over its blocks, whose delete-one
/// values are the array `without_block` [blocks × quantities of the covariance]; the jacobian
/// through its tangents.
void add_digital(record::Result& out, const XasPlan& plan, const record::Measurement& m,
                 const XasSpectrum& spectrum, const XasFindings& found,
                 const StandardValues& values);

/// Warns of what no sample has, among the quantities of these \p names: coordination numbers, σ²
/// and distances below zero. The fit is one all the same: what it misses is for people to find.
void warn_of_impossible(record::Result& out, const std::vector<std::string>& names);

/// K, where the context has it.
[[nodiscard]] std::optional<double> temperature_of(const record::Context& context);

}  // namespace twin::app
