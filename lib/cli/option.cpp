// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <utility>

#include "cli/command.h"
#include "cli/describe.h"
#include "core/error.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::cli {

namespace {

Error wrong_value(const std::string& message) { return {Cause::usage, message}; }

/// A bare number is in \p unit; with a unit of its own it is converted.
double number_in(const std::string& text, const std::string& unit) {
  if (const auto bare = parse_double(trim(text)); bare && std::isfinite(*bare)) return *bare;
  try {
    return parse_in(text, unit);
  } catch (const Error& error) {
    throw wrong_value("'" + printable(text) + "': " + error.what());
  }
}

void check_range(double value, const Option& option) {
  const bool low = option.lower && value < *option.lower;
  const bool high = option.upper && value > *option.upper;
  if (low || high)
    throw wrong_value(shortest(value) + " is too " + (low ? "small" : "large") + "; give " +
                      range_text(option));
}

std::string with_unit(double value, const std::string& unit) {
  return unit.empty() ? shortest(value) : shortest(value) + " " + unit;
}

Option named(Kind kind, std::string name, std::string metavar, std::string help) {
  Option option;
  option.kind = kind;
  option.name = std::move(name);
  option.metavar = std::move(metavar);
  option.help = std::move(help);
  return option;
}

}  // namespace

Option flag(std::string name, bool& target, std::string help) {
  auto option = named(Kind::flag, std::move(name), "", std::move(help));
  option.set = [&target](const std::string&) { target = true; };
  return option;
}

Option number(std::string name, double& target, std::string unit, std::string help,
              std::optional<double> lower, std::optional<double> upper) {
  auto option = named(Kind::number, std::move(name), "N", std::move(help));
  option.unit = std::move(unit);
  option.lower = lower;
  option.upper = upper;
  if (std::isfinite(target)) option.default_text = with_unit(target, option.unit);
  option.set = [&target, self = option](const std::string& text) {
    const double value = number_in(text, self.unit);
    check_range(value, self);
    target = value;
  };
  return option;
}

Option integer(std::string name, long long& target, std::string help, std::optional<double> lower,
               std::optional<double> upper) {
  auto option = named(Kind::integer, std::move(name), "N", std::move(help));
  option.lower = lower;
  option.upper = upper;
  option.default_text = std::to_string(target);
  option.set = [&target, self = option](const std::string& text) {
    const auto value = parse_integer(trim(text));
    if (!value) throw wrong_value("'" + printable(text) + "' is no whole number");
    check_range(static_cast<double>(*value), self);
    target = *value;
  };
  return option;
}

Option text(std::string name, std::string& target, std::string metavar, std::string help) {
  auto option = named(Kind::text, std::move(name), std::move(metavar), std::move(help));
  option.default_text = target;
  option.set = [&target](const std::string& value) { target = value; };
  return option;
}

Option list(std::string name, std::vector<std::string>& target, std::string metavar,
            std::string help) {
  auto option = named(Kind::list, std::move(name), std::move(metavar), std::move(help));
  option.default_text = join(target, ",");
  option.repeatable = true;
  option.set = [&target, fresh = false](const std::string& value) mutable {
    if (!fresh) target.clear();  // what is given replaces the default, then adds up
    fresh = true;
    target.push_back(value);
  };
  return option;
}

Option choice(std::string name, std::string& target, std::vector<std::string> choices,
              std::string help) {
  auto option = named(Kind::choice, std::move(name), "WORD", std::move(help));
  option.default_text = target;
  option.choices = std::move(choices);
  option.set = [&target, allowed = option.choices](const std::string& value) {
    for (const auto& word : allowed)
      if (word == value) {
        target = value;
        return;
      }
    throw wrong_value("'" + printable(value) + "' is not one of " + join(allowed, ", ") +
                      perhaps(value, allowed));
  };
  return option;
}

}  // namespace twin::cli
