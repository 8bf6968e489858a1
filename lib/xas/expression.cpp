// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/expression.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "xas/expression_parser.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

// Values and slopes on a stack. Slopes of zero stay zero whatever they are multiplied with: the
// derivative of a constant's square root at 0 is not asked for.
class Expression::Machine {
 public:
  Machine(const Expression& expression, const VectorXd& x, const PathContext& path)
      : expression_(expression), x_(x), path_(path) {
    const auto depth = static_cast<Index>(expression.depth_);
    values_ = VectorXd::Zero(depth);
    slopes_ = MatrixXd::Zero(static_cast<Index>(expression.used_.size()), depth);
  }

  double run(VectorXd* slope) {
    for (const Step& step : expression_.steps_) {
      if (step.op < Op::add)
        push(step);
      else if (step.op < Op::negate)
        two(step.op);
      else
        one(step.op);
    }
    if (slope) *slope = slopes_.col(0);
    return values_[0];
  }

 private:
  void push(const Step& step) {
    slopes_.col(top_).setZero();
    double& value = values_[top_];
    if (step.op == Op::parameter) {
      value = x_[expression_.used_[static_cast<std::size_t>(step.parameter)]];
      slopes_(step.parameter, top_) = 1;
    } else if (step.op == Op::number) {
      value = step.number;
    } else if (step.op == Op::temperature) {
      value = path_.temperature.value_or(nan);
    } else {
      value = step.op == Op::reff ? path_.reff : path_.degeneracy;
    }
    ++top_;
  }

  // The topmost becomes f of it, with f' = slope.
  void set(double value, double slope) {
    values_[top_ - 1] = value;
    for (double& s : slopes_.col(top_ - 1)) s = s == 0 ? 0 : s * slope;
  }

  void one(Op op) {
    const double v = values_[top_ - 1];
    if (op == Op::negate) set(-v, -1);
    if (op == Op::sqrt) set(std::sqrt(v), 0.5 / std::sqrt(v));
    if (op == Op::exp) set(std::exp(v), std::exp(v));
    if (op == Op::log) set(std::log(v), 1 / v);
    if (op == Op::sin) set(std::sin(v), std::cos(v));
    if (op == Op::cos) set(std::cos(v), -std::sin(v));
    if (op == Op::tan) set(std::tan(v), 1 + std::tan(v) * std::tan(v));
    if (op == Op::abs) set(std::abs(v), v < 0 ? -1 : 1);
  }

  // The two topmost become one, with derivatives by each.
  void set(double value, double by_left, double by_right) {
    set(values_[top_ - 1], by_right);
    --top_;
    set(value, by_left);
    slopes_.col(top_ - 1) += slopes_.col(top_);
  }

  void two(Op op) {
    const double a = values_[top_ - 2], b = values_[top_ - 1];
    if (op == Op::add) set(a + b, 1, 1);
    if (op == Op::subtract) set(a - b, 1, -1);
    if (op == Op::multiply) set(a * b, b, a);
    if (op == Op::divide) set(a / b, 1 / b, -a / (b * b));
    if (op == Op::power) set(std::pow(a, b), b * std::pow(a, b - 1), std::pow(a, b) * std::log(a));
    if (op == Op::min) set(std::min(a, b), a <= b, a > b);
    if (op == Op::max) set(std::max(a, b), a >= b, a < b);
    if (op == Op::einstein || op == Op::debye) {
      Thermal out{nan, nan, nan};
      if (path_.thermal)
        out = op == Op::einstein ? xas::einstein(a, b, *path_.thermal)
                                 : xas::debye(a, b, *path_.thermal);
      set(out.sigma2, out.by_temperature, out.by_theta);
    }
  }

  const Expression& expression_;
  const VectorXd& x_;
  const PathContext& path_;
  VectorXd values_;
  MatrixXd slopes_;  // [used × depth]
  Index top_ = 0;
};

Expression::Expression(const std::string& text, const std::vector<std::string>& names) {
  ExpressionParser(*this, text, names).run();
}

double Expression::value(const VectorXd& x, const PathContext& path, VectorXd* slope) const {
  return Machine(*this, x, path).run(slope);
}

bool Expression::may_name(const std::string& name) { return ExpressionParser::may_name(name); }

}  // namespace twin::xas
