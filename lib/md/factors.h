// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "atoms/frame.h"
#include "atoms/neighbours.h"
#include "md/potential_numbers.h"
#include "md/potentials.h"
#include "md/topology.h"
#include "record/model.h"

namespace twin::md {

/// The energy of the terms whose numbers a model varies, as a function of what these are multiplied
/// by: fluctuations need it for ∂⟨A⟩/∂λ = -β cov(A, ∂U/∂λ), reweighting for U(λ') - U(λ). Both
/// follow from the positions of a frame.
class Factors {
 public:
  Factors() = default;  ///< of a model that varies none

  /// \param potential  as it is described
  /// \param topology   of the potential in the ideal crystal
  /// \param ideal      that crystal
  /// \param model      whose free parameters have the factors; those that are none are passed over
  /// \throws Error{configuration}  the potential has no such number (says which it has), or the
  ///                               structure no such pair; a factor is not above 0; a rigid bond
  Factors(const Potential& potential, const Topology& topology, const atoms::Frame& ideal,
          const record::Model& model);

  [[nodiscard]] bool empty() const { return numbers_.empty(); }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

  /// The name of factor \p index.
  [[nodiscard]] const std::string& name(std::size_t index) const { return numbers_[index].name; }

  /// \p potential with its numbers multiplied.
  [[nodiscard]] Potential applied_to(Potential potential) const;

  /// [factors] ∂U/∂factor of a frame at values(), eV. Cost: its pairs within the cut-off, and
  /// a search for them where atoms have left their sites by more than 1.5 Å.
  [[nodiscard]] std::vector<double> slopes(const atoms::Frame& frame) const;

  /// Of the varied terms of a frame: energy, and Σ r ∂U/∂r, eV.
  struct Part {
    double energy_eV = 0.0, radial_eV = 0.0;
  };
  /// \param values  [factors] others than values(), perhaps
  [[nodiscard]] Part part(const atoms::Frame& frame, const std::vector<double>& values) const;

  /// What values() make of a frame of other factors, and its slopes there: in one go.
  struct Change {
    Part part;  ///< what is added
    std::vector<double> slopes;
  };
  [[nodiscard]] Change change_from(const std::vector<double>& others,
                                   const atoms::Frame& frame) const;

 private:
  /// A pair of the ideal crystal, and what it counts for.
  struct Near {
    atoms::FixedPair pair;
    double weight = 1.0;
  };
  /// One pair of types, or one bond: its numbers, and which factor each has (-1: it is not varied).
  struct Term {
    PotentialNumber::Form form = PotentialNumber::Form::buckingham;
    std::array<double, 3> numbers{};
    std::array<int, 3> factors{-1, -1, -1};
    std::vector<Near> near;  ///< pairs of such atoms that may come within the cut-off
  };
  struct Point;

  void add(const PotentialNumber& number, const Potential& potential);
  void count_nearby(const Potential& potential);
  void find_near();
  [[nodiscard]] double weight_of(int i, int j, double r) const;
  [[nodiscard]] bool near_sites(const atoms::Frame& frame) const;
  static void add_slopes(const Term& term, const Point& point, double weight,
                         std::vector<double>& slopes);
  [[nodiscard]] static Point at(const Term& term, const std::vector<double>& values, double r);
  template <typename Visit>
  void for_each(const atoms::Frame& frame, const Visit& visit) const;

  Topology topology_;
  atoms::Frame ideal_;
  double cutoff_ = 0.0;  ///< Å, of pairs
  std::vector<PotentialNumber> numbers_;
  std::vector<double> values_;
  std::map<std::array<int, 2>, Term> pairs_;     ///< by types, the lower first
  std::map<std::size_t, Term> bonds_;            ///< by index into Potential::bonds
  std::map<std::array<int, 2>, double> nearby_;  ///< atoms up to three bonds apart, the lower
                                                 ///< first: what their pair counts for
};

}  // namespace twin::md
