// SPDX-License-Identifier: GPL-3.0-or-later
#include "feff/feff.h"

#include <algorithm>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "feff/input.h"
#include "feff/run.h"

namespace twin::feff {

namespace {

/// "Feff 6L.02", from the first line of a feffNNNN.dat.
std::string version_of(const std::string& feff_dat) {
  const std::string line = feff_dat.substr(0, feff_dat.find('\n'));
  const auto at = line.find("Feff ");
  if (at == std::string::npos) return "Feff, version unknown";
  const auto found = words(std::string_view(line).substr(at));
  return found.size() < 2 ? "Feff" : "Feff " + std::string(found[1]);
}

Paths read_paths(const Files& files, const std::string& input_sha256) {
  Paths result;
  result.input_sha256 = input_sha256;
  for (const auto& [name, content] : files) {  // feff0001.dat first: the names are in order
    if (!is_path_file(name)) continue;
    if (result.version.empty()) result.version = version_of(content);
    result.paths.push_back(parse_feff_dat(content, name));
  }
  return result;
}

Eigen::MatrixX3d straight(double r) {
  Eigen::MatrixX3d atoms = Eigen::MatrixX3d::Zero(2, 3);
  atoms(1, 0) = r;
  return atoms;
}

/// phase.bin of the ideal crystal or structure, whose feff.inp is \p ideal.
std::string phases_of(const std::string& ideal) {
  Files left = run({{"feff.inp", ideal}}, Cache());
  const auto bin = left.find("phase.bin");
  if (bin == left.end())
    throw Error(Cause::unavailable, "feff: feff6l left no phase.bin; expected its phase shifts");
  return std::move(bin->second);
}

/// genfmt alone, on \p dat, with the potentials of the ideal crystal or structure.
Paths with_frozen_potentials(const Request& request, const std::string& dat, std::size_t paths) {
  const std::string ideal = ideal_input(request), inp = genfmt_input(request);
  Paths result = read_paths(
      run({{"feff.inp", inp}, {"paths.dat", dat}, {"phase.bin", phases_of(ideal)}}, Cache()),
      sha256(ideal + inp + dat));
  if (result.paths.size() != paths)
    throw Error(Cause::unavailable, "feff: feff6l made " + std::to_string(result.paths.size()) +
                                        " paths of " + std::to_string(paths));
  return result;
}

}  // namespace

Paths ideal_paths(const Request& request) {
  const std::string input = ideal_input(request);
  Paths result = read_paths(run({{"feff.inp", input}}, Cache()), sha256(input));
  std::stable_sort(result.paths.begin(), result.paths.end(),
                   [](const auto& one, const auto& other) { return one.reff < other.reff; });
  for (std::size_t i = 0; i < result.paths.size(); ++i)
    result.paths[i].name = "path " + std::to_string(i + 1);
  return result;
}

Paths frozen_paths(const Request& request, const std::vector<Eigen::MatrixX3d>& paths) {
  if (request.structure)
    throw Error(Cause::configuration,
                "feff: frozen paths of " + printable(request.structure->name) +
                    "; expected an ideal lattice: of other structures there are pairs only");
  return with_frozen_potentials(request, paths_dat({request.crystal.element, 1}, paths),
                                paths.size());
}

Paths frame_paths(const Request& request, const atoms::Structure& frame, const std::string& site) {
  const std::string ideal = ideal_input(request), inp = frame_input(request, frame, site);
  return read_paths(run({{"feff.inp", inp}, {"phase.bin", phases_of(ideal)}}, Cache("")),
                    sha256(ideal + inp));
}

Paths pair_nodes(const Request& request, const std::vector<double>& distances,
                 const std::string& scatterer) {
  std::vector<Eigen::MatrixX3d> paths;
  for (const double r : distances) {
    if (!(r > 0.5 && r < 20.0) || (!paths.empty() && r <= paths.back()(1, 0)))
      throw Error(Cause::configuration,
                  "feff: distance " + shortest(r) + " Å; expected 0.5 to 20, increasing");
    paths.push_back(straight(r));
  }
  return with_frozen_potentials(request, paths_dat(potential_of(request, scatterer), paths),
                                paths.size());
}

}  // namespace twin::feff
