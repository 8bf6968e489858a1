// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/pair_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"

namespace twin::xas {

namespace {

void check(const std::vector<ScatteringPath>& nodes, const Eigen::VectorXd& k) {
  const auto fail = [](const std::string& what) {
    throw Error(Cause::data, "pair table: " + what);
  };
  if (nodes.size() < 3)
    fail(std::to_string(nodes.size()) + " nodes; expected three distances or more");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].legs != 2) fail("'" + printable(nodes[i].name) + "' is not single scattering");
    if (i > 0 && !(nodes[i].reff > nodes[i - 1].reff)) fail("the distances do not increase");
    if (nodes[i].k != nodes[0].k || nodes[i].rep != nodes[0].rep ||
        nodes[i].lambda != nodes[0].lambda)
      fail("the nodes differ in k, real[p] or lambda; expected one set of potentials");
  }
  const double end = nodes[0].k[nodes[0].k.size() - 1];
  if (k.size() < 3 || !(k[0] >= nodes[0].k[0]) || !(k[k.size() - 1] <= end + 1e-9))
    fail("k goes beyond FEFF's, which ends at " + shortest(end) + " 1/Å");
}

/// \p phase without its jumps by multiples of 2π from point to point.
Eigen::VectorXd unwrapped(Eigen::VectorXd phase) {
  constexpr double turn = 2 * std::numbers::pi;
  for (Eigen::Index i = 1; i < phase.size(); ++i)
    phase[i] -= turn * std::round((phase[i] - phase[i - 1]) / turn);
  return phase;
}

/// Phase of G on FEFF's own grid, as printed.
Eigen::VectorXd node_phase(const ScatteringPath& node) {
  return node.phc + node.phase - 2 * node.reff * (node.rep - node.k);
}

/// Lagrange's weights at x for the points x[first .. first + n).
struct Weights {
  std::size_t first = 0, n = 0;
  std::array<double, 4> of{};
};

Weights weights(const std::vector<double>& r, double at) {
  const auto nodes = static_cast<int>(r.size());
  const auto above = static_cast<int>(std::upper_bound(r.begin(), r.end(), at) - r.begin());
  const int first = std::max(above - 2, 0), last = std::min(above + 2, nodes);
  // Two on each side; at an end three: a cubic would extrapolate worse.
  const int from = std::min(first, nodes - 3), to = std::max(last, 3);
  Weights result;
  result.first = static_cast<std::size_t>(from);
  result.n = static_cast<std::size_t>(to - from);
  for (std::size_t i = 0; i < result.n; ++i) {
    double weight = 1;
    for (std::size_t j = 0; j < result.n; ++j)
      if (j != i) {
        const double xi = 1 / r[result.first + i], xj = 1 / r[result.first + j];
        weight *= (1 / at - xj) / (xi - xj);
      }
    result.of[i] = weight;
  }
  return result;
}

}  // namespace

PairTable::PairTable(const std::vector<ScatteringPath>& nodes, const Eigen::VectorXd& k) : k_(k) {
  check(nodes, k);
  const ScatteringPath& central = nodes[nodes.size() / 2];
  const numeric::CubicInterpolator to_k(central.k, k);
  const Eigen::VectorXd reference = unwrapped(node_phase(central));
  rep_ = to_k(central.rep);
  lambda_ = to_k(central.lambda);
  phase_ = to_k(reference);
  for (const auto& node : nodes) {
    // The difference of phases is small and smooth: no wrap of a column survives in it.
    const Eigen::VectorXd difference = to_k(unwrapped(node_phase(node) - reference));
    const Eigen::VectorXd amplitude = to_k(node.mag.cwiseProduct(node.reduction));
    Eigen::VectorXcd complex(k.size());
    for (Eigen::Index i = 0; i < k.size(); ++i)
      complex[i] = std::polar(1.0, difference[i]) * amplitude[i];
    r_.push_back(node.reff);
    amplitude_.push_back(std::move(complex));
  }
}

Eigen::VectorXd PairTable::chi(double r) const {
  if (!(r >= rmin() - margin - 1e-9 && r <= rmax() + margin + 1e-9))
    throw Error(Cause::data, "pair table: a distance of " + significant(r, 4) +
                                 " Å; its nodes go from " + significant(rmin(), 4) + " to " +
                                 significant(rmax(), 4) + " Å");
  const Weights at = weights(r_, r);
  Eigen::ArrayXcd amplitude = Eigen::ArrayXcd::Zero(k_.size());
  for (std::size_t i = 0; i < at.n; ++i) amplitude += at.of[i] * amplitude_[at.first + i].array();
  const Eigen::ArrayXd angle = phase_.array() + 2 * r * rep_.array();
  Eigen::VectorXd result = (amplitude.real() * angle.sin() + amplitude.imag() * angle.cos()) *
                           (-2 * r / lambda_.array()).exp() / (k_.array() * r * r);
  if (k_[0] < 1e-9) result[0] = 2 * result[1] - result[2];
  return result;
}

Eigen::MatrixXd PairTable::basis(double from, double step, int bins) const {
  Eigen::MatrixXd result(bins, k_.size());
  for (int i = 0; i < bins; ++i) result.row(i) = chi(from + step * i).transpose();
  return result;
}

}  // namespace twin::xas
