// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulated_absorption.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <vector>

#include "app/arrays.h"
#include "core/constants.h"
#include "core/text.h"
#include "md/einstein.h"
#include "md/observables.h"
#include "md/plan.h"

namespace twin::app {

using record::Model;

namespace {

// θ is known only when the run is over, so the run was a little beside the classical temperature
// that the asked one stands for: how far, and how that temperature depends on the asked one.
struct Offset {
  double kelvin = 0.0;  // classical, still to go
  double slope = 1.0;   // ∂T_cl/∂T
};

Offset offset(const md::Outcome& outcome, double asked) {
  const double theta = outcome.einstein_temperature;
  if (theta <= 0) return {};
  return {md::classical_temperature(asked, theta) - outcome.temperature_md,
          md::classical_per_quantum(asked, theta)};
}

}  // namespace

double value_of(const Model& model, const std::string& name, double otherwise) {
  const auto at = std::ranges::find(model.free, name, &record::FreeParameter::name);
  return at == model.free.end() ? otherwise : at->value;
}

xas::FrameWeight weight_of(const Model& model, const md::Sample& sample) {
  const double volume = std::abs(sample.frame.cell.determinant());
  const double work = model.pressure_bar.value_or(0) * volume * eV_per_bar_A3;
  return {sample.energy_eV + work, md::strain_slope_eV(volume, sample.virial_bar), sample.weight,
          sample.slopes_eV};
}

double temperature_of(const Model& model, md::Outcome& outcome) {
  const double asked =
      value_of(model, "temperature", model.temperature.value_or(outcome.temperature));
  if (outcome.how != "trajectory") return asked;
  constexpr double near = 0.03;  // as far as the tangent is good
  const bool corrected = outcome.einstein_temperature > 0 && outcome.known.energy;
  if (corrected && std::abs(offset(outcome, asked).kelvin) <= near * outcome.temperature_md)
    return asked;
  if (outcome.einstein_temperature > 0 && std::abs(outcome.temperature - asked) > 0.01 * asked)
    outcome.warnings.push_back("the trajectory stands for " + significant(outcome.temperature, 4) +
                               " K of the sample, the model says " + significant(asked, 4) +
                               " K: the former is used");
  return outcome.temperature;
}

record::Measurement simulated_absorption(const Model& model, const md::Outcome& outcome,
                                         const xas::Ensemble& ensemble, const md::Factors& factors,
                                         const Eigen::VectorXd& k, double asked) {
  record::Measurement m;
  m.origin = record::Origin::digital;
  m.technique = "xas";
  m.edge = model.absorption.edge;
  m.arrays["k"] = inline_array(k, "1/Å");
  Eigen::VectorXd shift = Eigen::VectorXd::Zero(k.size());
  if (outcome.known.energy) {
    const auto [kelvin, slope] = offset(outcome, asked);
    const Eigen::VectorXd tangent = ensemble.temperature_tangent(outcome.temperature_md);
    shift = kelvin * tangent;
    m.arrays["chi@temperature"] = inline_array(slope * tangent, "1/K");
  }
  m.arrays["chi"] = inline_array(ensemble.chi() + shift, "");
  Eigen::MatrixXd blocks = ensemble.chi_without_block();
  blocks.rowwise() += shift.transpose();
  m.arrays["chi_without_block"] = inline_matrix(blocks, "");
  for (std::size_t i = 0; outcome.known.energy && i < factors.values().size(); ++i)
    m.arrays["chi@" + factors.name(i)] =
        inline_array(ensemble.parameter_tangent(static_cast<int>(i), outcome.temperature_md), "");
  const double a = outcome.quantities.at("a").value.value_or(model.structure.a);
  const bool strained = outcome.fixed_cell && outcome.known.energy && outcome.known.virial;
  if (!strained || ensemble.has_molecules()) return m;
  const Eigen::VectorXd tangent = ensemble.strain_tangent(outcome.temperature_md);
  m.arrays["chi@a"] = inline_array(tangent / a, "1/Å");
  // A length is 1 + e times that of the model's structure: d ln a / d e = 1 / (1 + e).
  if (const auto strain = value_of(model, "strain", NAN); std::isfinite(strain))
    m.arrays["chi@strain"] = inline_array(tangent / (1 + strain), "");
  return m;
}

bool wants_multiple(const Model& model) {
  return !model.absorption.edge.empty() && model.structure.sites.empty() &&
         model.absorption.multiple_scattering == "ideal-lattice" && model.absorption.legs > 2;
}

std::string no_multiple(const Model& model) {
  if (!model.structure.substitutions.empty()) return "the crystal is mixed";
  return md::structure_of(model).vacancies.empty() ? "" : "the crystal has vacancies";
}

record::Jacobian by_parameters(const md::Outcome& outcome, const Model& model) {
  record::Jacobian out = outcome.jacobian;
  const std::size_t before = out.columns.size();
  const auto strain = value_of(model, "strain", NAN);
  const auto length = std::ranges::find(out.columns, "a");
  const bool strained = std::isfinite(strain) && length != out.columns.end();
  const auto a = static_cast<std::size_t>(length - out.columns.begin());
  if (strained) out.columns.emplace_back("strain");
  out.matrix.clear();
  for (std::size_t row = 0; row < out.rows.size(); ++row) {
    const double* const elements = outcome.jacobian.matrix.data() + row * before;
    for (std::size_t i = 0; i < before; ++i)
      out.matrix.push_back(elements[i] *
                           (out.columns[i] == "temperature" ? outcome.d_md_d_temperature : 1.0));
    if (strained)
      out.matrix.push_back(elements[a] * *outcome.quantities.at("a").value / (1 + strain));
  }
  return out;
}

std::string left_out(const md::Known& known, bool shown) {
  std::vector<std::string> what;
  if (!known.temperature) what.emplace_back("temperature");
  if (!known.energy) what.emplace_back("potential energy");
  if (!known.virial) what.emplace_back("virial");
  if (what.empty()) return "";
  const std::string lost = !known.energy ? "∂χ/∂temperature and ∂χ/∂a" : "∂χ/∂a";
  return "the trajectory's frames have no " + join(what, ", ") + ": " +
         (shown && !(known.energy && known.virial) ? lost + ", and " : "") +
         "the quantities that need it are left out";
}

}  // namespace twin::app
