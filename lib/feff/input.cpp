// SPDX-License-Identifier: GPL-3.0-or-later
#include "feff/input.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "atoms/crystal.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::feff {

namespace {

constexpr std::size_t most_potentials = 8;  // of FEFF6L

[[noreturn]] void fail(const Request& request, const std::string& what) {
  throw Error(Cause::configuration, printable(request.structure->name) + ": " + what);
}

/// printf into a string; the formats below are FEFF's own fixed columns.
template <class... Values>
std::string print(const char* format, Values... values) {
  char line[160];
  const int length = std::snprintf(line, sizeof line, format, values...);
  return {line, static_cast<std::size_t>(length)};
}

int hole(const std::string& edge) {
  static const std::map<std::string, int> holes{{"K", 1}, {"L1", 2}, {"L2", 3}, {"L3", 4}};
  const auto found = holes.find(edge);
  if (found == holes.end())
    throw Error(Cause::configuration,
                "feff: edge '" + printable(edge) + "' is not known; expected K, L1, L2 or L3");
  return found->second;
}

void check(const Request& request) {
  if (!(request.rmax >= 1.5 && request.rmax <= 10.0))
    throw Error(Cause::configuration,
                "feff: rmax is " + shortest(request.rmax) + " Å; expected 1.5 to 10");
  if (request.legs < 2 || request.legs > 6)
    throw Error(Cause::configuration,
                "feff: legs is " + std::to_string(request.legs) + "; expected 2 to 6");
}

/// All cards but the atoms; the first of the potentials is the absorber's.
std::string cards(const Request& request, const std::string& title,
                  const std::vector<std::string>& potentials, const char* control) {
  check(request);
  constexpr int longest = 60;
  std::string text = print("TITLE %.*s\nHOLE %d 1.0\nCONTROL %s\nPRINT 0 0 0 3\n", longest,
                           title.c_str(), hole(request.edge), control) +
                     print("RMAX %.4f\nNLEG %d\nCRITERIA 0 0\n", request.rmax, request.legs) +
                     "POTENTIALS\n";
  for (std::size_t i = 0; i < potentials.size(); ++i)
    text += print(" %d %d %s\n", static_cast<int>(i), atoms::atomic_number(potentials[i]),
                  potentials[i].c_str());
  return text;
}

/// Of a structure: the absorber's, then one an element.
std::vector<std::string> potentials_of(const Request& request, const Cluster& cluster) {
  std::vector<std::string> potentials = elements_of(cluster);
  potentials.insert(potentials.begin(), cluster.front().element);
  if (potentials.size() > most_potentials)
    fail(request, std::to_string(potentials.size()) + " potentials; FEFF6L takes " +
                      std::to_string(most_potentials) + ": the absorber's and one an element");
  return potentials;
}

std::vector<std::string> potentials_of(const Request& request) {
  if (request.structure) return potentials_of(request, structure_cluster(request));
  return {request.crystal.element, request.crystal.element};
}

std::string title_of(const Request& request) {
  return request.structure ? atoms::formula(*request.structure) : request.crystal.element;
}

std::string atom(const Eigen::RowVector3d& at, int potential) {
  return print("%12.6f %12.6f %12.6f %d\n", at[0], at[1], at[2], potential);
}

std::string path_atom(const Eigen::RowVector3d& at, int potential, const std::string& element,
                      double leg) {
  // The angles are there for the reader of the file; genfmt computes its own.
  return print("%12.6f%12.6f%12.6f%4d '%-6s'%11.4f%10.4f%10.4f\n", at[0], at[1], at[2], potential,
               element.c_str(), leg, 0.0, 0.0);
}

/// The list of atoms, the absorber first, each with the number of its element's potential.
std::string atoms_card(const Request& request, const Cluster& cluster,
                       const std::vector<std::string>& potentials) {
  std::string text = "ATOMS\n";
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    const auto at = std::find(potentials.begin() + 1, potentials.end(), cluster[i].element);
    if (i > 0 && at == potentials.end())
      fail(request, "no potential of " + printable(cluster[i].element) + "; there are " +
                        join({potentials.begin() + 1, potentials.end()}, ", "));
    text += atom(cluster[i].r.transpose(), i == 0 ? 0 : static_cast<int>(at - potentials.begin()));
  }
  return text + "END\n";
}

}  // namespace

std::string ideal_input(const Request& request) {
  check(request);
  if (request.structure) return structure_input(request, structure_cluster(request));
  std::string text =
      cards(request, title_of(request), potentials_of(request), "1 1 1 1") + "ATOMS\n";
  const auto cluster = atoms::build_cluster(request.crystal, request.rmax + 1.0);
  for (Eigen::Index i = 0; i < cluster.rows(); ++i) text += atom(cluster.row(i), i == 0 ? 0 : 1);
  return text + "END\n";
}

std::string structure_input(const Request& request, const Cluster& cluster) {
  const std::vector<std::string> potentials = potentials_of(request, cluster);
  return cards(request, title_of(request), potentials, "1 1 1 1") +
         atoms_card(request, cluster, potentials);
}

std::string frame_input(const Request& request, const atoms::Structure& frame,
                        const std::string& site) {
  const std::vector<std::string> potentials = potentials_of(request);
  Request of_frame = request;
  of_frame.structure = frame;
  of_frame.absorber = potentials.front();
  of_frame.site = site;
  return cards(request, title_of(request), potentials, "0 1 1 0") +
         atoms_card(of_frame, structure_cluster(of_frame), potentials);
}

std::string genfmt_input(const Request& request) {
  // genfmt reads no atoms but wants a list: the absorber, and one atom of each other potential.
  const std::vector<std::string> potentials = potentials_of(request);
  std::string text = cards(request, title_of(request), potentials, "0 0 1 0") + "ATOMS\n 0 0 0 0\n";
  for (std::size_t i = 1; i < potentials.size(); ++i)
    text += " " + std::to_string(2 * i) + " 0 0 " + std::to_string(i) + "\n";
  return text + "END\n";
}

Scatterer potential_of(const Request& request, const std::string& element) {
  const std::vector<std::string> potentials = potentials_of(request);
  const std::string& wanted = element.empty() ? potentials.front() : element;
  const auto found = std::find(potentials.begin() + 1, potentials.end(), wanted);
  if (found == potentials.end())
    throw Error(Cause::configuration, "feff: no " + printable(wanted) + " around " +
                                          potentials.front() + "; there are " +
                                          join({potentials.begin() + 1, potentials.end()}, ", "));
  return {wanted, static_cast<int>(found - potentials.begin())};
}

std::string paths_dat(const Scatterer& scatterer, const std::vector<Eigen::MatrixX3d>& paths) {
  std::string text = " " + scatterer.element + "\n " + std::string(71, '-') + "\n";
  int index = 0;
  for (const auto& path : paths) {
    const Eigen::Index legs = path.rows();
    double length = 0;
    std::string atoms;
    for (Eigen::Index i = 1; i <= legs; ++i) {
      const double leg = (path.row(i % legs) - path.row(i - 1)).norm();
      length += leg;
      const Eigen::RowVector3d at = path.row(i % legs);
      atoms += path_atom(at, at.isZero(1e-6) ? 0 : scatterer.potential, scatterer.element, leg);
    }
    text += print("%6d%5d%8.3f  index, nleg, degeneracy, r=%8.4f\n", ++index,
                  static_cast<int>(legs), 1.0, length / 2);
    text += "      x           y           z     ipot  label      rleg      beta        eta\n";
    text += atoms;
  }
  return text;
}

}  // namespace twin::feff
