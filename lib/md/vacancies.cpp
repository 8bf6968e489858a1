// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/vacancies.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "md/arrangement.h"

namespace twin::md {

namespace {

constexpr double most = 0.25;          // of an element's atoms
constexpr double whole_charge = 1e-6;  // e
constexpr double cancels = 0.25;       // of an ion's charge, that its partner may leave

[[noreturn]] void fail(const std::string& element, const std::string& what) {
  throw Error(Cause::configuration, "structure: vacancies of " + printable(element) + ": " + what);
}

/// What leaves as one: an atom, or a molecule with all of its atoms.
struct Part {
  std::vector<int> atoms;
  std::string kind;  ///< element, or the elements of the molecule
  bool molecule = false;
  double charge = 0.0;  ///< e
  Eigen::RowVector3d at;
  std::uint64_t order = 0;  ///< random
  bool gone = false;
};

class Emptier {
 public:
  Emptier(const Crystal& crystal, int arrangement)
      : crystal_(crystal), inverse_(crystal.ideal.cell.inverse()) {
    for (const int atom : single_atoms()) add({atom}, false, arrangement);
    for (const auto& molecule : crystal.topology.molecules) add(molecule.atoms, true, arrangement);
    for (const Part& part : parts_) ++count_[part.kind];
  }

  /// \return the fraction that was made
  double make(const record::Vacancies& vacancies) {
    const std::string& element = vacancies.element;
    if (!(vacancies.fraction >= 0 && vacancies.fraction <= most))
      fail(element, "fraction " + shortest(vacancies.fraction) + "; expected 0 to 0.25");
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (parts_[i].kind == element && !parts_[i].molecule) order.push_back(i);
    if (order.empty()) fail(element, "the structure has none outside of molecules");
    std::ranges::sort(order, {}, [&](std::size_t i) { return parts_[i].order; });
    const auto all = static_cast<double>(order.size());
    const bool units = vacancies.move == "remove-unit";
    const double each = units ? unit_of(element) : 1;
    const auto wanted = static_cast<std::size_t>(std::lround(vacancies.fraction * all / each));
    std::size_t made = 0;
    for (const std::size_t i : order) {
      if (made == wanted) break;
      if (parts_[i].gone) continue;
      remove(i);
      if (units) remove_rest_of_unit(i);
      if (vacancies.move == "remove-pair") remove_partner(i);
      if (vacancies.move == "remove") check_neutral(parts_[i]);
      ++made;
    }
    moves_ += made;
    return static_cast<double>(made) * each / all;
  }

  Emptied take(std::vector<double> fractions) const {
    Emptied out{{}, std::move(fractions), 0.0, moves_};
    std::map<std::string, bool> left;
    for (const Part& part : parts_) {
      left[part.kind] = left[part.kind] || !part.gone;
      if (part.gone) continue;
      out.charge += part.charge;
      out.kept.insert(out.kept.end(), part.atoms.begin(), part.atoms.end());
    }
    for (const auto& [kind, any] : left)
      if (!any) fail(kind, "none would be left; expected a larger supercell");
    if (std::abs(out.charge) < whole_charge) out.charge = 0;
    std::ranges::sort(out.kept);
    return out;
  }

 private:
  [[nodiscard]] const std::string& element(int atom) const {
    const auto species = crystal_.ideal.species[static_cast<std::size_t>(atom)];
    return crystal_.species[static_cast<std::size_t>(species)];
  }

  [[nodiscard]] double charge(int atom) const {
    const auto& charges = crystal_.potential.charges;
    if (charges.empty()) return 0;
    const auto type = crystal_.topology.type[static_cast<std::size_t>(atom)];
    return charges.at(crystal_.topology.types[static_cast<std::size_t>(type)]);
  }

  /// All of them where the potential is only a name, and nothing is known of molecules.
  [[nodiscard]] std::vector<int> single_atoms() const {
    if (!crystal_.topology.type.empty()) return crystal_.topology.framework();
    std::vector<int> all(crystal_.ideal.species.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  void add(const std::vector<int>& atoms, bool molecule, int arrangement) {
    Part part;
    part.atoms = atoms;
    part.molecule = molecule;
    if (molecule) part.kind = "molecule ";
    for (const int atom : atoms) {
      part.kind += element(atom);
      part.charge += charge(atom);
    }
    part.at = crystal_.ideal.positions.row(atoms.front());
    part.order = place_in_order(Chosen::vacancies, arrangement, atoms.front());
    parts_.push_back(std::move(part));
  }

  /// Å, to the nearest image.
  [[nodiscard]] double distance(const Part& one, const Part& other) const {
    Eigen::RowVector3d fractions = (other.at - one.at) * inverse_;
    fractions.array() -= fractions.array().round();
    return (fractions * crystal_.ideal.cell).norm();
  }

  void remove(std::size_t index) { parts_[index].gone = true; }

  /// Of those that are there and that \p fits, the nearest; of several the first in the order.
  template <class Fits>
  [[nodiscard]] Part* nearest(const Part& to, Fits fits) {
    Part* best = nullptr;
    double least = INFINITY;
    for (Part& part : parts_) {
      if (part.gone || !fits(part)) continue;
      const double away = distance(to, part);
      constexpr double same = 1e-6;  // Å
      const bool nearer = away < least - same;
      if (!nearer && (away > least + same || part.order > best->order)) continue;
      best = &part;
      least = std::min(away, least);
    }
    return best;
  }

  void check_neutral(const Part& part) const {
    if (std::abs(part.charge) < whole_charge) return;
    fail(part.kind, "each has " + significant(part.charge, 3) +
                        " e, which the crystal would lack; expected move: remove-pair or "
                        "remove-unit");
  }

  void remove_partner(std::size_t of) {
    const Part& ion = parts_[of];
    if (std::abs(ion.charge) < whole_charge)
      fail(ion.kind, "remove-pair is for ions, and the potential has no charges; expected remove");
    double least = INFINITY;
    std::string kind;
    for (const Part& part : parts_)
      if (!part.gone && std::abs(part.charge + ion.charge) < least) {
        least = std::abs(part.charge + ion.charge);
        kind = part.kind;
      }
    if (least > cancels * std::abs(ion.charge))
      fail(ion.kind, "no other ion has nearly its charge, " + significant(ion.charge, 3) +
                         " e: " + printable(kind) + " would leave " + significant(least, 2) +
                         " e; expected move: remove-unit");
    nearest(ion, [&](const Part& part) { return part.kind == kind; })->gone = true;
  }

  /// How many of a kind there are in a formula unit of the whole crystal.
  [[nodiscard]] double unit_of(const std::string& kind) const {
    std::size_t divisor = 0;
    for (const auto& [one, number] : count_) divisor = std::gcd(divisor, number);
    return static_cast<double>(count_.at(kind) / divisor);
  }

  void remove_rest_of_unit(std::size_t of) {
    const Part& first = parts_[of];
    for (const auto& entry : count_) {
      const std::string& kind = entry.first;
      auto missing = static_cast<int>(unit_of(kind));
      if (kind == first.kind) --missing;
      for (; missing > 0; --missing) {
        Part* part = nearest(first, [&](const Part& one) { return one.kind == kind; });
        if (part == nullptr) fail(first.kind, "too few of " + kind + " are left for another unit");
        part->gone = true;
      }
    }
  }

  const Crystal& crystal_;
  Eigen::Matrix3d inverse_;
  std::vector<Part> parts_;
  std::map<std::string, std::size_t> count_;  ///< of each kind, in the whole crystal
  std::size_t moves_ = 0;
};

}  // namespace

Emptied make_vacancies(const Crystal& crystal, const std::vector<record::Vacancies>& vacancies,
                       int arrangement) {
  Emptier emptier(crystal, arrangement);
  std::vector<double> fractions;
  for (std::size_t i = 0; i < vacancies.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (vacancies[j].element == vacancies[i].element) fail(vacancies[i].element, "given twice");
    fractions.push_back(emptier.make(vacancies[i]));
  }
  return emptier.take(std::move(fractions));
}

atoms::Frame part_of(const atoms::Frame& frame, const std::vector<int>& kept) {
  atoms::Frame out;
  out.cell = frame.cell;
  out.positions = frame.positions(kept, Eigen::all);
  for (const int atom : kept) out.species.push_back(frame.species[static_cast<std::size_t>(atom)]);
  return out;
}

}  // namespace twin::md
