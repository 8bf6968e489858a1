// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/extract_xas.h"
#include "app/xas_findings.h"
#include "app/xas_spectrum.h"
#include "record/records.h"

namespace twin::app {

/// Quantities of a measured spectrum. Random uncertainty: the noise. Systematic: the misfit beyond
/// the noise, and what S0² brings to coordination numbers and amplitudes.
void add_physical(record::Result& out, const XasPlan& plan, const XasSpectrum& spectrum,
                  const XasFindings& found, const AmplitudeReduction& s02);

/// Quantities of a simulated χ(k). Random uncertainty: the fit once more on every delete-one-block
/// χ(k), by the jackknife. Jacobian: along every tangent "chi@NAME", a central difference through
/// the whole fit.
void add_digital(record::Result& out, const XasPlan& plan, const record::Measurement& m,
                 const XasSpectrum& spectrum, const XasFindings& found);

}  // namespace twin::app
