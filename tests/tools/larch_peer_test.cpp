// SPDX-License-Identifier: GPL-3.0-or-later
// The reduction beside xraylarch itself, on a spectrum that is in no recorded answer.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "core/text.h"
#include "process/child.h"
#include "tool.h"
#include "xas/reduce.h"
#include "xas/transform.h"

using namespace twin;
using namespace tools;

namespace larch_peer_test {
namespace {

const std::string peer = R"(import numpy as np
from larch import Group
from larch.xafs import pre_edge, autobk, xftf
energy, mu = np.loadtxt("mu.dat", unpack=True)
data = Group(energy=energy, mu=mu)
pre_edge(data)
autobk(data, rbkg=1.0, kweight=2)
xftf(data, kmin=3, kmax=11, dk=1, kweight=2, window="hanning")
print("edge", repr(float(data.e0)), repr(float(data.edge_step)))
for x in data.chi: print("chi", repr(float(x)))
for x in data.chir_mag: print("chir", repr(float(x)))
)";

/// A step, a slope, two shells and a little noise: rows of eV and µ, as written.
Eigen::MatrixX2d spectrum() {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 2e-4);
  Eigen::MatrixX2d out(420, 2);
  for (Eigen::Index i = 0; i < out.rows(); ++i) {
    const double x = static_cast<double>(i);
    const double e = i < 200 ? -180 + x : 20 + 0.0125 * (x - 200) * (x - 200) + 1.5 * (x - 200);
    const double k = e > 0 ? std::sqrt(0.2624683 * e) : 0;
    const double wave = k > 1 ? (0.9 * std::sin(4.6 * k + 0.4) + 0.5 * std::sin(7.4 * k - 1)) *
                                    std::exp(-0.015 * k * k) / k
                              : 0;
    const double step = 0.5 + std::atan(e / 1.5) / M_PI;
    out.row(i) << 8979 + e,
        0.4 - 2e-4 * e + 1.3 * step * (1 - 1e-4 * e) * (1 + 0.5 * wave) + noise(random);
  }
  return out;
}

class LarchInTheFlesh : public Tools {};

TEST_F(LarchInTheFlesh, ReducesASpectrumTheSameWay) {
  const char* const python = std::getenv("LARCH_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "skipped: no xraylarch ($LARCH_PYTHON)";
  const Eigen::MatrixX2d curve = spectrum();
  std::string text;
  for (Eigen::Index i = 0; i < curve.rows(); ++i)
    text += shortest(curve(i, 0)) + " " + shortest(curve(i, 1)) + "\n";
  put("mu.dat", text);
  const auto said =
      process::run({.argv = {python, "-c", peer}, .folder = path(".")}, process::Seconds(200));
  ASSERT_EQ(said.ending.status, 0) << said.error;
  double e0 = 0, step = 0;
  std::vector<double> chi, magnitude;
  for (const auto line : split(said.out, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 2) continue;
    const double value = parse_double(fields[1]).value();
    if (fields[0] == "edge") e0 = value, step = parse_double(fields.at(2)).value();
    if (fields[0] == "chi") chi.push_back(value);
    if (fields[0] == "chir") magnitude.push_back(value);
  }
  const xas::Reduction ours = xas::reduce(curve.col(0), curve.col(1), {}, record::AutobkSettings{});
  EXPECT_NEAR(ours.e0, e0, 1e-3);
  EXPECT_NEAR(ours.edge_step / step, 1, 1e-6);
  ASSERT_EQ(static_cast<std::size_t>(ours.chi.size()), chi.size());
  double worst = 0, size = 0;
  for (std::size_t i = 41; i < chi.size(); ++i) {  // k > 2, as with the recorded answers
    worst = std::max(worst, std::abs(chi[i] - ours.chi[static_cast<Eigen::Index>(i)]));
    size = std::max(size, std::abs(chi[i]));
  }
  EXPECT_LT(worst, 2e-3 * size);  // Larch stops when the cost falls by less than 1e-6
  const auto transform = xas::forward_transform(ours.chi, 3, 11, 1, 2, "hanning");
  ASSERT_EQ(static_cast<std::size_t>(transform.r.size()), magnitude.size());
  const double peak = *std::ranges::max_element(magnitude);
  for (std::size_t i = 0; i < magnitude.size(); ++i)
    EXPECT_NEAR(std::abs(transform.chi[static_cast<Eigen::Index>(i)]), magnitude[i], 3e-3 * peak);
}

}  // namespace
}  // namespace larch_peer_test
