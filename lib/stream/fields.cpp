// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/fields.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "core/units.h"

namespace twin::stream {

using record::Value;

Fields::Fields(const Value& value, const Place& place, std::string_view name, const Fields* parent)
    : value_(value), place_(place), name_(name), parent_(parent) {
  if (value.is_object()) return;
  const std::string what = "expected a mapping, got " + std::string(value.kind_name());
  if (parent != nullptr) parent->fail(name, what, &value);
  fail("", what, &value);
}

std::string Fields::path() const {
  const std::string above = parent_ != nullptr ? parent_->path() : "";
  return above + (above.empty() || name_.empty() ? "" : ".") + printable(name_);
}

void Fields::fail(std::string_view key, const std::string& what, const Value* at) const {
  if (!place_.name.empty()) {
    if (at == nullptr && value_.is_object()) at = value_.find(key);
    const int line = at != nullptr && at->line > 0 ? at->line : value_.line;
    const std::string where = printable(place_.name) + ":" + std::to_string(line) + ": ";
    throw Error(place_.cause, where + (key.empty() ? "" : printable(key) + ": ") + what);
  }
  const std::string above = path();
  const std::string where = above + (above.empty() || key.empty() ? "" : ".") + printable(key);
  throw Error(place_.cause, where + (where.empty() ? "" : ": ") + what);
}

template <class Function>
auto Fields::guarded(std::string_view key, const Value& value, Function function) const {
  try {
    return function();
  } catch (const Error& error) {
    fail(key, error.what(), &value);
  }
}

const Value* Fields::find(std::string_view key) {
  asked_.push_back(key);
  const Value* found = value_.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const Value& Fields::need(std::string_view key) {
  if (const Value* found = find(key)) return *found;
  fail(key, "is missing");
}

Fields Fields::inside(std::string_view key) { return inside(key, need(key)); }

Fields Fields::inside(std::string_view key, const Value& value) const {
  return {value, place_, key, this};
}

std::optional<double> Fields::number(std::string_view key) {
  const Value* found = find(key);
  if (found == nullptr) return std::nullopt;
  return guarded(key, *found, [&] { return found->number(); });
}

double Fields::number(std::string_view key, double otherwise) {
  return number(key).value_or(otherwise);
}

double Fields::need_number(std::string_view key) {
  const Value& found = need(key);
  return guarded(key, found, [&] { return found.number(); });
}

std::optional<std::int64_t> Fields::integer(std::string_view key) {
  const Value* found = find(key);
  if (found == nullptr) return std::nullopt;
  return guarded(key, *found, [&] { return found->integer(); });
}

int Fields::whole(std::string_view key, int otherwise, int least, int most) {
  const Value* found = find(key);
  if (found == nullptr) return otherwise;
  const std::int64_t value = guarded(key, *found, [&] { return found->integer(); });
  if (value < least || value > most)
    fail(key,
         std::to_string(value) + "; expected " + std::to_string(least) + " to " +
             std::to_string(most),
         found);
  return static_cast<int>(value);
}

bool Fields::boolean(std::string_view key, bool otherwise) {
  const Value* found = find(key);
  if (found == nullptr) return otherwise;
  return guarded(key, *found, [&] { return found->boolean(); });
}

std::string Fields::text(std::string_view key, std::string otherwise) {
  const Value* found = find(key);
  if (found == nullptr) return otherwise;
  return guarded(key, *found, [&] { return found->string(); });
}

std::string Fields::need_text(std::string_view key) {
  const Value& found = need(key);
  return guarded(key, found, [&] { return found.string(); });
}

std::vector<std::string> Fields::texts(std::string_view key) {
  const Value* found = find(key);
  if (found == nullptr) return {};
  return guarded(key, *found, [&] {
    std::vector<std::string> out;
    for (const Value& item : found->array()) out.push_back(item.string());
    return out;
  });
}

std::vector<double> Fields::numbers(std::string_view key) {
  const Value* found = find(key);
  if (found == nullptr) return {};
  return guarded(key, *found, [&] {
    std::vector<double> out;
    for (const Value& item : found->array()) out.push_back(item.number());
    return out;
  });
}

double Fields::measure_of(std::string_view key, const Value& value, std::string_view unit,
                          bool bare) const {
  if (value.is_number()) {
    if (bare || unit.empty()) return value.number();
    fail(key,
         shortest(value.number()) + " has no unit; expected as in " + shortest(value.number()) +
             " " + std::string(unit),
         &value);
  }
  return guarded(key, value, [&] { return parse_in(value.string(), unit); });
}

std::optional<double> Fields::measure(std::string_view key, std::string_view unit, bool bare) {
  const Value* found = find(key);
  if (found == nullptr) return std::nullopt;
  return measure_of(key, *found, unit, bare);
}

std::optional<double> Fields::difference(std::string_view key, std::string_view unit) {
  const Value* found = find(key);
  if (found == nullptr) return std::nullopt;
  const double value = measure_of(key, *found, unit, false);
  if (!found->is_string()) return value;
  const std::string given = parse_measure(found->string()).unit;
  return value - convert(0, given, unit);
}

double Fields::fraction(std::string_view key, double otherwise) {
  const Value* found = find(key);
  if (found == nullptr) return otherwise;
  if (found->is_number()) return found->number();
  return guarded(key, *found, [&] {
    const Measure measure = parse_measure(found->string());
    if (measure.unit == "%") return measure.value / 100;
    return convert(measure.value, measure.unit, "");
  });
}

std::string Fields::check_identifier(std::string_view key, const Value& value) const {
  const std::string name = guarded(key, value, [&] { return value.string(); });
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-:/@";
  const std::string_view set = allowed;
  if (name.empty() || name.size() > 100 || name.find_first_not_of(set) != std::string::npos)
    fail(key, "\"" + printable(name) + "\" is no name; letters, digits and _.+-:/@ are", &value);
  return name;
}

std::string Fields::identifier(std::string_view key, std::string otherwise) {
  const Value* found = find(key);
  if (found == nullptr) return otherwise;
  std::string name = check_identifier(key, *found);
  // Such a name may become part of a file's path.
  if (name.find_first_of(":/@") != std::string::npos || name.starts_with('.') ||
      name.starts_with('-'))
    fail(key, "\"" + name + "\" is no name; letters, digits and _.+- are", found);
  return name;
}

std::vector<std::string> Fields::identifiers(std::string_view key) {
  const Value* found = find(key);
  if (found == nullptr) return {};
  std::vector<std::string> out;
  if (!found->is_array())
    fail(key, "expected a list, got " + std::string(found->kind_name()), found);
  for (const Value& item : found->array()) {
    out.push_back(check_identifier(key, item));
    if (std::count(out.begin(), out.end(), out.back()) > 1)
      fail(key, out.back() + " stands twice", &item);
  }
  return out;
}

bool Fields::asked(std::string_view key) const {
  return std::ranges::find(asked_, key) != asked_.end();
}

Value Fields::rest() const {
  Value out;
  for (const auto& [key, value] : value_.object())
    if (!asked(key)) {
      if (out.is_null()) out = Value(Value::Object{});
      out.object().emplace_back(key, value);
    }
  return out;
}

void Fields::refuse_rest() const {
  for (const auto& [key, value] : value_.object())
    if (!asked(key)) {
      std::vector<std::string> known(asked_.begin(), asked_.end());
      fail(key, "unknown" + perhaps(key, known), &value);
    }
}

}  // namespace twin::stream
