// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/spectrum.h"

#include <cmath>
#include <numbers>
#include <random>
#include <sstream>

#include "app/arrays.h"
#include "atoms/element.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/xdi.h"
#include "numeric/spline.h"

namespace twin::app {

namespace {

constexpr double edge_width_eV = 2.0;  // of the arctangent

// 10 eV steps before the edge, 0.5 eV through it, then 0.05 1/Å.
std::vector<double> energy_grid(double threshold_eV, double kmax) {
  std::vector<double> out;
  for (double e = -200; e < -30; e += 10) out.push_back(threshold_eV + e);
  for (double e = -30; e < 20; e += 0.5) out.push_back(threshold_eV + e);
  for (double k = 2.3; k <= kmax; k += 0.05) out.push_back(threshold_eV + k * k / etok);
  return out;
}

// The atom's own µ, e eV above the threshold: an edge of height one on a falling line, a slow curve
// behind it.
double bare(double e) {
  const double edge = 0.5 + std::atan(e / edge_width_eV) / std::numbers::pi;
  return 0.8 - 2e-4 * e + edge * (1.0 - 1.2e-4 * e + 3e-8 * e * e);
}

}  // namespace

void write_spectrum(const record::State& state, const SimulateSettings& settings) {
  if (state.simulated.empty() || !state.simulated.front().arrays.contains("chi"))
    throw Error(Cause::usage, "--spectrum: the model asks for no absorption");
  const auto& m = state.simulated.front();
  const auto k = column(m, "k");
  const numeric::CubicSpline chi(k, column(m, "chi"));
  std::mt19937_64 random(static_cast<std::uint64_t>(state.seed.value_or(1)));
  std::normal_distribution<double> noise(0.0, settings.noise);

  formats::ScanFile file;
  file.names = {"energy", "mu"};
  file.units = {"eV", ""};
  file.columns.resize(2);
  const auto edge = atoms::parse_edge(m.edge);
  file.metadata["element.symbol"] = edge.element;
  file.metadata["element.edge"] = edge.level;
  file.metadata["sample.name"] = "synthetic: simulated, not measured";
  for (const double e : energy_grid(settings.threshold_eV, k[k.size() - 1] - 0.5)) {
    const double k2 = etok * (e - settings.threshold_eV - settings.e0_shift_eV);
    const double fine = k2 > 0.25 ? settings.s02 * chi(std::sqrt(k2))[0] : 0.0;
    const double above = e > settings.threshold_eV ? 1.0 : 0.0;
    file.columns[0].push_back(e);
    file.columns[1].push_back(bare(e - settings.threshold_eV) + above * fine + noise(random));
  }
  std::ostringstream text;
  formats::write_xdi(text, file);
  write_file_atomically(settings.spectrum, text.str());
}

}  // namespace twin::app
