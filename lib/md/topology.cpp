// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/topology.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "core/error.h"
#include "core/text.h"

namespace twin::md {

namespace {

constexpr double most_stretch = 0.2;  // of r0: X-ray structures have X-H 10 to 15 % short

[[noreturn]] void no_fit(const std::string& what) {
  throw Error(Cause::configuration, "structure: " + what);
}

/// What LAMMPS knows of molecules, found in one frame.
class Finder {
 public:
  Finder(const Potential& potential, const atoms::Frame& frame,
         const std::vector<std::string>& species)
      : potential_(potential),
        frame_(frame),
        species_(species),
        neighbours_(frame.species.size()) {}

  Topology find() {
    check_elements();
    find_bonds();
    find_types();
    const auto atoms = static_cast<int>(frame_.species.size());
    topology_.molecules = atoms::molecules_of(atoms, pairs_);
    if (potential_.restrains()) {  // a complex is the structure, not one of the molecules in it
      if (topology_.molecules.size() != 1)
        no_fit(std::to_string(topology_.molecules.size()) +
               " complexes, which would turn each as it likes; expected one");
      topology_.molecules.clear();
    }
    find_links();
    check_rigid();
    return std::move(topology_);
  }

 private:
  [[nodiscard]] const std::string& element(int atom) const {
    return species_[static_cast<std::size_t>(frame_.species[static_cast<std::size_t>(atom)])];
  }
  [[nodiscard]] const std::string& type(int atom) const {
    return topology_
        .types[static_cast<std::size_t>(topology_.type[static_cast<std::size_t>(atom)])];
  }
  [[nodiscard]] std::vector<int>& neighbours(int atom) {
    return neighbours_[static_cast<std::size_t>(atom)];
  }
  /// "atom 5 (C)".
  [[nodiscard]] std::string name(int atom) const {
    return "atom " + std::to_string(atom + 1) + " (" + element(atom) + ")";
  }

  void check_elements() const {
    const std::set<int> there(frame_.species.begin(), frame_.species.end());
    for (const int species : there)
      if (const std::string& one = species_[static_cast<std::size_t>(species)];
          std::ranges::find(potential_.elements, one) == potential_.elements.end())
        throw Error(Cause::configuration, "potential " + potential_.name + ": is of " +
                                              join(potential_.elements, ", ") +
                                              ", the structure has '" + printable(one) + "'");
  }

  /// r0 of each pair of elements that has a bond, both ways round; several where types differ.
  [[nodiscard]] std::multimap<std::pair<std::string, std::string>, double> lengths() const {
    std::multimap<std::pair<std::string, std::string>, double> out;
    for (const BondTerm& bond : potential_.bonds) {
      const std::string& one = potential_.type(bond.types[0]).element;
      const std::string& other = potential_.type(bond.types[1]).element;
      out.emplace(std::pair(one, other), bond.r0);
      if (one != other) out.emplace(std::pair(other, one), bond.r0);
    }
    return out;
  }

  void find_bonds() {
    const auto known = lengths();
    double farthest = 0;
    for (const auto& [elements, r0] : known) farthest = std::max(farthest, (1 + most_stretch) * r0);
    if (farthest == 0) return;
    for (const auto& pair : atoms::fixed_pairs(frame_, 0.0, farthest)) {
      const double r = atoms::separation(pair, frame_).norm();
      const auto [begin, end] = known.equal_range({element(pair.i), element(pair.j)});
      if (begin == end) continue;
      const auto near = [&](const auto& one) { return r <= (1 + most_stretch) * one.second; };
      const auto too_near = [&](const auto& one) { return r < (1 - most_stretch) * one.second; };
      if (std::all_of(begin, end, too_near))
        no_fit(name(pair.i) + " and " + name(pair.j) + " are " + significant(r, 3) +
               " Å apart; a bond between them has " + shortest(begin->second) + " Å");
      if (std::any_of(begin, end, near)) add_bond(pair);
    }
  }

  void add_bond(const atoms::FixedPair& pair) {
    pairs_.push_back(pair);
    neighbours(pair.i).push_back(pair.j);
    neighbours(pair.j).push_back(pair.i);
  }

  void find_types() {
    for (int atom = 0; atom < static_cast<int>(neighbours_.size()); ++atom) {
      std::vector<std::string> around;
      for (const int one : neighbours(atom)) around.push_back(element(one));
      std::ranges::sort(around);
      const std::string& found = type_of(atom, around);
      const auto at = std::ranges::find(topology_.types, found);
      topology_.type.push_back(static_cast<int>(at - topology_.types.begin()));
      if (at == topology_.types.end()) topology_.types.push_back(found);
    }
  }

  [[nodiscard]] const std::string& type_of(int atom, const std::vector<std::string>& around) const {
    const auto said = [](const std::vector<std::string>& elements) {
      return elements.empty() ? "nothing" : join(elements, " ");
    };
    if (potential_.restrains() && around.empty())
      no_fit(name(atom) + " is not within 20 % of the length of any bond of " + potential_.name);
    std::string expected;
    for (const AtomType& one : potential_.types) {
      if (one.element != element(atom)) continue;
      if (one.bonded_to == around || potential_.restrains()) return one.name;
      expected += (expected.empty() ? "" : ", or to ") + said(one.bonded_to);
    }
    no_fit(name(atom) + " is bonded to " + said(around) + "; " + potential_.name + " has " +
           element(atom) + " bonded to " + expected);
  }

  /// The term of a chain of types, from either end.
  template <class Term, std::size_t N>
  [[nodiscard]] int term_of(const char* kind, const std::vector<Term>& terms,
                            const std::array<int, N>& chain) const {
    std::array<std::string, N> types;
    for (std::size_t i = 0; i < N; ++i) types[i] = type(chain[i]);
    auto reversed = types;
    std::ranges::reverse(reversed);
    for (std::size_t i = 0; i < terms.size(); ++i)
      if (terms[i].types == types || terms[i].types == reversed) return static_cast<int>(i);
    no_fit(name(chain.front()) + " and on: potential " + potential_.name + " has no " + kind + " " +
           join(std::vector<std::string>(types.begin(), types.end()), "-"));
  }

  void find_links() {
    for (const auto& pair : pairs_) {
      topology_.bonds.push_back(
          {term_of<BondTerm, 2>("bond", potential_.bonds, {pair.i, pair.j}), {pair.i, pair.j}});
      for (const int i : neighbours(pair.i))
        for (const int l : neighbours(pair.j))
          if (i != pair.j && l != pair.i && i != l) add_dihedral({i, pair.i, pair.j, l});
    }
    for (int middle = 0; middle < static_cast<int>(neighbours_.size()); ++middle) {
      const auto& ends = neighbours(middle);
      for (std::size_t i = 0; i < ends.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) add_angle({ends[j], middle, ends[i]});
    }
  }

  void add_angle(const std::array<int, 3>& chain) {
    if (potential_.restrains() && !is_right(chain)) return;
    topology_.angles.push_back({term_of<AngleTerm, 3>("angle", potential_.angles, chain), chain});
  }
  void add_dihedral(const std::array<int, 4>& chain) {
    topology_.dihedrals.push_back(
        {term_of<DihedralTerm, 4>("dihedral", potential_.dihedrals, chain), chain});
  }

  /// Nearer to 90 than to 180 degrees in the structure: what is opposite is held by what is beside.
  [[nodiscard]] bool is_right(const std::array<int, 3>& chain) const {
    const Eigen::RowVector3d middle = frame_.positions.row(chain[1]);
    const Eigen::RowVector3d one = frame_.positions.row(chain[0]) - middle,
                             other = frame_.positions.row(chain[2]) - middle;
    constexpr double cosine_of_135 = -0.7071;
    return one.dot(other) > cosine_of_135 * one.norm() * other.norm();
  }

  /// SHAKE holds an atom with one to three others that have no rigid bond but this.
  void check_rigid() {
    std::vector<std::vector<int>> held(neighbours_.size());
    for (const Link<2>& bond : topology_.bonds) {
      if (!potential_.bonds[static_cast<std::size_t>(bond.term)].rigid) continue;
      ++topology_.constraints;
      for (const int end : {0, 1})
        held[static_cast<std::size_t>(bond.atoms[static_cast<std::size_t>(end)])].push_back(
            bond.atoms[static_cast<std::size_t>(1 - end)]);
    }
    for (std::size_t atom = 0; atom < held.size(); ++atom) {
      const bool in_a_row =
          held[atom].size() > 1 && std::ranges::any_of(held[atom], [&](int other) {
            return held[static_cast<std::size_t>(other)].size() > 1;
          });
      if (held[atom].size() > 3 || in_a_row)
        no_fit(name(static_cast<int>(atom)) + " has " + std::to_string(held[atom].size()) +
               " rigid bonds" + (in_a_row ? ", one of them to another such atom" : "") +
               "; SHAKE holds up to three around an atom");
    }
  }

  const Potential& potential_;
  const atoms::Frame& frame_;
  const std::vector<std::string>& species_;
  std::vector<atoms::FixedPair> pairs_;
  std::vector<std::vector<int>> neighbours_;  ///< [atoms] bonded
  Topology topology_;
};

}  // namespace

std::vector<int> Topology::framework() const {
  std::vector<bool> alone(type.size(), true);
  for (const atoms::Molecule& molecule : molecules)
    for (const int atom : molecule.atoms) alone[static_cast<std::size_t>(atom)] = false;
  std::vector<int> out;
  for (std::size_t atom = 0; atom < alone.size(); ++atom)
    if (alone[atom]) out.push_back(static_cast<int>(atom));
  return out;
}

Topology find_topology(const Potential& potential, const atoms::Frame& frame,
                       const std::vector<std::string>& species) {
  return Finder(potential, frame, species).find();
}

}  // namespace twin::md
