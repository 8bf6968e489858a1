// SPDX-License-Identifier: GPL-3.0-or-later
// Mixtures of measured standards, taken apart again: bias and coverage of the fractions.
//
// Each draw makes raw µ of a mixture from one repeat of each standard: fractions drawn from the
// simplex (each at least 0.1), shifted, broadened, self-absorbed, with an edge step, a line and
// noise; then normalises it, and fits it with other repeats, normalised from their own raw µ.
// Where a standard was measured once, the other repeat is the measurement with fresh noise of its
// own level. What is printed: mean error of each fraction, and how many true fractions lie within
// one standard deviation.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "core/text.h"
#include "numeric/spline.h"
#include "xas/lcf.h"
#include "xas/oracle.h"
#include "xas/pre_edge.h"

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using twin::numeric::CubicSpline;
using twin::record::LcfSettings;
using twin::record::ReduceSettings;
using Random = std::mt19937_64;

struct Case {
  std::string name;
  std::vector<std::vector<std::string>> standards;  // repeats of each, names of curves
  ReduceSettings reduce;
  double emin, emax;
  double noise;  // of the mixture, in edge steps
};

ReduceSettings ranges(double e0, double pre1, double pre2, double norm1, double norm2, int nnorm) {
  ReduceSettings out;
  out.e0 = e0;
  out.pre1 = pre1, out.pre2 = pre2, out.norm1 = norm1, out.norm2 = norm2;
  out.nnorm = nnorm;
  return out;
}

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
       0.003},
      {"V K V2O5, V2O3",
       {{"vK/V2O5.xdi"}, {"vK/V2O3.xdi"}},
       ranges(5475, -85, -30, 100, 580, 2),
       -20,
       60,
       0.003},
      {"V K V2O5, V2O3, V",
       {{"vK/V2O5.xdi"}, {"vK/V2O3.xdi"}, {"vK/V_foil.xdi"}},
       ranges(5475, -85, -30, 100, 580, 2),
       -20,
       60,
       0.003},
      {"Pb L3 PbI2, PbO2",
       {{"pbL3_camd/pbI2.dat"}, {"pbL3_camd/pbO2.dat"}},
       ranges(13035, -140, -40, 60, 230, 2),
       -20,
       60,
       0.003},
      {"Pb L3 PbI2, PbBr2, PbO2",
       {{"pbL3_camd/pbI2.dat"}, {"pbL3_camd/pbBr2.dat"}, {"pbL3_camd/pbO2.dat"}},
       ranges(13035, -140, -40, 60, 230, 2),
       -20,
       60,
       0.003},
      {"Au L3 Au(III)Cl, foil, sulphide",
       {{au + "Au3_Cl_aq"}, {au + "Au_foil"}, {au + "Au_sulphide"}},
       ranges(11919, -150, -30, 150, 850, 2),
       -20,
       80,
       0.003},
      {"Fe K foil, FeO",
       {foil, {"feo_xafs.dat"}},
       ranges(7112, -90, -30, 100, 500, 2),
       -20,
       60,
       0.003},
      {"Fe K foil, FeO, FeS2",
       {foil, {"feo_xafs.dat"}, {"fes2_rt01_mar02.xmu"}},
       ranges(7112, -90, -30, 100, 500, 2),
       -20,
       60,
       0.003},
      {"Ba L3 YBCO 10 K, 300 K", {cold, warm}, ranges(5247, -190, -40, 60, 350, 1), -20, 60, 0.003},
  };
}

struct Curve {
  VectorXd energy, mu;
};

VectorXd normalised(const Curve& curve, const ReduceSettings& reduce) {
  std::vector<std::string> ignored;
  return twin::xas::pre_edge(curve.energy, curve.mu, *reduce.e0, reduce, ignored).norm;
}

// A spline through one repeat's norm, and a Gaussian over it by nine nodes of Gauss and Hermite.
struct Broadened {
  CubicSpline spline;
  double operator()(double energy, double sigma, Index& hint) const {
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
    return sum / std::sqrt(3.14159265358979323846);
  }
};

struct Distortion {
  double shift = 0, broadening = 0, self_absorption = 0;
};

// Everything of one case that is read once.
struct Standard {
  std::vector<Curve> repeats;
  std::vector<Broadened> splines;
  std::vector<double> step;
  std::vector<twin::xas::StepUncertainty> known;
  std::vector<Eigen::MatrixXd> spreads;  // on the grid of each repeat
};

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

// One draw: the mixture's raw µ and the standards that it is fitted with.
struct Draw {
  Curve mixture;
  std::vector<double> fractions;
  std::vector<twin::xas::LcfStandard> standards;
};

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

struct Tally {
  VectorXd bias, squares, inside, sigma;
  int draws = 0, failed = 0;
};

Tally run(const Case& what, const std::vector<Standard>& standards, const LcfSettings& settings,
          const Distortion& greatest, bool random_size, int draws) {
  Random random(20240607);
  const auto n = static_cast<Index>(standards.size());
  Tally out{VectorXd::Zero(n), VectorXd::Zero(n), VectorXd::Zero(n), VectorXd::Zero(n)};
  std::uniform_real_distribution<double> uniform(-1, 1), positive(0, 1);
  for (int i = 0; i < draws; ++i) {
    Distortion distortion = greatest;
    distortion.shift *= uniform(random);
    const double wide = positive(random), thick = positive(random);
    if (random_size) distortion.broadening *= wide, distortion.self_absorption *= thick;
    const Draw made = draw(random, what, standards, distortion);
    const auto fit = twin::xas::fit_lcf(made.mixture.energy, normalised(made.mixture, what.reduce),
                                        *what.reduce.e0, made.standards, settings);
    ++out.draws;
    if (!fit.converged) ++out.failed;
    for (Index j = 0; j < n; ++j) {
      const double error = fit.fractions[j] - made.fractions[static_cast<std::size_t>(j)];
      out.bias[j] += error;
      out.squares[j] += error * error;
      out.sigma[j] += fit.sigma[j] * fit.sigma[j];
      out.inside[j] += std::abs(error) <= fit.sigma[j];
    }
  }
  return out;
}

void print_header() {
  std::printf("%-33s %6s %4s %-8s | %-9s %8s %7s %7s %6s\n", "mixture", "draws", "bad", "distorted",
              "fraction", "bias", "error", "sigma", "inside");
}

// Error is the rms of fitted less true, sigma the rms of what the fit says about it.
void print(const Case& what, const std::string& distorted, const Tally& tally) {
  for (Index j = 0; j < tally.bias.size(); ++j) {
    const std::string& file = what.standards[static_cast<std::size_t>(j)].front();
    const std::string name = file.substr(file.find_last_of("/:") + 1);
    std::printf("%-33s %6d %4d %-9s | %-12.12s %+.4f  %.4f  %.4f  %5.1f %%\n",
                j == 0 ? what.name.c_str() : "", tally.draws, tally.failed, distorted.c_str(),
                name.c_str(), tally.bias[j] / tally.draws,
                std::sqrt(tally.squares[j] / tally.draws), std::sqrt(tally.sigma[j] / tally.draws),
                100.0 * tally.inside[j] / tally.draws);
  }
  std::fflush(stdout);
}

struct Options {
  int draws = 2000;
  std::string only;
  bool contrast = false;  // also without distortion, and with less refined
};

Options options_of(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
    if (word == "--draws")
      out.draws = std::atoi(value().c_str());
    else if (word == "--only")
      out.only = value();
    else if (word == "--contrast")
      out.contrast = true;
    else {
      std::fprintf(stderr, "usage: show_mixtures [--draws N] [--only PART-OF-NAME] [--contrast]\n");
      std::exit(64);
    }
  }
  return out;
}

void show(const Case& what, const Options& options) {
  std::vector<Standard> standards;
  for (const auto& names : what.standards) standards.push_back(load(names, what));
  LcfSettings plain;  // step, slope and shift
  plain.emin = what.emin, plain.emax = what.emax;
  plain.broadening = plain.self_absorption = false;
  LcfSettings full = plain;
  full.broadening = full.self_absorption = true;
  const Distortion all{0.5, 0.3, 0.1}, none{};
  print(what, "fully", run(what, standards, full, all, false, options.draws));
  if (!options.contrast) return;
  print(what, "up to", run(what, standards, full, all, true, options.draws));
  print(what, "not", run(what, standards, full, none, false, options.draws));
  print(what, "not, sss", run(what, standards, plain, none, false, options.draws));
  print(what, "fully,sss", run(what, standards, plain, all, false, options.draws));
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = options_of(argc, argv);
  if (!oracle::folder()) {
    std::printf("skipped: no measured data ($TWIN_DATA/xas)\n");
    return 0;
  }
  print_header();
  for (const Case& what : cases())
    if (what.name.find(options.only) != std::string::npos) show(what, options);
}
