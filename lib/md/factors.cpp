// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/factors.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/error.h"
#include "core/text.h"

namespace twin::md {

namespace {

using Form = PotentialNumber::Form;

constexpr double skin = 3;  // Å, beyond the cut-off, where pairs are known

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(Cause::configuration, "free parameter '" + printable(name) + "': " + what);
}

std::string names_of(const std::vector<PotentialNumber>& numbers) {
  std::vector<std::string> names;
  for (const PotentialNumber& number : numbers) names.push_back(number.name);
  return names.empty() ? "nothing that can vary" : join(names, ", ");
}

/// The nearest image.
double distance(const atoms::Frame& frame, const Eigen::Matrix3d& inverse, int i, int j) {
  Eigen::RowVector3d r = frame.positions.row(j) - frame.positions.row(i);
  Eigen::RowVector3d fractions = r * inverse;
  fractions.array() = fractions.array().round();
  return (r - fractions * frame.cell).norm();
}

std::array<int, 2> ordered(int one, int other) {
  return {std::min(one, other), std::max(one, other)};
}

}  // namespace

/// A term at a distance.
struct Factors::Point {
  double energy = 0.0;
  double radial = 0.0;             ///< r ∂U/∂r
  std::array<double, 3> slopes{};  ///< ∂U/∂(factor of each number)
};

Factors::Factors(const Potential& potential, const Topology& topology, const atoms::Frame& ideal,
                 const record::Model& model)
    : topology_(topology), ideal_(ideal), cutoff_(potential.cutoff) {
  const auto known = numbers_of(potential);
  for (const record::FreeParameter& parameter : model.free) {
    if (!record::is_factor(parameter.name)) continue;
    if (!(parameter.value > 0)) fail(parameter.name, "expected a factor above 0");
    const auto found = std::ranges::find(known, parameter.name, &PotentialNumber::name);
    if (found == known.end())
      fail(parameter.name, potential.name + " has no such number; it has " + names_of(known));
    add(*found, potential);
    values_.push_back(parameter.value);
  }
  if (!pairs_.empty() && !topology.bonds.empty()) count_nearby(potential);
  if (!pairs_.empty()) find_near();
}

void Factors::add(const PotentialNumber& number, const Potential& potential) {
  const auto type = [&](const std::string& name) {
    const auto& types = topology_.types;
    const auto found = std::ranges::find(types, name);
    if (found == types.end()) fail(number.name, "the structure has no " + name);
    return static_cast<int>(found - types.begin());
  };
  const auto types = ordered(type(number.types[0]), type(number.types[1]));
  if (number.form == Form::bond && potential.bonds[number.bond].rigid)
    fail(number.name, "the bond is rigid");
  Term& term = number.form == Form::bond ? bonds_[number.bond] : pairs_[types];
  term.form = number.form;
  term.numbers = all_of(potential, number);
  int& factor = term.factors[number.place];
  if (factor >= 0)
    fail(number.name, "is " + numbers_[static_cast<std::size_t>(factor)].name + "; expected one");
  factor = static_cast<int>(numbers_.size());
  numbers_.push_back(number);
}

void Factors::count_nearby(const Potential& potential) {
  std::map<int, std::vector<int>> bonded;
  for (const auto& bond : topology_.bonds) {
    bonded[bond.atoms[0]].push_back(bond.atoms[1]);
    bonded[bond.atoms[1]].push_back(bond.atoms[0]);
  }
  for (const auto& entry : bonded) {
    std::map<int, std::size_t> steps{{entry.first, 0}};
    std::vector<int> last{entry.first};
    for (std::size_t step = 1; step <= potential.scaling_lj.size(); ++step) {
      std::vector<int> next;
      for (const int atom : last)
        for (const int other : bonded[atom])
          if (steps.emplace(other, step).second) next.push_back(other);
      last = std::move(next);
    }
    for (const auto& [other, step] : steps)
      if (step > 0) nearby_[ordered(entry.first, other)] = potential.scaling_lj[step - 1];
  }
}

double Factors::weight_of(int i, int j, double r) const {
  constexpr double within_molecule = 5.0;  // Å: three bonds; farther away it is another image
  if (nearby_.empty() || r > within_molecule) return 1;
  const auto near = nearby_.find(ordered(i, j));
  return near == nearby_.end() ? 1 : near->second;
}

void Factors::find_near() {
  for (const atoms::FixedPair& pair : atoms::fixed_pairs(ideal_, 0, cutoff_ + skin)) {
    const auto type = [&](int atom) { return topology_.type[static_cast<std::size_t>(atom)]; };
    const auto found = pairs_.find(ordered(type(pair.i), type(pair.j)));
    if (found == pairs_.end()) continue;
    const double weight = weight_of(pair.i, pair.j, atoms::separation(pair, ideal_).norm());
    if (weight != 0) found->second.near.push_back({pair, weight});
  }
}

/// No pair but the known ones is within the cut-off.
bool Factors::near_sites(const atoms::Frame& frame) const {
  const Eigen::Matrix3d map = ideal_.cell.inverse() * frame.cell;
  Eigen::MatrixX3d moved = frame.positions - ideal_.positions * map;
  const Eigen::RowVector3d drift = moved.colwise().mean();
  moved.rowwise() -= drift;
  const double strain = (map - Eigen::Matrix3d::Identity()).norm();
  return 2 * moved.rowwise().norm().maxCoeff() + strain * (cutoff_ + skin) < skin;
}

Potential Factors::applied_to(Potential potential) const {
  for (std::size_t i = 0; i < numbers_.size(); ++i) multiply(potential, numbers_[i], values_[i]);
  return potential;
}

Factors::Point Factors::at(const Term& term, const std::vector<double>& values, double r) {
  std::array<double, 3> f{1, 1, 1}, x = term.numbers;
  for (std::size_t i = 0; i < f.size(); ++i) {
    if (term.factors[i] >= 0) f[i] = values[static_cast<std::size_t>(term.factors[i])];
    x[i] *= f[i];
  }
  Point out;
  if (term.form == Form::buckingham) {
    const double repulsion = x[0] * std::exp(-r / x[1]), attraction = x[2] / std::pow(r, 6);
    out.energy = repulsion - attraction;
    out.radial = -repulsion * r / x[1] + 6 * attraction;
    out.slopes = {repulsion / f[0], repulsion * r / x[1] / f[1], -attraction / f[2]};
  } else if (term.form == Form::lennard_jones) {
    const double six = std::pow(x[1] / r, 6);
    out.energy = 4 * x[0] * (six * six - six);
    out.radial = 4 * x[0] * (6 * six - 12 * six * six);
    out.slopes = {out.energy / f[0], -out.radial / f[1], 0};
  } else {
    const double stretch = r - x[1];
    out.energy = x[0] * stretch * stretch;
    out.radial = 2 * x[0] * stretch * r;
    out.slopes = {out.energy / f[0], -2 * x[0] * stretch * x[1] / f[1], 0};
  }
  return out;
}

/// Calls \p visit(term, distance, weight) for each pair and bond that has a varied number.
template <typename Visit>
void Factors::for_each(const atoms::Frame& frame, const Visit& visit) const {
  const auto type = [&](int atom) { return topology_.type[static_cast<std::size_t>(atom)]; };
  if (!pairs_.empty() && near_sites(frame)) {
    for (const auto& entry : pairs_)
      for (const Near& near : entry.second.near)
        if (const double r = atoms::separation(near.pair, frame).norm(); r < cutoff_)
          visit(entry.second, r, near.weight);
  } else if (!pairs_.empty()) {
    atoms::for_each_pair(frame, cutoff_, [&](int i, int j, const Eigen::Vector3d& vector) {
      const auto found = pairs_.find(ordered(type(i), type(j)));
      if (found == pairs_.end()) return;
      const double r = vector.norm(), weight = weight_of(i, j, r);
      if (weight != 0) visit(found->second, r, weight);
    });
  }
  if (bonds_.empty()) return;
  const Eigen::Matrix3d inverse = frame.cell.inverse();
  for (const auto& bond : topology_.bonds)
    if (const auto found = bonds_.find(static_cast<std::size_t>(bond.term)); found != bonds_.end())
      visit(found->second, distance(frame, inverse, bond.atoms[0], bond.atoms[1]), 1.0);
}

void Factors::add_slopes(const Term& term, const Point& point, double weight,
                         std::vector<double>& slopes) {
  for (std::size_t i = 0; i < point.slopes.size(); ++i)
    if (term.factors[i] >= 0)
      slopes[static_cast<std::size_t>(term.factors[i])] += weight * point.slopes[i];
}

std::vector<double> Factors::slopes(const atoms::Frame& frame) const {
  std::vector<double> out(numbers_.size(), 0.0);
  for_each(frame, [&](const Term& term, double r, double weight) {
    add_slopes(term, at(term, values_, r), weight, out);
  });
  return out;
}

Factors::Part Factors::part(const atoms::Frame& frame, const std::vector<double>& values) const {
  Part out;
  for_each(frame, [&](const Term& term, double r, double weight) {
    const Point point = at(term, values, r);
    out.energy_eV += weight * point.energy;
    out.radial_eV += weight * point.radial;
  });
  return out;
}

Factors::Change Factors::change_from(const std::vector<double>& others,
                                     const atoms::Frame& frame) const {
  Change out{{}, std::vector<double>(numbers_.size(), 0.0)};
  for_each(frame, [&](const Term& term, double r, double weight) {
    const Point before = at(term, others, r), after = at(term, values_, r);
    out.part.energy_eV += weight * (after.energy - before.energy);
    out.part.radial_eV += weight * (after.radial - before.radial);
    add_slopes(term, after, weight, out.slopes);
  });
  return out;
}

}  // namespace twin::md
