// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/recipe.h"
#include "stream/fields.h"

/// The mappings of a recipe, one function each; of use to recipe.cpp alone. Each refuses keys that
/// it does not know. \p file is the recipe's own, for files that it names.
namespace twin::stream {

/// Names of windows of Fourier transforms.
[[nodiscard]] const std::vector<std::string>& windows();

record::Columns decode_columns(Fields fields, const std::string& file);
record::Sample decode_sample(Fields fields);
record::DeglitchSettings decode_deglitch(Fields& recipe, const record::Value& value);
record::EnergySettings decode_energy(Fields fields);
record::RebinSettings decode_rebin(Fields& recipe, const record::Value& value);
record::MergeSettings decode_merge(Fields fields);
record::SelfAbsorptionSettings decode_self_absorption(Fields& recipe);

/// With Larch's or Athena's defaults.
record::ReduceSettings decode_reduce(Fields fields, const std::string& defaults);
record::AutobkSettings decode_autobk(Fields fields, const std::string& defaults);

record::StandardSettings decode_standard(Fields fields, const std::string& file);
record::FitSettings decode_fit(Fields fields);
std::vector<record::PathSettings> decode_paths(Fields& recipe, const std::string& file);
std::vector<record::FitParameter> decode_parameters(const Fields& parameters);
std::vector<record::Restraint> decode_restraints(Fields& recipe);
record::JointSettings decode_joint(Fields fields);
std::vector<record::Variant> decode_variants(const Fields& variants, const record::Recipe& recipe);
/// Refuses a width of a window's taper that makes it nothing everywhere.
void check_taper(const Fields& fields, std::string_view key, double width,
                 const std::string& window);
/// transform and wavelet, with the fit's values as defaults where \p has_fit.
void decode_transforms(Fields& recipe, record::Recipe& out, bool has_fit);
void decode_feff(Fields fields, record::Recipe& out, const std::string& file);

record::XanesSettings decode_xanes(Fields fields, const std::string& file);

/// Refuses numbers of \p recipe that no spectrum could be reduced with: rbkg 100 Å, kweight 1e9, a
/// range that ends below the edge. \throws Error{configuration} `file:line: key: what is expected`
void check_ranges(const record::Recipe& recipe);

/// A list of [from, to] with units.
std::vector<std::pair<double, double>> ranges(Fields& fields, std::string_view key,
                                              std::string_view unit);

}  // namespace twin::stream
