// SPDX-License-Identifier: GPL-3.0-or-later
// An expression of a recipe: any text is refused with a configuration error, or has a value with as
// many slopes as it uses parameters.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "xas/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> names{"alpha",     "theta",      "ss1",      "b",
                                              "r:Cu-Cu.1", "r:Cu-Cu.12", "n:Cu-Cu-b"};
  static const twin::xas::PathContext path = [] {
    twin::xas::PathContext out{2.5478, 12, 300.0, twin::xas::ThermalPath{}};
    out.thermal->atoms = Eigen::MatrixX3d::Identity(3, 3) * 2.5;
    out.thermal->masses = Eigen::VectorXd::Constant(3, 63.5);
    out.thermal->rnrmav = 1.39;
    return out;
  }();
  try {
    const twin::xas::Expression expression(std::string(reinterpret_cast<const char*>(data), size),
                                           names);
    const Eigen::VectorXd x =
        (Eigen::VectorXd(7) << 0.01, 315, 0.004, -2, 2.55, 3.61, 12).finished();
    Eigen::VectorXd slope;
    const double value = expression.value(x, path, &slope);
    const double again = expression.value(x, path);
    if (slope.size() != static_cast<Eigen::Index>(expression.used().size())) std::abort();
    if (value != again && value == value) std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::configuration) std::abort();
  }
  return 0;
}
