// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/expression_parser.h"

#include <algorithm>
#include <numbers>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

constexpr std::size_t longest = 1000;
constexpr int deepest = 100;  // a parenthesis is a sum and a power

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

const std::vector<std::string>& words_of_its_own() {
  static const std::vector<std::string> out{"sqrt",  "exp", "log",  "sin", "cos",
                                            "tan",   "abs", "min",  "max", "einstein",
                                            "debye", "pi",  "reff", "T",   "n"};
  return out;
}

}  // namespace

void ExpressionParser::run() {
  if (text_.size() > longest)
    fail(longest, "the expression has more than " + std::to_string(longest) + " characters");
  sum();
  if (next() != 0) fail(at_, "'" + printable(text_.substr(at_, 1)) + "' is one too many");
  // Parameters in the order of their index.
  out_.used_ = order_;
  std::sort(out_.used_.begin(), out_.used_.end());
  for (Expression::Step& step : out_.steps_)
    if (step.op == Op::parameter)
      step.parameter = std::lower_bound(out_.used_.begin(), out_.used_.end(), step.parameter) -
                       out_.used_.begin();
}

void ExpressionParser::sum() {
  if (++nested_ > deepest) fail(at_, "nested too deep");
  product();
  for (char c = next(); c == '+' || c == '-'; c = next()) {
    ++at_;
    product();
    apply(c == '+' ? Op::add : Op::subtract);
  }
  --nested_;
}

void ExpressionParser::product() {
  sign();
  for (char c = next(); c == '*' || c == '/'; c = next()) {
    ++at_;
    sign();
    apply(c == '*' ? Op::multiply : Op::divide);
  }
}

void ExpressionParser::sign() {
  bool negative = false;
  for (char c = next(); c == '-' || c == '+'; c = next()) {
    ++at_;
    negative = negative != (c == '-');
  }
  power();
  if (negative) apply(Op::negate);
}

void ExpressionParser::power() {
  if (++nested_ > deepest) fail(at_, "nested too deep");
  atom();
  if (take('^')) {
    sign();
    apply(Op::power);
  }
  --nested_;
}

void ExpressionParser::atom() {
  const char c = next();
  if (take('(')) {
    sum();
    expect(')');
  } else if (is_digit(c) || c == '.') {
    number();
  } else if (begins_name(c)) {
    name();
  } else if (c == 0) {
    fail(at_, "ends where a number or a name should be");
  } else {
    fail(at_, "'" + printable(text_.substr(at_, 1)) + "' where a number or a name should be");
  }
}

void ExpressionParser::number() {
  const std::size_t from = at_;
  const auto digits = [&] {
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  };
  digits();
  if (at_ < text_.size() && text_[at_] == '.') ++at_;
  digits();
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    digits();
  }
  const std::string word = text_.substr(from, at_ - from);
  const auto value = parse_double(word);
  if (!value) fail(from, "'" + printable(word) + "' is no number");
  push({Op::number, *value, 0});
}

void ExpressionParser::name() {
  const std::size_t from = at_;
  while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
  if (at_ < text_.size() && text_[at_] == ':') return path_parameter(from);
  const std::string_view word = std::string_view(text_).substr(from, at_ - from);
  if (next() == '(')
    call(word, from);
  else
    variable(word, from);
}

// "r:Cu-Cu.1": the longest name that there is and ends here, since paths have - and . in theirs.
void ExpressionParser::path_parameter(std::size_t from) {
  constexpr std::string_view in_names = "_.+-";
  const auto rest = std::string_view(text_).substr(from);
  const auto ends = [&](std::size_t at) {
    return at >= rest.size() ||
           !(begins_name(rest[at]) || is_digit(rest[at]) || rest[at] == '.' || rest[at] == ':');
  };
  std::string_view found;
  for (const std::string& name : names_)
    if (name.size() > found.size() && name.find(':') != std::string::npos &&
        rest.starts_with(name) && ends(name.size()))
      found = name;
  if (found.empty()) {
    std::size_t end = at_ - from + 1;
    while (end < rest.size() && (begins_name(rest[end]) || is_digit(rest[end]) ||
                                 in_names.find(rest[end]) != std::string_view::npos))
      ++end;
    fail_unknown(from, rest.substr(0, end));
  }
  at_ = from + found.size();
  variable(found, from);
}

void ExpressionParser::variable(std::string_view name, std::size_t at) {
  if (const auto found = std::find(names_.begin(), names_.end(), name); found != names_.end()) {
    const auto index = static_cast<Eigen::Index>(found - names_.begin());
    if (std::find(order_.begin(), order_.end(), index) == order_.end()) order_.push_back(index);
    return push({Op::parameter, 0.0, index});
  }
  if (name == "pi") return push({Op::number, std::numbers::pi, 0});
  if (name == "T") {
    out_.uses_temperature_ = true;
    return push({Op::temperature, 0.0, 0});
  }
  if (name != "reff" && name != "n") fail_unknown(at, name);
  out_.uses_path_ = true;
  push({name == "n" ? Op::degeneracy : Op::reff, 0.0, 0});
}

void ExpressionParser::call(std::string_view name, std::size_t at) {
  static constexpr std::pair<const char*, Op> of_one[] = {
      {"sqrt", Op::sqrt}, {"exp", Op::exp}, {"log", Op::log}, {"sin", Op::sin},
      {"cos", Op::cos},   {"tan", Op::tan}, {"abs", Op::abs}};
  static constexpr std::pair<const char*, Op> of_two[] = {
      {"min", Op::min}, {"max", Op::max}, {"einstein", Op::einstein}, {"debye", Op::debye}};
  const auto find = [&](const auto& table) {
    return std::find_if(std::begin(table), std::end(table),
                        [&](const auto& entry) { return name == entry.first; });
  };
  const auto *one = find(of_one), *two = find(of_two);
  if (one == std::end(of_one) && two == std::end(of_two)) fail_unknown(at, name);
  expect('(');
  sum();
  if (two != std::end(of_two)) {
    if (next() != ',') fail(at_, std::string(name) + " wants two arguments: a comma is missing");
    ++at_;
    sum();
    out_.uses_thermal_ |= two->second == Op::einstein || two->second == Op::debye;
    out_.uses_debye_ |= two->second == Op::debye;
    apply(two->second);
  } else {
    apply(one->second);
  }
  if (next() == ',') fail(at_, std::string(name) + " has an argument too many");
  expect(')');
}

void ExpressionParser::push(Expression::Step step) {
  out_.steps_.push_back(step);
  out_.depth_ = std::max(out_.depth_, ++height_);
}

void ExpressionParser::apply(Op op) {
  if (op < Op::negate) --height_;
  out_.steps_.push_back({op, 0.0, 0});
}

char ExpressionParser::next() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  // A byte 0 in the text is no end: it is reported as what it is.
  return at_ < text_.size() ? (text_[at_] == 0 ? '\x01' : text_[at_]) : '\0';
}

bool ExpressionParser::take(char c) {
  if (next() != c) return false;
  ++at_;
  return true;
}

void ExpressionParser::expect(char c) {
  if (take(c)) return;
  fail(at_, std::string("'") + c + "' is missing");
}

void ExpressionParser::fail(std::size_t at, const std::string& what) const {
  throw Error(Cause::configuration, "position " + std::to_string(at + 1) + ": " + what);
}

void ExpressionParser::fail_unknown(std::size_t at, std::string_view name) const {
  std::vector<std::string> known = words_of_its_own();
  known.insert(known.end(), names_.begin(), names_.end());
  fail(at, "'" + printable(name) + "': unknown name" + perhaps(name, known));
}

bool ExpressionParser::may_name(const std::string& name) {
  const auto& taken = words_of_its_own();
  return !name.empty() && begins_name(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
    return begins_name(c) || is_digit(c);
  }) && std::find(taken.begin(), taken.end(), name) == taken.end();
}

}  // namespace twin::xas
