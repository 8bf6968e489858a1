// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "xas/expression.h"

namespace twin::xas {

/// Recursive descent, a function for each line:
///
///   sum      = product { (+|-) product }
///   product  = sign { (*|/) sign }
///   sign     = { -|+ } power
///   power    = atom [ ^ sign ]
///   atom     = number | name | kind : path | name ( sum { , sum } ) | ( sum )
class ExpressionParser {
 public:
  ExpressionParser(Expression& out, const std::string& text, const std::vector<std::string>& names)
      : out_(out), text_(text), names_(names) {}

  /// \throws Error{configuration} with the position, from 1
  void run();

  [[nodiscard]] static bool may_name(const std::string& name);

 private:
  using Op = Expression::Op;

  void sum();
  void product();
  void sign();
  void power();
  void atom();
  void number();
  void name();
  void path_parameter(std::size_t at);
  void call(std::string_view name, std::size_t at);
  void variable(std::string_view name, std::size_t at);

  void push(Expression::Step step);
  void apply(Op op);
  void skip_blanks();
  [[nodiscard]] char next();        ///< after blanks; 0 at the end
  [[nodiscard]] bool take(char c);  ///< true, and past it, where it comes next
  void expect(char c);
  [[noreturn]] void fail(std::size_t at, const std::string& what) const;
  [[noreturn]] void fail_unknown(std::size_t at, std::string_view name) const;

  Expression& out_;
  const std::string& text_;
  const std::vector<std::string>& names_;
  std::vector<Eigen::Index> order_;  ///< of parameters as they come
  std::size_t at_ = 0;
  int nested_ = 0, height_ = 0;
};

}  // namespace twin::xas
