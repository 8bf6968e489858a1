// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "xas/lcf.h"
#include "xas/xanes_curves.h"

/// Two standards that nobody measured, their mixtures, and the ends of what is refined.
namespace twin::xas {

inline record::LcfSettings plain() {
  record::LcfSettings out;
  out.step = out.slope = out.shift = out.broadening = out.self_absorption = false;
  return out;
}

inline record::LcfSettings full() {
  record::LcfSettings out;
  out.broadening = out.self_absorption = true;
  return out;
}

inline std::vector<LcfStandard> two() {
  const Eigen::VectorXd e = xanes::grid(), finer = xanes::grid(-50, 110, 0.25);
  return {{"one", e, xanes::curve(e, xanes::first())},
          {"two", finer, xanes::curve(finer, xanes::second())}};
}

inline Eigen::VectorXd mixed(const Eigen::VectorXd& energy, double one, double shift = 0) {
  const Eigen::VectorXd moved = energy.array() - shift;
  return one * xanes::curve(moved, xanes::first()) +
         (1 - one) * xanes::curve(moved, xanes::second());
}

}  // namespace twin::xas
