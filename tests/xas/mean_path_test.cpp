// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/mean_path.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "xas/fit.h"
#include "xas/made_up_path.h"

namespace twin::xas::mean_path_test {
namespace {

const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(361, 0.0, 18.0);

ScatteringPath triangle() {
  Eigen::MatrixX3d atoms(3, 3);
  atoms << 0, 0, 0, 1.8, 1.8, 0, 1.8, 0, 1.8;
  return made_up_path(atoms, 48);
}

TEST(MeanPath, IsThePathEquation) {
  PathValues values;
  values.amplitude = 48;
  values.delta_r = 0.03;
  values.sigma2 = 0.009;
  const Eigen::VectorXd expected = path_chi(triangle(), values, k);
  const Eigen::VectorXd chi = MeanPath(triangle(), k).chi({0.03, 0.009 + 0.03 * 0.03});
  EXPECT_LT((chi - expected).norm(), 1e-10 * expected.norm());
}

TEST(MeanPath, ResponseIsTheDerivative) {
  const MeanPath path(triangle(), k);
  const Eigen::Vector2d at(0.02, 0.008), change(1.0, 0.3);
  const double step = 1e-5;
  const Eigen::VectorXd difference =
      (path.chi(at + step * change) - path.chi(at - step * change)) / (2 * step);
  EXPECT_LT((path.response(at, change) - difference).norm(), 1e-6 * difference.norm());
}

TEST(MeanPath, RefusesWhatFeffDoesNotHave) {
  EXPECT_THROW(MeanPath(triangle(), Eigen::VectorXd::LinSpaced(50, 0.0, 22.0)), Error);
}

}  // namespace
}  // namespace twin::xas::mean_path_test
