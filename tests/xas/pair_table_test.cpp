// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/pair_table.h"

#include <gtest/gtest.h>

#include <limits>
#include <numbers>
#include <vector>

#include "core/error.h"
#include "xas/fit.h"
#include "xas/made_up_path.h"

namespace twin::xas::pair_table_test {
namespace {

const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(361, 0.0, 18.0);

std::vector<ScatteringPath> nodes(double from = 1.8, double step = 0.3, int count = 17) {
  std::vector<ScatteringPath> result;
  for (int i = 0; i < count; ++i) result.push_back(made_up_pair(from + step * i));
  return result;
}

double relative(const Eigen::VectorXd& one, const Eigen::VectorXd& other) {
  const auto from_k3 = [](const Eigen::VectorXd& chi) {
    return chi.tail(301).cwiseProduct(k.tail(301)).eval();
  };
  return from_k3(one - other).norm() / from_k3(other).norm();
}

// Splines are linear in their ordinates, so that nothing but rounding is left.
TEST(PairTable, IsThePathEquationAtTheNodes) {
  const PairTable table(nodes(), k);
  for (const auto& node : nodes())
    EXPECT_LT((table.chi(node.reff) - path_chi(node, {}, k)).tail(360).cwiseAbs().maxCoeff(),
              1e-12);
}

// The made-up paths depend on R as 1/R in phase and amplitude: what is left is of order four.
TEST(PairTable, BetweenTheNodesItIsTheirClosedForm) {
  const PairTable table(nodes(), k);
  for (double r = 1.85; r < 6.6; r += 0.05)
    EXPECT_LT(relative(table.chi(r), path_chi(made_up_pair(r), {}, k)), 1e-4) << r;
  const PairTable three(nodes(2.26, 0.3, 3), k);
  for (double r = 2.26; r < 2.86; r += 0.05)
    EXPECT_LT(relative(three.chi(r), path_chi(made_up_pair(r), {}, k)), 1e-3) << r;
}

TEST(PairTable, HasNoStepsInDistance) {
  const PairTable table(nodes(), k);
  for (double r = 2.1; r < 6.3; r += 0.15)  // nodes and the middles between them
    EXPECT_LT((table.chi(r + 1e-7) - table.chi(r - 1e-7)).norm(), 1e-5 * table.chi(r).norm()) << r;
}

TEST(PairTable, WrapsOfThePhaseDoNotMatter) {
  const PairTable straight(nodes(), k);
  auto wrapped = nodes();
  constexpr double turn = 2 * std::numbers::pi;
  for (std::size_t n = 0; n < wrapped.size(); ++n) {
    wrapped[n].phase.array() += turn * static_cast<double>(n % 4);
    wrapped[n].phase.tail(60 - 3 * static_cast<Eigen::Index>(n)).array() -= 3 * turn;
    for (Eigen::Index i = 0; i < wrapped[n].phc.size(); ++i)
      wrapped[n].phc[i] -= turn * std::round(wrapped[n].phc[i] / turn);
  }
  const PairTable same(wrapped, k);
  for (const double r : {1.9, 2.553, 3.3, 6.5})
    EXPECT_LT((same.chi(r) - straight.chi(r)).norm(), 1e-9 * straight.chi(r).norm()) << r;
}

TEST(PairTable, BasisIsChiAtEachDistance) {
  const PairTable table(nodes(), k);
  const Eigen::MatrixXd basis = table.basis(2.0, 0.01, 20);
  ASSERT_EQ(basis.rows(), 20);
  EXPECT_EQ(basis.row(7).transpose(), table.chi(2.0 + 0.01 * 7));
}

TEST(PairTable, RefusesDistancesOutside) {
  const PairTable table(nodes(), k);
  EXPECT_NO_THROW(static_cast<void>(table.chi(1.66)));
  EXPECT_NO_THROW(static_cast<void>(table.chi(6.74)));
  for (const double r : {1.64, 6.76, 0.0, -3.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(static_cast<void>(table.chi(r)), Error) << r;
}

TEST(PairTable, RefusesNodesThatDoNotBelongTogether) {
  EXPECT_THROW(PairTable(nodes(2, 0.3, 2), k), Error);
  auto wrong = nodes();
  std::swap(wrong[3], wrong[4]);
  EXPECT_THROW(PairTable(wrong, k), Error);
  wrong = nodes();
  wrong[2].lambda[5] += 0.1;  // other potentials
  EXPECT_THROW(PairTable(wrong, k), Error);
  wrong = nodes();
  wrong[2].legs = 3;
  EXPECT_THROW(PairTable(wrong, k), Error);
  EXPECT_THROW(PairTable(nodes(), Eigen::VectorXd::LinSpaced(10, 0, 25)), Error);
}

}  // namespace
}  // namespace twin::xas::pair_table_test
