// SPDX-License-Identifier: GPL-3.0-or-later
#include "show/mixture_draws.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "xas/oracle.h"
#include "xas/pre_edge.h"

namespace mixtures {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using twin::numeric::CubicSpline;
using twin::record::LcfSettings;
using twin::record::ReduceSettings;

ReduceSettings ranges(double e0, double pre1, double pre2, double norm1, double norm2, int nnorm) {
  ReduceSettings out;
  out.e0 = e0;
  out.pre1 = pre1, out.pre2 = pre2, out.norm1 = norm1, out.norm2 = norm2;
  out.nnorm = nnorm;
  return out;
}

Curve read(const std::string& name) {
  const Eigen::MatrixXd all = oracle::curve(name, "mu");
  if (all.rows() == 0) {
    std::fprintf(stderr, "mixtures: %s: no such curve\n", name.c_str());
    std::exit(66);
  }
  return {all.col(0), all.col(1)};
}

// Repeats are laid over the first, as anybody does before standards are used: scans of YBCO lie up
// to 0.29 eV apart.
void align(Curve& curve, const Curve& to, const Case& what) {
  LcfSettings settings;
  settings.emin = what.emin, settings.emax = what.emax;
  const auto fit =
      twin::xas::fit_lcf(curve.energy, normalised(curve, what.reduce), *what.reduce.e0,
                         {{"first", to.energy, normalised(to, what.reduce)}}, settings);
  curve.energy.array() -= fit.shift;
}

VectorXd white(Random& random, Index n, double sigma) {
  std::normal_distribution<double> normal(0, sigma);
  return VectorXd::NullaryExpr(n, [&] { return normal(random); });
}

std::vector<double> simplex(Random& random, std::size_t n, double least) {
  std::exponential_distribution<double> exponential(1.0);
  std::vector<double> out(n);
  double sum = 0;
  for (double& f : out) sum += f = exponential(random);
  for (double& f : out) f = least + (1 - static_cast<double>(n) * least) * f / sum;
  return out;
}

}  // namespace

std::vector<Case> cases() {
  const std::string fe = "FeFoil_QXAFS_Compare.prj::", au = "cyanobacteria.prj::";
  // gypsum_rt_01 is no repeat of these: its white line is 5 % higher, χ² 9 to 14 against 0.8.
  const std::vector<std::string> gypsum = {"sK/gypsum_rt_02.xdi", "sK/gypsum_rt_03.xdi"};
  const std::vector<std::string> cold = {"ybco_BaL3/bal3_010.dat", "ybco_BaL3/bal3_011.dat",
                                         "ybco_BaL3/bal3_012.dat"};
  const std::vector<std::string> warm = {"ybco_BaL3/bal3_300.dat", "ybco_BaL3/bal3_301.dat",
                                         "ybco_BaL3/bal3_302.dat"};
  const std::vector<std::string> foil = {fe + "Fe_foil_250msec_qxafs_001",
                                         fe + "Fe_foil_250msec_qxafs_002"};
  return {
      {"S K gypsum, sulphur",
       {gypsum, {"sK/S_elemental_rt_01.xdi"}},
       ranges(2472, -20, -6, 18, 45, 1),
       -10,
       40,
       0.003,
       ""},
      {"V K V2O5, V2O3",
       {{"vK/V2O5.xdi"}, {"vK/V2O3.xdi"}},
       ranges(5475, -85, -30, 100, 580, 2),
       -20,
       60,
       0.003,
       ""},
      {"V K V2O5, V2O3, V",
       {{"vK/V2O5.xdi"}, {"vK/V2O3.xdi"}, {"vK/V_foil.xdi"}},
       ranges(5475, -85, -30, 100, 580, 2),
       -20,
       60,
       0.003,
       ""},
      {"Pb L3 PbI2, PbO2",
       {{"pbL3_camd/pbI2.dat"}, {"pbL3_camd/pbO2.dat"}},
       ranges(13035, -140, -40, 60, 230, 2),
       -20,
       60,
       0.003,
       ""},
      {"Pb L3 PbI2, PbBr2, PbO2",
       {{"pbL3_camd/pbI2.dat"}, {"pbL3_camd/pbBr2.dat"}, {"pbL3_camd/pbO2.dat"}},
       ranges(13035, -140, -40, 60, 230, 2),
       -20,
       60,
       0.003,
       ""},
      {"Au L3 Au(III)Cl, foil, sulphide",
       {{au + "Au3_Cl_aq"}, {au + "Au_foil"}, {au + "Au_sulphide"}},
       ranges(11919, -150, -30, 150, 850, 2),
       -20,
       80,
       0.003,
       ""},
      {"Fe K foil, FeO",
       {foil, {"feo_xafs.dat"}},
       ranges(7112, -90, -30, 100, 500, 2),
       -20,
       60,
       0.003,
       ""},
      {"Fe K foil, FeO, FeS2",
       {foil, {"feo_xafs.dat"}, {"fes2_rt01_mar02.xmu"}},
       ranges(7112, -90, -30, 100, 500, 2),
       -20,
       60,
       0.003,
       ""},
      {"Ba L3 YBCO 10 K, 300 K",
       {cold, warm},
       ranges(5247, -190, -40, 60, 350, 1),
       -20,
       60,
       0.003,
       "repeats differ by more than the two states do"},
  };
}

VectorXd normalised(const Curve& curve, const ReduceSettings& reduce) {
  std::vector<std::string> ignored;
  return twin::xas::pre_edge(curve.energy, curve.mu, *reduce.e0, reduce, ignored).norm;
}

double Broadened::operator()(double energy, double sigma, Index& hint) const {
  static constexpr std::array<std::array<double, 2>, 5> nodes{
      {{0.0, 0.7202352156060510},
       {0.7235510187528376, 0.4326515590025558},
       {1.4685532892166679, 0.0884745273943766},
       {2.2665805845318431, 0.0049436242755370},
       {3.1909932017815276, 0.0000396069772633}}};
  const auto at = [&](double x) {
    double value = 0, slope = 0;
    spline.evaluate(std::clamp(x, spline.front(), spline.back()), hint, &value, &slope);
    return value;
  };
  if (!(sigma > 0)) return at(energy);
  double sum = nodes[0][1] * at(energy);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const double dx = std::sqrt(2.0) * sigma * nodes[i][0];
    sum += nodes[i][1] * (at(energy + dx) + at(energy - dx));
  }
  return sum / std::sqrt(std::numbers::pi);
}

Standard load(const std::vector<std::string>& names, const Case& what) {
  const ReduceSettings& reduce = what.reduce;
  Standard out;
  for (const std::string& name : names) {
    Curve curve = read(name);
    if (!out.repeats.empty()) align(curve, out.repeats.front(), what);
    std::vector<std::string> ignored;
    const auto done = twin::xas::pre_edge(curve.energy, curve.mu, *reduce.e0, reduce, ignored);
    out.repeats.push_back(curve);
    out.splines.push_back({CubicSpline(curve.energy, done.norm)});
    out.step.push_back(done.edge_step);
    out.known.push_back(twin::xas::step_uncertainty(curve.energy, curve.mu, reduce));
  }
  for (std::size_t i = 0; i < names.size() && names.size() > 1; ++i) {
    std::vector<twin::xas::LcfStandard> repeats;
    for (std::size_t j = 0; j < names.size(); ++j) {
      const Curve& curve = out.repeats[(i + j) % names.size()];
      repeats.push_back({"", curve.energy, normalised(curve, reduce)});
    }
    out.spreads.push_back(twin::xas::spread_of_repeats(repeats));
  }
  return out;
}

Draw draw(Random& random, const Case& what, const std::vector<Standard>& standards,
          const Distortion& distortion) {
  Draw out;
  out.fractions = simplex(random, standards.size(), 0.1);
  std::vector<const Broadened*> used;
  double from = 0, to = 1e9;
  for (std::size_t j = 0; j < standards.size(); ++j) {
    const Standard& standard = standards[j];
    const std::size_t n = standard.repeats.size(), mine = random() % n;
    const std::size_t other = n > 1 ? (mine + 1 + random() % (n - 1)) % n : mine;
    used.push_back(&standard.splines[mine]);
    from = std::max(from, standard.splines[mine].spline.front() + 1);
    to = std::min(to, standard.splines[mine].spline.back() - 1);
    Curve fitted = standard.repeats[other];
    if (n == 1)
      fitted.mu +=
          white(random, fitted.mu.size(), standard.known[mine].noise * standard.step[mine]);
    // Measured once: the measurement is the truth, the fresh noise is all that separates the two.
    const auto known = n == 1 ? standard.known[mine]
                              : twin::xas::step_uncertainty(fitted.energy, fitted.mu, what.reduce);
    out.standards.push_back({"s" + std::to_string(j), fitted.energy,
                             normalised(fitted, what.reduce), known.noise, known.step_sigma});
    if (n == 1) continue;
    // The mixture is made of the one repeat, fitted with the other: what lies between two repeats
    // is √2 of what one has, and their noise and step are in it.
    twin::xas::LcfStandard& last = out.standards.back();
    last.step_sigma = 0;
    last.spread = std::sqrt(2.0) * standard.spreads[other];
  }
  const VectorXd& grid = standards[0].repeats[0].energy;
  std::vector<double> inside;
  for (const double e : grid)
    if (e > from && e < to) inside.push_back(e);
  const auto points = static_cast<Index>(inside.size());
  out.mixture.energy = Eigen::Map<VectorXd>(inside.data(), points);
  std::vector<Index> hints(used.size(), 0);
  out.mixture.mu = out.mixture.energy.unaryExpr([&](double e) {
    double n = 0;
    for (std::size_t j = 0; j < used.size(); ++j)
      n += out.fractions[j] * (*used[j])(e - distortion.shift, distortion.broadening, hints[j]);
    n /= 1 + distortion.self_absorption * (n - 1);
    return 0.7 * n + 0.3 - 2e-4 * (e - *what.reduce.e0);
  });
  out.mixture.mu += white(random, points, 0.7 * what.noise);
  return out;
}

}  // namespace mixtures
