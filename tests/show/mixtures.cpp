// SPDX-License-Identifier: GPL-3.0-or-later
// Mixtures of measured standards, taken apart again: bias and coverage of the fractions.
//
// Each draw makes raw µ of a mixture from one repeat of each standard: fractions drawn from the
// simplex (each at least 0.1), shifted, broadened, self-absorbed, with an edge step, a line and
// noise; then normalises it, and fits it with other repeats, normalised from their own raw µ.
// Where a standard was measured once, the other repeat is the measurement with fresh noise of its
// own level. What is printed: mean error of each fraction, and how many true fractions lie within
// one standard deviation, random and systematic together: repeats differ by more than their noise,
// and that is misfit. Distorted "fully": shift up to ±0.5 eV, 0.3 eV of broadening, 10 % of
// self-absorption; "up to": the last two at random below that; "not": noise alone. All is refined,
// with "sss" step, slope and shift alone. Exit status 1 where the claim is not met.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "show/mixture_draws.h"
#include "xas/oracle.h"

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using mixtures::Case;
using mixtures::Distortion;
using mixtures::Draw;
using mixtures::Standard;
using twin::record::LcfSettings;

struct Tally {
  VectorXd bias, squares, inside, sigma;
  int draws = 0, failed = 0;
};

Tally run(const Case& what, const std::vector<Standard>& standards, const LcfSettings& settings,
          const Distortion& greatest, bool random_size, int draws) {
  mixtures::Random random(20240607);
  const auto n = static_cast<Index>(standards.size());
  Tally out{VectorXd::Zero(n), VectorXd::Zero(n), VectorXd::Zero(n), VectorXd::Zero(n)};
  std::uniform_real_distribution<double> uniform(-1, 1), positive(0, 1);
  for (int i = 0; i < draws; ++i) {
    Distortion distortion = greatest;
    distortion.shift *= uniform(random);
    const double wide = positive(random), thick = positive(random);
    if (random_size) distortion.broadening *= wide, distortion.self_absorption *= thick;
    const Draw made = mixtures::draw(random, what, standards, distortion);
    const auto fit =
        twin::xas::fit_lcf(made.mixture.energy, mixtures::normalised(made.mixture, what.reduce),
                           *what.reduce.e0, made.standards, settings);
    ++out.draws;
    if (!fit.converged) ++out.failed;
    for (Index j = 0; j < n; ++j) {
      const double error = fit.fractions[j] - made.fractions[static_cast<std::size_t>(j)];
      out.bias[j] += error;
      out.squares[j] += error * error;
      const double total = std::hypot(fit.sigma[j], fit.sigma_sys[j]);
      out.sigma[j] += total * total;
      out.inside[j] += std::abs(error) <= total;
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

// Bias at most 0.01, 68 ± 3 % inside; fewer draws than 2000 are allowed two standard deviations of
// their number more.
bool as_claimed(const Tally& tally) {
  const double scatter = tally.draws < 2000 ? 2 * 46.5 / std::sqrt(tally.draws) : 0.0;
  bool good = tally.failed == 0;
  for (Index j = 0; j < tally.bias.size(); ++j)
    good = good && std::abs(tally.bias[j]) <= 0.01 * tally.draws &&
           std::abs(100.0 * tally.inside[j] / tally.draws - 68.3) <= 3 + scatter;
  return good;
}

// False where the claim is not met by data that should.
bool show(const Case& what, const Options& options) {
  std::vector<Standard> standards;
  for (const auto& names : what.standards) standards.push_back(mixtures::load(names, what));
  LcfSettings plain;  // step, slope and shift
  plain.emin = what.emin, plain.emax = what.emax;
  plain.broadening = plain.self_absorption = false;
  LcfSettings full = plain;
  full.broadening = full.self_absorption = true;
  const Distortion all{0.5, 0.3, 0.1}, none{};
  const Tally claimed = run(what, standards, full, all, false, options.draws);
  print(what, "fully", claimed);
  const bool good = as_claimed(claimed);
  if (!good)
    std::printf("  outside of the claim%s%s\n", what.limit.empty() ? "" : ": ", what.limit.c_str());
  if (!options.contrast) return good || !what.limit.empty();
  print(what, "up to", run(what, standards, full, all, true, options.draws));
  print(what, "not", run(what, standards, full, none, false, options.draws));
  print(what, "not, sss", run(what, standards, plain, none, false, options.draws));
  print(what, "fully,sss", run(what, standards, plain, all, false, options.draws));
  return good || !what.limit.empty();
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = options_of(argc, argv);
  if (!oracle::folder()) {
    std::printf("skipped: no measured data ($TWIN_DATA/xas)\n");
    return 0;
  }
  print_header();
  bool good = true;
  for (const Case& what : mixtures::cases())
    if (what.name.find(options.only) != std::string::npos) good = show(what, options) && good;
  return good ? 0 : 1;
}
