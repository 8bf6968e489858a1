// SPDX-License-Identifier: GPL-3.0-or-later
// show_exafs [--absorbers 4]: EXAFS of an ensemble beside FEFF6L itself, one figure a line, name
// and value with a tab between them. Needs feff6l; give it an empty $XDG_CACHE_HOME, or runs that
// are taken from the cache cost nothing.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "atoms/crystal.h"
#include "atoms/frame_structure.h"
#include "cubic_cspbi3.h"
#include "feff/feff.h"
#include "xas/ensemble.h"
#include "xas/fit.h"
#include "xas/transform.h"

namespace {

using namespace twin;
using Eigen::Index;
using Eigen::VectorXd;

constexpr double a = 6.29;      // Å
constexpr double reach = 5.0;   // Å
constexpr double spread = 0.1;  // Å an axis
constexpr int cells = 4;

feff::Request of_absorber(const char* absorber, const char* edge) {
  feff::Request request;
  request.structure = atoms::cell_of(cubic_cspbi3(a, cells));
  request.absorber = absorber;
  request.edge = edge;
  request.rmax = reach;
  request.legs = 2;
  return request;
}

// rms difference of k χ over k 3-14, relative.
double difference(const VectorXd& k, const VectorXd& one, const VectorXd& other) {
  double apart = 0, all = 0;
  for (Index i = 0; i < k.size(); ++i) {
    if (k[i] < 3 || k[i] > 14) continue;
    apart += std::pow(k[i] * (one[i] - other[i]), 2);
    all += std::pow(k[i] * other[i], 2);
  }
  return std::sqrt(apart / all);
}

// Tables of every pair of a perovskite on FEFF's own points of k: at their nodes, and between them.
void against_paths() {
  struct Pair {
    const char *absorber, *edge, *scatterer;
    double first;  // Å, the nearest of the ideal crystal
  };
  const Pair pairs[] = {{"Pb", "L3", "I", 3.145}, {"Pb", "L3", "Cs", 5.447},
                        {"Pb", "L3", "Pb", 6.29}, {"I", "L3", "Pb", 3.145},
                        {"I", "K", "Pb", 3.145},  {"I", "K", "I", 4.448}};
  for (const auto& [absorber, edge, scatterer, first] : pairs) {
    std::vector<double> nodes, between;
    for (int i = 0; i < 9; ++i) nodes.push_back(first - 0.75 + 0.3 * i);
    for (int i = 1; i < 7; ++i) between.push_back(first - 0.70 + 0.3 * i);
    const auto request = of_absorber(absorber, edge);
    const auto paths = feff::pair_nodes(request, nodes, scatterer).paths;
    const xas::PairTable table(paths, paths.front().k);
    const auto farthest = [&](const std::vector<xas::ScatteringPath>& of) {
      double worst = 0;
      for (const auto& path : of)
        worst = std::max(
            worst, difference(table.k(), table.chi(path.reff), xas::path_chi(path, {}, table.k())));
      return worst;
    };
    std::printf("nodes %s %s %s\t%.6f\n", absorber, edge, scatterer, farthest(paths));
    std::printf("between %s %s %s\t%.6f\n", absorber, edge, scatterer,
                farthest(feff::pair_nodes(request, between, scatterer).paths));
  }
}

double cpu_seconds(int who) {
  rusage used{};
  getrusage(who, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

// The ideal crystal with every atom displaced.
atoms::Frame disordered(const atoms::Frame& ideal) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, spread);
  atoms::Frame out = ideal;
  for (double& x : out.positions.reshaped()) x += normal(random);
  return out;
}

// One frame of 320 atoms, Pb L3: all of its absorbers by the ensemble, a few of them by FEFF.
void one_frame(int absorbers) {
  const auto crystal = cubic_cspbi3(a, cells);
  const auto ideal = atoms::build_crystal(crystal);
  const auto elements = atoms::elements(crystal);
  const auto frame = disordered(ideal);
  const VectorXd k = xas::k_grid(301);
  xas::Scatterers scatterers;
  for (const std::string& element : elements) {
    std::vector<double> nodes;
    for (int i = 0; i < 16; ++i) nodes.push_back(2.0 + 0.3 * i);
    scatterers.tables.emplace_back(feff::pair_nodes(of_absorber("Pb", "L3"), nodes, element).paths,
                                   k);
  }
  xas::EnsembleSettings settings;
  settings.rmax = reach;
  xas::Ensemble ensemble(scatterers, {}, ideal, settings);
  constexpr int repeats = 2000;
  const double before = cpu_seconds(RUSAGE_SELF);
  for (int i = 0; i < repeats; ++i) ensemble.add(frame, 0, {});
  const double adding = (cpu_seconds(RUSAGE_SELF) - before) / repeats;
  const double at_end = cpu_seconds(RUSAGE_SELF);
  const VectorXd chi = ensemble.chi();
  const double summing = cpu_seconds(RUSAGE_SELF) - at_end;

  feff::Request request = of_absorber("Pb", "L3");
  request.structure = atoms::structure_of(frame, elements);
  VectorXd mean = VectorXd::Zero(k.size());
  double sites = 0;
  int done = 0;
  const double children = cpu_seconds(RUSAGE_CHILDREN);
  for (std::size_t i = 0; i < request.structure->sites.size() && done < absorbers; ++i) {
    if (request.structure->sites[i].element != "Pb") continue;
    request.site = request.structure->sites[i].label;
    for (const auto& path : feff::ideal_paths(request).paths) {
      xas::PathValues values;
      values.amplitude = path.degeneracy;
      mean += xas::path_chi(path, values, k);
      sites += path.degeneracy;
    }
    ++done;
  }
  const double each = (cpu_seconds(RUSAGE_CHILDREN) - children) / done;
  const auto all = static_cast<double>(std::ranges::count(frame.species, 0));
  std::printf("frame ms\t%.6f\n", 1e3 * adding);
  std::printf("sum ms\t%.6f\n", 1e3 * summing);
  std::printf("feff absorber s\t%.6f\n", each);
  std::printf("feff runs\t%d\n", done);
  std::printf("feff neighbours\t%.2f\n", sites / done);
  std::printf("ratio\t%.0f\n", each * all / adding);
  std::printf("ratio with its sum\t%.0f\n", each * all / (adding + summing));
  if (done == static_cast<int>(all))
    std::printf("difference\t%.6f\n", difference(k, chi, mean / done));
}

}  // namespace

int main(int argc, char** argv) {
  int absorbers = 4;
  for (int i = 1; i + 1 < argc; i += 2)
    if (std::string(argv[i]) == "--absorbers") absorbers = std::atoi(argv[i + 1]);
  if (absorbers < 1) return 64;
  if (!std::filesystem::exists("/usr/bin/feff6l")) return 77;
  against_paths();
  one_frame(absorbers);
}
