// SPDX-License-Identifier: GPL-3.0-or-later
// show_coverage [--draws 2000] [--noise 0.002]: how often an interval of one standard error, by the
// random covariance of a fit, holds the truth; one and two shells, in k, R and q, noise white in
// χ(k) and estimated by each fit from its own data.
#include "xas/coverage.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  int draws = 2000;
  double noise = 2e-3;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string(argv[i]) == "--draws") draws = std::atoi(argv[i + 1]);
    if (std::string(argv[i]) == "--noise") noise = std::atof(argv[i + 1]);
  }
  if (draws < 1 || !(noise > 0)) return 64;
  std::printf("%d draws, noise %g of chi(k); 68.3 %% is right, to %.1f %%\n", draws, noise,
              100 * std::sqrt(0.683 * 0.317 / draws));
  double worst = 0;
  for (int shells = 1; shells <= 2; ++shells)
    for (const char* space : {"k", "r", "q"})
      for (const auto& weights : {std::vector<double>{2}, std::vector<double>{1, 2, 3}}) {
        twin::record::FitSettings settings;
        settings.space = space;
        settings.kweights = weights;
        const auto given = twin::xas::synthetic(shells, settings);
        const auto out = twin::xas::coverage(given, noise, draws, 1);
        std::printf("%d shell%s in %s, k weight %s (%d converged)\n", shells,
                    shells == 1 ? "" : "s", space, weights.size() == 1 ? "2" : "1 2 3", out.draws);
        for (std::size_t j = 0; j < out.names.size(); ++j) {
          const auto at = static_cast<Eigen::Index>(j);
          std::printf("  %-14s %5.1f %%   bias %+.2f sigma\n", out.names[j].c_str(),
                      100 * out.share[at], out.bias[at]);
          worst = std::max(worst, std::abs(out.share[at] - 0.6827));
        }
      }
  std::printf("farthest from 68.3 %%: %.1f\n", 100 * worst);
  return worst < 0.03 ? 0 : 1;
}
