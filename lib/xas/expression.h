// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "xas/thermal.h"

namespace twin::xas {

/// Of one path in one spectrum: what an expression may ask besides the fit's parameters.
struct PathContext {
  double reff = 0.0;                  ///< Å
  double degeneracy = 0.0;            ///< n
  std::optional<double> temperature;  ///< K
  std::optional<ThermalPath> thermal;
};

/// An arithmetic expression of the parameters of a fit, with its derivatives by them, exact: each
/// operation carries value and slopes (dual numbers, forward mode). muparser, which reads such
/// expressions, has no derivatives; those by differences would cost the fit its quadratic end.
///
/// Parameters of paths are named as kind and path, "r:Cu-Cu.1"; the longest such name that there is
/// counts, so that a minus after one that could go on wants a blank before it.
/// + - * / ^ ( ), numbers, sqrt exp log sin cos tan abs, min and max of two, pi; reff (Å), T (K),
/// n (degeneracy) of the path; einstein(T, theta), debye(T, theta) in Å² (thermal.h). ^ binds to
/// the right and before the sign: -2^2 = -4. At most 1000 characters, 50 parentheses deep.
class Expression {
 public:
  /// \param names  of the parameters that there are; with ':' in them those of paths
  /// \throws Error{configuration} "position 6: 'einstien': unknown name; perhaps einstein"
  Expression(const std::string& text, const std::vector<std::string>& names);

  /// Indices into names, increasing.
  [[nodiscard]] const std::vector<Eigen::Index>& used() const { return used_; }
  [[nodiscard]] bool uses_temperature() const { return uses_temperature_; }
  [[nodiscard]] bool uses_path() const { return uses_path_; }        ///< reff or n
  [[nodiscard]] bool uses_thermal() const { return uses_thermal_; }  ///< einstein or debye
  [[nodiscard]] bool uses_debye() const { return uses_debye_; }

  /// \param x      [names] values of all parameters
  /// \param slope  [used], derivatives by those, where given
  /// \return       nan or infinite where the expression has no value; missing context is nan
  [[nodiscard]] double value(const Eigen::VectorXd& x, const PathContext& path,
                             Eigen::VectorXd* slope = nullptr) const;

  /// Whether \p name may be that of a parameter: letters, digits and _, none of the words above.
  [[nodiscard]] static bool may_name(const std::string& name);

 private:
  friend class ExpressionParser;
  class Machine;
  // In groups: what pushes a value, what takes two, what takes one.
  enum class Op {
    number,
    parameter,
    reff,
    temperature,
    degeneracy,
    add,
    subtract,
    multiply,
    divide,
    power,
    min,
    max,
    einstein,
    debye,
    negate,
    sqrt,
    exp,
    log,
    sin,
    cos,
    tan,
    abs
  };
  struct Step {
    Op op = Op::number;
    double number = 0.0;
    Eigen::Index parameter = 0;  ///< index into used_
  };

  std::vector<Step> steps_;  ///< in the order of a stack machine
  int depth_ = 0;            ///< of its stack
  std::vector<Eigen::Index> used_;
  bool uses_temperature_ = false, uses_path_ = false, uses_thermal_ = false, uses_debye_ = false;
};

}  // namespace twin::xas
