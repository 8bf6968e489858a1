// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_xas.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "app/arrays.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "feff/feff.h"
#include "numeric/spline.h"
#include "numeric/statistics.h"
#include "xas/bands.h"
#include "xas/fit.h"
#include "xas/reduce.h"
#include "xas/transform.h"

namespace twin::app {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Measurement;
using record::Quantity;
using record::Recipe;
using record::Result;

namespace {

// χ(k) ready for the fit, and how it came about.
struct Chi {
  VectorXd k, chi;
  std::optional<xas::Reduction> reduction;  // physical measurements only
};

// What a fit and the bands make of one χ(k): names with values, and the fits behind them.
struct Found {
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<std::pair<std::string, xas::Fit>> fits;  // suffix of the variant, fit
};

// χ(R) of k^w χ(k) is in 1/Å^(w+1).
std::string chi_r_unit(double kweight) {
  static const std::vector<std::string> units{"1/Å", "1/Å²", "1/Å³", "1/Å⁴"};
  return units.at(static_cast<std::size_t>(std::clamp(std::lround(kweight), 0L, 3L)));
}

std::string unit_of(const std::string& name, double kweight) {
  if (name.starts_with("chi_r:")) return chi_r_unit(kweight);
  const auto kind = name.substr(0, name.find(':'));
  if (kind == "r") return "Å";
  if (kind == "sigma2") return "Å²";
  if (kind == "c3") return "Å³";
  if (kind == "de0" || kind == "e0") return "eV";
  return "";
}

std::string band_name(const std::pair<double, double>& band) {
  return "chi_r:" + shortest(band.first) + "-" + shortest(band.second);
}

// "Cu-Cu.2" → 2: the shell's number is its place among the single-scattering paths.
int shell_number(const std::string& path_name) {
  const auto dot = path_name.rfind('.');
  const auto number = dot == std::string::npos
                          ? std::nullopt
                          : parse_integer(std::string_view(path_name).substr(dot + 1));
  if (!number || *number < 1)
    throw Error(Cause::configuration,
                "path " + printable(path_name) +
                    ": a shell is named ABSORBER-SCATTERER.NUMBER, as Cu-Cu.1");
  return static_cast<int>(*number);
}

std::vector<record::PathSettings> with_variant(std::vector<record::PathSettings> paths,
                                               const record::Variant& variant) {
  const auto parameter = [&](const std::string& name) -> record::PathParameter& {
    for (auto& path : paths) {
      if (name == "n:" + path.name) return path.n;
      if (name == "r:" + path.name) return path.r;
      if (name == "sigma2:" + path.name) return path.sigma2;
      if (name == "c3:" + path.name) return path.c3;
      if (name == "e0:" + path.name) return path.e0;
    }
    throw Error(Cause::configuration, "variant " + variant.name + ": no parameter " + name);
  };
  for (const auto& name : variant.free) parameter(name).free = true;
  for (const auto& name : variant.fixed) parameter(name).free = false;
  return paths;
}

}  // namespace

struct XasExtraction::State {
  Recipe recipe;
  std::vector<xas::ScatteringPath> shells;  // FEFF's path of each of recipe.paths
  std::string feff_version;
  std::optional<AmplitudeReduction> s02;

  [[nodiscard]] const record::ReduceSettings& reduce_settings(const std::string& scan) const;
  [[nodiscard]] Chi chi_of(const Measurement& m) const;
  [[nodiscard]] Found find(const VectorXd& k, const VectorXd& chi, double amplitude) const;
  void add_physical(Result& out, const Chi& chi, const Found& found) const;
  void add_digital(Result& out, const Measurement& m, const Chi& chi, const Found& found) const;
  void add_arrays(Result& out, const Chi& chi, const Found& found, double amplitude) const;
};

namespace {

AmplitudeReduction stated_reduction(const record::StandardSettings& standard) {
  return {*standard.s02, standard.s02_sigma.value_or(0), standard.s02_sigma_sys.value_or(0),
          "recipe"};
}

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

// χ on the k scale of the fitted E0, so that spectra of different thresholds can be laid together.
VectorXd on_fitted_scale(const VectorXd& k, const VectorXd& chi, double de0) {
  VectorXd source = VectorXd::Zero(k.size());
  for (Eigen::Index i = 0; i < k.size(); ++i)
    source[i] = std::sqrt(std::max(0.0, k[i] * k[i] + etok * de0));
  VectorXd out = numeric::CubicInterpolator(k, source)(chi);
  return (source.array() <= k[k.size() - 1]).select(out, 0.0);
}

}  // namespace

const record::ReduceSettings& XasExtraction::State::reduce_settings(const std::string& scan) const {
  // A synthetic repeat, "cu_150k+3", is reduced as its original.
  const auto own = recipe.reduce_by_scan.find(scan.substr(0, scan.find('+')));
  return own == recipe.reduce_by_scan.end() ? recipe.reduce : own->second;
}

Chi XasExtraction::State::chi_of(const Measurement& m) const {
  if (m.arrays.contains("k") && m.arrays.contains("chi"))
    return {column(m, "k"), column(m, "chi"), std::nullopt};
  const auto [energy, mu] = absorption(m, recipe.columns);
  Chi out;
  out.reduction = xas::reduce(energy, mu, reduce_settings(m.context.scan), recipe.autobk);
  out.k = out.reduction->k;
  out.chi = out.reduction->chi;
  return out;
}

Found XasExtraction::State::find(const VectorXd& k, const VectorXd& chi, double amplitude) const {
  Found out;
  const auto add = [&](const std::string& suffix, xas::Fit fit) {
    for (std::size_t i = 0; i < fit.names.size(); ++i) {
      out.names.push_back(fit.names[i] + suffix);
      out.values.push_back(fit.values[static_cast<Eigen::Index>(i)]);
    }
    out.fits.emplace_back(suffix, std::move(fit));
  };
  add("", xas::fit(chi, recipe.fit, recipe.paths, shells, amplitude));
  for (const auto& variant : recipe.variants)
    add("/" + variant.name,
        xas::fit(chi, recipe.fit, with_variant(recipe.paths, variant), shells, amplitude));
  if (recipe.bands.empty()) return out;

  const auto de0 = std::ranges::find_if(out.names, [](auto& n) { return n.starts_with("de0:"); });
  const double shift =
      de0 == out.names.end() ? 0.0 : out.values[static_cast<std::size_t>(de0 - out.names.begin())];
  const auto transform = xas::forward_transform(on_fitted_scale(k, chi, shift) / amplitude,
                                                recipe.fit.kmin, recipe.fit.kmax, recipe.fit.dk,
                                                recipe.fit.kweights.front(), recipe.fit.window);
  for (const auto& band : recipe.bands) {
    out.names.push_back(band_name(band));
    out.values.push_back(xas::band_rms(transform, band.first, band.second));
  }
  return out;
}

void XasExtraction::State::add_arrays(Result& out, const Chi& chi, const Found& found,
                                      double amplitude) const {
  out.arrays["k"] = inline_array(chi.k, "1/Å");
  out.arrays["chi"] = inline_array(chi.chi / amplitude, "");
  out.arrays["fit"] = inline_array(found.fits.front().second.model_chi / amplitude, "");
  const auto transform =
      xas::forward_transform(chi.chi / amplitude, recipe.fit.kmin, recipe.fit.kmax, recipe.fit.dk,
                             recipe.fit.kweights.front(), recipe.fit.window);
  const Eigen::Index shown = std::ranges::count_if(transform.r, [](double r) { return r <= 6.2; });
  out.arrays["r"] = inline_array(transform.r.head(shown), "Å");
  out.arrays["chi_r"] =
      inline_array(transform.chi.head(shown).cwiseAbs(), chi_r_unit(recipe.fit.kweights.front()));
}

// Random: the noise. Systematic: misfit beyond the noise, and what S0² brings.
void XasExtraction::State::add_physical(Result& out, const Chi& chi, const Found& found) const {
  const auto n = static_cast<Eigen::Index>(found.names.size());
  MatrixXd random = MatrixXd::Zero(n, n), systematic = MatrixXd::Zero(n, n);
  Eigen::Index at = 0;
  for (const auto& [suffix, fit] : found.fits) {
    const Eigen::Index m = fit.values.size();
    random.block(at, at, m, m) = fit.covariance;
    systematic.block(at, at, m, m) = fit.covariance * std::max(0.0, fit.reduced_chi2 - 1);
    at += m;
  }
  const double noise =
      xas::epsilon_r(chi.chi, recipe.fit, recipe.fit.kweights.front()) / s02->value;
  VectorXd by_s02 = VectorXd::Zero(n);  // d ln(quantity) / d ln(S0²) = -1 for amplitudes
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = found.names[static_cast<std::size_t>(i)];
    const bool band = name.starts_with("chi_r:");
    if (name.starts_with("n:") || band)
      by_s02[i] = -found.values[static_cast<std::size_t>(i)] / s02->value;
    if (band) random(i, i) = noise * noise;  // one independent point or more: an upper bound
  }
  random += by_s02 * by_s02.transpose() * s02->sigma * s02->sigma;
  systematic += by_s02 * by_s02.transpose() * s02->sigma_sys * s02->sigma_sys;

  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = found.names[static_cast<std::size_t>(i)];
    out.quantities[name] = Quantity{found.values[static_cast<std::size_t>(i)],
                                    std::sqrt(random(i, i)),
                                    std::sqrt(systematic(i, i)),
                                    unit_of(name, recipe.fit.kweights.front()),
                                    "exafs-fit",
                                    {}};
  }
  out.covariance = named(found.names, random);
  out.covariance_sys = named(found.names, systematic);
  if (chi.reduction) {
    out.quantities["e0"] = Quantity{chi.reduction->e0,
                                    {},
                                    {},
                                    "eV",
                                    reduce_settings(out.context.scan).e0 ? "stated" : "derivative",
                                    {}};
    out.quantities["edge_step"] =
        Quantity{chi.reduction->edge_step, {}, {}, "", "pre-post-edge", {}};
  }
  out.quantities["s02"] = Quantity{s02->value, s02->sigma, s02->sigma_sys, "", s02->source, {}};
}

// The simulation's own statistics: the fit once more on every delete-one-block χ(k); and along
// every tangent, by a central difference through the whole fit.
void XasExtraction::State::add_digital(Result& out, const Measurement& m, const Chi& chi,
                                       const Found& found) const {
  const auto n = static_cast<Eigen::Index>(found.names.size());
  const auto values = [&](const VectorXd& curve) {
    const Found f = find(chi.k, curve, 1.0);
    return VectorXd(Eigen::Map<const VectorXd>(f.values.data(), n));
  };
  MatrixXd random = MatrixXd::Zero(n, n);
  if (m.arrays.contains("chi_without_block")) {
    const MatrixXd blocks = matrix(m, "chi_without_block");
    MatrixXd deleted(blocks.rows(), n);
    for (Eigen::Index b = 0; b < blocks.rows(); ++b) deleted.row(b) = values(blocks.row(b));
    random = numeric::jackknife_covariance(deleted);
    out.covariance = named(found.names, random);
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = found.names[static_cast<std::size_t>(i)];
    out.quantities[name] = Quantity{found.values[static_cast<std::size_t>(i)],
                                    std::sqrt(random(i, i)),
                                    0.0,
                                    unit_of(name, recipe.fit.kweights.front()),
                                    "exafs-fit",
                                    {}};
  }
  std::vector<VectorXd> columns;
  for (const auto& [name, array] : m.arrays) {
    if (!name.starts_with("chi@")) continue;
    const VectorXd tangent = column(m, name);
    const double size = tangent.norm();
    if (size == 0) continue;
    const double step = 0.02 * chi.chi.norm() / size;
    columns.push_back((values(chi.chi + step * tangent) - values(chi.chi - step * tangent)) /
                      (2 * step));
    out.jacobian.columns.push_back(name.substr(4));
  }
  if (columns.empty()) return;
  out.jacobian.rows = found.names;
  for (Eigen::Index i = 0; i < n; ++i)
    for (const auto& c : columns) out.jacobian.matrix.push_back(c[i]);
}

XasExtraction::XasExtraction(Recipe recipe) : state_(std::make_unique<State>()) {
  const auto& feff = recipe.feff;
  if (recipe.paths.empty())
    throw Error(Cause::configuration, "recipe: paths: none; at least one shell is needed");
  const auto space = recipe.edge.rfind(' ');
  const auto answer =
      feff::ideal_paths({.crystal = {feff.lattice, feff.element, feff.a, {1, 1, 1}},
                         .edge = space == std::string::npos ? "K" : recipe.edge.substr(space + 1),
                         .rmax = feff.rmax,
                         .legs = feff.legs});
  state_->feff_version = answer.version;
  std::vector<xas::ScatteringPath> single;
  std::ranges::copy_if(answer.paths, std::back_inserter(single),
                       [](auto& p) { return p.legs == 2; });
  for (const auto& path : recipe.paths) {
    const auto shell = static_cast<std::size_t>(shell_number(path.name));
    if (shell > single.size())
      throw Error(Cause::configuration, "path " + path.name + ": the crystal has " +
                                            std::to_string(single.size()) + " shells within " +
                                            shortest(feff.rmax) + " Å");
    state_->shells.push_back(single[shell - 1]);
  }
  if (!recipe.standard)
    state_->s02 = AmplitudeReduction{1.0, 0.0, recipe.feff_amplitude_sys, "none: S0² = 1"};
  else if (recipe.standard->s02)
    state_->s02 = stated_reduction(*recipe.standard);
  state_->recipe = std::move(recipe);
}

XasExtraction::~XasExtraction() = default;

bool XasExtraction::waits_for_standard() const { return !state_->s02; }

bool XasExtraction::is_standard(const Measurement& m) const {
  return state_->recipe.standard && !state_->recipe.standard->s02 &&
         m.origin == record::Origin::physical && m.context.synthetic.empty() &&
         m.context.scan == state_->recipe.standard->scan;
}

void XasExtraction::learn_standard(const Measurement& m) {
  const auto& standard = *state_->recipe.standard;
  const Chi chi = state_->chi_of(m);
  const auto fit = xas::fit(chi.chi, state_->recipe.fit, state_->recipe.paths, state_->shells, 1.0);
  if (!fit.converged) throw Error(Cause::data, "standard " + standard.scan + ": " + fit.message);
  const auto at = std::ranges::find_if(fit.names, [](auto& n) { return n.starts_with("n:"); });
  if (at == fit.names.end() || standard.n <= 0)
    throw Error(Cause::configuration, "standard: its fit has no free n, or no known n is given");
  const auto i = static_cast<Eigen::Index>(at - fit.names.begin());
  const double variance = fit.covariance(i, i) / (standard.n * standard.n);
  state_->s02 = AmplitudeReduction{fit.values[i] / standard.n, std::sqrt(variance),
                                   std::sqrt(variance * std::max(0.0, fit.reduced_chi2 - 1)),
                                   "standard " + standard.scan};
}

Result XasExtraction::extract(const Measurement& m) const {
  const State& s = *state_;
  const Chi chi = s.chi_of(m);
  const bool digital = m.origin == record::Origin::digital;
  const double amplitude = digital ? 1.0 : s.s02->value;
  const Found found = s.find(chi.k, chi.chi, amplitude);

  Result out;
  if (!m.header.id.empty()) out.header.from = {m.header.id};
  out.origin = m.origin;
  out.technique = m.technique;
  out.edge = m.edge.empty() ? s.recipe.edge : m.edge;
  out.recipe_sha256 = s.recipe.sha256;
  out.recipe_name = s.recipe.name;
  out.context = m.context;
  out.status = m.status;
  out.revision = m.revision;
  out.warnings = m.warnings;
  if (digital)
    s.add_digital(out, m, chi, found);
  else
    s.add_physical(out, chi, found);
  s.add_arrays(out, chi, found, amplitude);
  for (const auto& [suffix, fit] : found.fits) {
    out.converged = out.converged && fit.converged;
    if (!fit.message.empty()) out.warnings.push_back("fit" + suffix + ": " + fit.message);
    record::Value statistics;
    statistics.set("r_factor", fit.r_factor).line = 0;
    statistics.set("reduced_chi2", fit.reduced_chi2);
    statistics.set("n_idp", fit.n_idp);
    statistics.set("epsilon_r", fit.epsilon_r);
    out.parameters.set("fit" + suffix, statistics);
  }
  out.parameters.set("feff", s.feff_version);
  if (chi.reduction) {
    for (const auto& text : chi.reduction->warnings) out.warnings.push_back(text);
    const auto& used = chi.reduction->used;
    record::Value range;
    range.set("e0", chi.reduction->e0);
    if (used.pre1) range.set("pre1", *used.pre1).line = 0;
    if (used.pre2) range.set("pre2", *used.pre2).line = 0;
    if (used.norm1) range.set("norm1", *used.norm1).line = 0;
    if (used.norm2) range.set("norm2", *used.norm2).line = 0;
    if (used.nnorm) range.set("nnorm", *used.nnorm).line = 0;
    out.parameters.set("reduce", range);
  }
  return out;
}

}  // namespace twin::app
