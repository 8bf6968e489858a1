// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_spectrum.h"

#include <utility>

#include "app/arrays.h"
#include "core/error.h"

namespace twin::app {

using Eigen::VectorXd;
using record::Measurement;

namespace {

// Columns of a file as µ(E), eV.
std::pair<VectorXd, VectorXd> absorption(const Measurement& m, const record::Columns& columns) {
  VectorXd energy = column(m, columns.energy);
  if (columns.energy_unit == "keV") energy *= 1000;
  if (!columns.mu.empty()) return {energy, column(m, columns.mu)};
  const VectorXd i0 = column(m, columns.i0);
  if (!columns.it.empty())
    return {energy, (i0.array() / column(m, columns.it).array()).log().matrix()};
  if (columns.fluorescence.empty())
    throw Error(Cause::configuration,
                "columns: neither mu nor i0 with it or if are given; µ can't be made");
  VectorXd sum = VectorXd::Zero(energy.size());
  for (const auto& name : columns.fluorescence) sum += column(m, name);
  return {energy, (sum.array() / i0.array()).matrix()};
}

}  // namespace

const record::ReduceSettings& reduce_settings(const record::Recipe& recipe,
                                              const std::string& scan) {
  const auto own = recipe.reduce_by_scan.find(scan.substr(0, scan.find('+')));
  return own == recipe.reduce_by_scan.end() ? recipe.reduce : own->second;
}

XasSpectrum spectrum_of(const Measurement& m, const record::Recipe& recipe) {
  if (m.arrays.contains("k") && m.arrays.contains("chi"))
    return {column(m, "k"), column(m, "chi"), std::nullopt};
  const auto [energy, mu] = absorption(m, recipe.columns);
  XasSpectrum out;
  out.reduction = xas::reduce(energy, mu, reduce_settings(recipe, m.context.scan), recipe.autobk);
  out.k = out.reduction->k;
  out.chi = out.reduction->chi;
  return out;
}

}  // namespace twin::app
