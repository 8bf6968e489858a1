// SPDX-License-Identifier: GPL-3.0-or-later
#include "scans.h"

#include <cmath>
#include <numbers>

#include "core/constants.h"
#include "core/text.h"

namespace tools {

using twin::shortest;

namespace {

constexpr double edge_eV = 8979.0;

// An arctangent of 2 eV with a damped wave on it.
double mu(double energy) {
  const double above = energy - edge_eV;
  const double edge = 0.5 + std::atan(above / 2.0) / std::numbers::pi;
  const double k = above > 0 ? std::sqrt(twin::etok * above) : 0;
  const double rise = k > 0 ? -std::expm1(-std::pow(k / 3, 6)) / (k * k) : 0;  // not at the edge
  const double wave = rise * std::sin(2 * 2.3 * k) * std::exp(-0.02 * k * k);
  return 0.5 - 1e-4 * above + edge * (1 + wave);
}

std::string rows(int mark) {
  std::string out;
  for (double e = -200; e < -20; e += 5)
    out += shortest(edge_eV + e) + " " + shortest(mu(edge_eV + e)) + "\n";
  for (double e = -20; e < 40; e += 0.5)
    out += shortest(edge_eV + e) + " " + shortest(mu(edge_eV + e)) + "\n";
  for (double k = 3.25; k < 16; k += 0.05) {
    const double e = edge_eV + k * k / twin::etok;
    out += shortest(e) + " " + shortest(mu(e) + 1e-9 * mark) + "\n";
  }
  return out;
}

}  // namespace

std::string columns(int mark) { return "# energy mu\n" + rows(mark); }

std::string xdi(int mark) {
  return "# XDI/1.0 Test/1\n# Column.1: energy eV\n# Column.2: mu\n# Element.symbol: Cu\n"
         "# Element.edge: K\n# Mono.d_spacing: 3.13555\n# ---\n# energy mu\n" +
         rows(mark);
}

std::string recipe() {
  return "format: twin-recipe/1\ntechnique: xas\nedge: Cu K\ncolumns: {energy: energy, mu: mu}\n"
         "reduce: {pre1: -150, pre2: -30, norm1: 150, norm2: 900, nnorm: 2}\n"
         "autobk: {rbkg: 1.0, kweight: 2}\n"
         "fit: {space: r, kmin: 3, kmax: 12, dk: 1, kweights: [2], rmin: 1.4, rmax: 2.8}\n"
         "paths:\n"
         "  - {name: Cu-Cu.1, n: {value: 12, free: true}, r: {free: true}, sigma2: {free: true}, "
         "e0: {free: true}}\n"
         "feff: {lattice: fcc, element: Cu, a: 3.61 Å, rmax: 4.0, legs: 2, amplitude_sys: 2 %}\n";
}

std::string model() {
  return "format: twin-model/1\nname: copper\n"
         "structure: {lattice: fcc, element: Cu, a: 3.63 Å, supercell: [3, 3, 3]}\n"
         "potential: Cu_zhou\n"
         "ensemble: {nvt: {temperature: 295 K}}\n"
         "free:\n  a: {start: 3.63 Å, bounds: [3.5 Å, 3.8 Å]}\n"
         "run: {replicas: 1, equilibrate: 200, produce: 400, sample_every: 10, timestep: 4 fs}\n"
         "absorption: {edge: Cu K, rmax: 4 Å, legs: 2, kmax: 16, reference_a: 3.61 Å, "
         "multiple_scattering: none}\n"
         "fit_to: [r:Cu-Cu.1, sigma2:Cu-Cu.1]\nhold_back: [n:Cu-Cu.1]\n"
         "tolerance: {r:Cu-Cu.1: 0.02 Å, sigma2:Cu-Cu.1: 30 %, n:Cu-Cu.1: 2}\n"
         "measure_with: recipe.yaml\nbudget: 8\nseed: 1\n";
}

twin::record::Result result(const std::string& period, double r, double sigma) {
  twin::record::Result out;
  out.technique = "xas";
  out.edge = "Cu K";
  out.recipe_sha256 = std::string(64, 'a');
  out.context.scan = period + "-1";
  out.context.period = period;
  out.context.setup = "one";
  out.quantities["r:Cu-Cu.1"] = {r, sigma, 0.001, "Å", "exafs-fit", {}};
  return out;
}

std::string policy() {
  return "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nfalse_alarms: 5 %\nmodes:\n"
         "  quiet: {scan: full, every: 10 min}\n  track: {scan: quick, every: 1 min}\n"
         "quiet: quiet\ntrack: track\nsafe_mode: quiet\ncommands: {file: rate.yaml, ttl: 60 s}\n";
}

}  // namespace tools
