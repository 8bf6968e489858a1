// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/fractions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace twin;

namespace fractions_test {

namespace {

/// Phases that each show three numbers; what a mixture shows of them is their mean put through a
/// curve: a square root, as a width is of a variance.
struct Phases {
  std::vector<std::vector<double>> shown;  ///< [phase][quantity], the model's own first
  bool curved = false;
  int evaluations = 0;

  [[nodiscard]] double mean(const std::vector<double>& shares, std::size_t i) const {
    double out = 0;
    for (std::size_t p = 0; p < shown.size(); ++p) out += shares[p] * shown[p][i];
    return out;
  }
  [[nodiscard]] double of(double mean) const { return curved ? std::sqrt(mean) : mean; }
};

std::string quantity(std::size_t i) { return "r:X-X." + std::to_string(i + 1); }

record::Model model_of(const Phases& phases) {
  record::Model out;
  out.potentials = {"one"};
  for (std::size_t p = 1; p < phases.shown.size(); ++p) {
    const std::string name = "p" + std::to_string(p);
    out.phases.push_back({name, {}, 0});
    out.free.push_back({record::fraction_of(name), 0.2, "", 0, 1, {}, {}});
  }
  for (std::size_t i = 0; i < phases.shown.front().size(); ++i) out.fit_to.push_back(quantity(i));
  return out;
}

record::Quantity number(double value, double sigma) { return {value, sigma, {}, "Å", "fit", {}}; }

record::Evaluation evaluated(Phases& phases, record::Model model,
                             const match::Fractions& fractions) {
  ++phases.evaluations;
  for (auto& free : model.free)
    if (const auto at = fractions.find(free.name); at != fractions.end()) free.value = at->second;
  const auto shares = record::shares_of(model);
  record::Evaluation out;
  for (const auto& free : model.free) {
    out.parameters[free.name] = free.value;
    out.jacobian.columns.push_back(free.name);
  }
  for (std::size_t i = 0; i < phases.shown.front().size(); ++i) {
    const double mean = phases.mean(shares, i);
    out.quantities[quantity(i)] = number(phases.of(mean), 1e-3);
    out.jacobian.rows.push_back(quantity(i));
    for (std::size_t p = 1; p < phases.shown.size(); ++p)
      out.jacobian.matrix.push_back((phases.shown[p][i] - phases.shown[0][i]) *
                                    (phases.curved ? 0.5 / std::sqrt(mean) : 1.0));
  }
  return out;
}

record::Result measured_at(const Phases& phases, const std::vector<double>& shares) {
  record::Result out;
  for (std::size_t i = 0; i < phases.shown.front().size(); ++i)
    out.quantities[quantity(i)] = number(phases.of(phases.mean(shares, i)), 0.01);
  return out;
}

match::Fractions found(Phases& phases, const record::Result& measured, const record::Model& model) {
  return match::best_fractions(measured, model, [&](const match::Fractions& fractions) {
    return evaluated(phases, model, fractions);
  });
}

}  // namespace

TEST(Fractions, OfExactDataAreExact) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  const auto model = model_of(phases);
  const auto at = found(phases, measured_at(phases, {0.35, 0.45, 0.2}), model);
  EXPECT_NEAR(at.at("fraction:p1"), 0.45, 1e-6);
  EXPECT_NEAR(at.at("fraction:p2"), 0.2, 1e-6);
}

TEST(Fractions, AreFoundWhereWhatIsFittedIsNotLinearInThem) {
  Phases phases{{{1, 9, 4}, {25, 1, 5}}, true};
  const auto model = model_of(phases);
  for (const double truth : {0.02, 0.3, 0.77, 0.99}) {
    phases.evaluations = 0;
    const auto at = found(phases, measured_at(phases, {1 - truth, truth}), model);
    EXPECT_NEAR(at.at("fraction:p1"), truth, 1e-4) << truth;
    EXPECT_LE(phases.evaluations, 60) << truth;
  }
}

TEST(Fractions, AreNeitherNegativeNorMoreThanOne) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  const auto model = model_of(phases);
  // Beyond the pure structure, beyond a pure phase, and beyond both phases without the structure.
  auto at = found(phases, measured_at(phases, {1.2, -0.1, -0.1}), model);
  EXPECT_NEAR(at.at("fraction:p1"), 0, 1e-6);
  EXPECT_NEAR(at.at("fraction:p2"), 0, 1e-6);
  at = found(phases, measured_at(phases, {-0.1, 1.2, -0.1}), model);
  EXPECT_NEAR(at.at("fraction:p1"), 1, 1e-5);
  at = found(phases, measured_at(phases, {-0.3, 0.65, 0.65}), model);
  EXPECT_NEAR(at.at("fraction:p1") + at.at("fraction:p2"), 1, 1e-5);
  EXPECT_GT(at.at("fraction:p1"), 0.2);
  // Not even by what rounding leaves, however sharp the data are.
  for (const double sigma : {1e-6, 1e-3, 1.0}) {
    auto sharp = measured_at(phases, {-0.3, 0.65, 0.65});
    for (auto& [name, quantity] : sharp.quantities) quantity.sigma = sigma;
    at = found(phases, sharp, model);
    EXPECT_LE(at.at("fraction:p1") + at.at("fraction:p2"), 1 + 1e-14) << sigma;
    EXPECT_GE(at.at("fraction:p1"), 0) << sigma;
  }
}

TEST(Fractions, KeepBoundsPriorsAndWhatIsFixed) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  auto model = model_of(phases);
  const auto measured = measured_at(phases, {0.3, 0.5, 0.2});
  model.free[0].upper = 0.4;
  model.free[1].lower = 0.1;
  auto at = found(phases, measured, model);
  EXPECT_NEAR(at.at("fraction:p1"), 0.4, 1e-5);
  EXPECT_GE(at.at("fraction:p2"), 0.1);
  // A prior as sharp as the data are: half-way, for a single phase and a single number.
  Phases two{{{1}, {2}}};
  auto plain = model_of(two);
  plain.free[0].prior_mean = 0.2;
  plain.free[0].prior_sigma = std::hypot(0.01, 1e-3);
  at = found(two, measured_at(two, {0.4, 0.6}), plain);
  EXPECT_NEAR(at.at("fraction:p1"), 0.4, 1e-5);
  // Fixed: the others share what it leaves.
  auto fixed = model_of(phases);
  fixed.phases[1].fraction = 0.2;
  fixed.free.pop_back();
  auto evaluate = [&](const match::Fractions& fractions) {
    auto out = evaluated(phases, fixed, fractions);
    out.jacobian = {{quantity(0), quantity(1), quantity(2)}, {"fraction:p1"}, {1, -1, 0.5}};
    return out;
  };
  at = match::best_fractions(measured, fixed, evaluate);
  ASSERT_EQ(at.size(), 1U);
  EXPECT_NEAR(at.at("fraction:p1"), 0.5, 1e-6);
  at = match::best_fractions(measured_at(phases, {-0.2, 1.0, 0.2}), fixed, evaluate);
  EXPECT_NEAR(at.at("fraction:p1"), 0.8, 1e-5);
}

TEST(Fractions, StayWhereNothingTellsOfThem) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}}};
  auto model = model_of(phases);
  model.fit_to = {"sigma2:X-X.1"};
  EXPECT_EQ(found(phases, measured_at(phases, {0.5, 0.5}), model).at("fraction:p1"), 0.2);
  // Nothing is fitted to what has no derivative.
  model = model_of(phases);
  const auto at = match::best_fractions(measured_at(phases, {0.5, 0.5}), model, [&](const auto& f) {
    auto out = evaluated(phases, model, f);
    out.jacobian = {};
    return out;
  });
  EXPECT_EQ(at.at("fraction:p1"), 0.2);
}

}  // namespace fractions_test
