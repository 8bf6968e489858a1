// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "feff/feff.h"

namespace twin::feff {

namespace {

using Path = xas::ScatteringPath;

constexpr double same_shell = 0.02;  // Å

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(Cause::configuration, "path " + printable(name) + ": " + what);
}

/// "Pb-I.2", taken apart.
struct ShellName {
  std::string absorber, scatterer;
  std::size_t number = 0;
};

ShellName parse_shell(const std::string& name) {
  const auto dash = name.find('-'), dot = name.rfind('.');
  if (dash != std::string::npos && dot != std::string::npos && dash < dot) {
    const auto number = parse_integer(std::string_view(name).substr(dot + 1));
    ShellName shell{name.substr(0, dash), name.substr(dash + 1, dot - dash - 1), 0};
    if (number && *number > 0 && !shell.absorber.empty() && !shell.scatterer.empty()) {
      shell.number = static_cast<std::size_t>(*number);
      return shell;
    }
  }
  fail(name, "expected absorber, scatterer and the number of the shell, as Pb-I.1");
}

using Shell = std::vector<const Path*>;

/// The single-scattering paths of a scatterer, by distance, those that nothing tells apart
/// together.
std::vector<Shell> shells_of(const Paths& paths, const std::string& scatterer) {
  std::vector<Shell> shells;
  for (const Path& path : paths.paths) {
    if (path.legs != 2 || path.elements.size() != 2 || path.elements[1] != scatterer) continue;
    if (shells.empty() || path.reff - shells.back().front()->reff > same_shell)
      shells.emplace_back();
    shells.back().push_back(&path);
  }
  return shells;
}

std::string scatterers(const Paths& paths) {
  std::vector<std::string> found;
  for (const Path& path : paths.paths)
    if (path.legs == 2 && path.elements.size() == 2 &&
        std::ranges::find(found, path.elements[1]) == found.end())
      found.push_back(path.elements[1]);
  return found.empty() ? "none" : join(found, ", ");
}

std::string distances(const std::vector<Shell>& shells) {
  constexpr std::size_t most = 8;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(shells.size(), most); ++i)
    shown.push_back(significant(shells[i].front()->reff, 4));
  if (shells.size() > most) shown.push_back("...");
  return join(shown, ", ");
}

Path combined(const Shell& shell) {
  double degeneracy = 0, reff = 0;
  for (const Path* path : shell) {
    degeneracy += path->degeneracy;
    reff += path->degeneracy * path->reff;
  }
  reff /= degeneracy;
  Path result = **std::ranges::min_element(
      shell, {}, [reff](const Path* path) { return std::abs(path->reff - reff); });
  result.degeneracy = degeneracy;
  if (shell.size() > 1) result.reff = reff;
  return result;
}

}  // namespace

Path choose(const Paths& paths, const std::string& name) {
  const auto [absorber, scatterer, number] = parse_shell(name);
  if (paths.paths.empty() || paths.paths.front().elements.empty())
    fail(name, "there are no paths to choose from");
  if (const auto& centre = paths.paths.front().elements.front(); centre != absorber)
    fail(name, "the absorber is " + centre);
  const auto shells = shells_of(paths, scatterer);
  if (shells.empty())
    fail(name, "no " + printable(scatterer) + " near enough; around " + absorber + " there are " +
                   scatterers(paths) + "; expected one of these, or a larger rmax");
  if (number > shells.size())
    fail(name, std::to_string(shells.size()) + " shells of " + scatterer + " are near enough (" +
                   distances(shells) + " Å); expected one of these, or a larger rmax");
  Path result = combined(shells[number - 1]);
  result.name = name;
  return result;
}

Path choose(const Paths& paths, int index) {
  if (index < 1 || static_cast<std::size_t>(index) > paths.paths.size())
    throw Error(Cause::configuration, "path " + std::to_string(index) + ": expected 1 to " +
                                          std::to_string(paths.paths.size()));
  return paths.paths[static_cast<std::size_t>(index) - 1];
}

}  // namespace twin::feff
