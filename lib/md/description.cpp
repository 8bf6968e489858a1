// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/description.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::md {

namespace {

std::string unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

}  // namespace

bool is_plain(std::string_view word) {
  constexpr std::string_view safe =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.";
  return !word.empty() && word.size() <= 100 && word.front() != '.' && word.front() != '-' &&
         word.find_first_not_of(safe) == std::string_view::npos;
}

Description::Description(std::string_view text, std::string where) : where_(std::move(where)) {
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (!trim(line).empty() && trim(line).front() != '#') add(line, number);
  }
}

void Description::add(std::string_view line, int number) {
  const auto place = [&] { return printable(where_) + ":" + std::to_string(number) + ": "; };
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    throw Error(Cause::configuration, place() + "expected `key: value`");
  const std::string key(line.substr(0, colon));
  if (!values_.emplace(key, Line{unquoted(trim(line.substr(colon + 1))), number}).second)
    throw Error(Cause::configuration, place() + printable(key) + " is given twice");
}

void Description::fail(const std::string& what) const {
  throw Error(Cause::configuration, printable(where_) + ": " + what);
}

void Description::fail(const std::string& key, const std::string& what) const {
  const auto found = values_.find(key);
  const std::string line = found == values_.end() ? "" : ":" + std::to_string(found->second.number);
  throw Error(Cause::configuration, printable(where_) + line + ": " + printable(key) + ": " + what);
}

void Description::check_keys(const std::vector<std::string>& required,
                             const std::vector<std::string>& allowed) const {
  for (const std::string& key : required)
    if (!has(key)) fail(key + " is missing");
  std::vector<std::string> all = required;
  all.insert(all.end(), allowed.begin(), allowed.end());
  for (const auto& [key, line] : values_)
    if (std::ranges::find(all, key) == all.end())
      throw Error(Cause::configuration, printable(where_) + ":" + std::to_string(line.number) +
                                            ": unknown key '" + printable(key) + "'" +
                                            perhaps(key, all));
}

std::vector<std::string> Description::after(const std::string& prefix) const {
  std::vector<std::pair<int, std::string>> found;
  for (const auto& [key, line] : values_)
    if (key.starts_with(prefix)) found.emplace_back(line.number, key.substr(prefix.size()));
  std::ranges::sort(found);
  std::vector<std::string> out;
  for (auto& [number, rest] : found) out.push_back(std::move(rest));
  return out;
}

const std::string& Description::text(const std::string& key) const {
  static const std::string nothing;
  const auto found = values_.find(key);
  return found == values_.end() ? nothing : found->second.value;
}

std::string Description::plain(const std::string& key) const {
  if (!is_plain(text(key))) fail(key, "expected one plain word");
  return text(key);
}

std::vector<std::string> Description::plain_words(const std::string& key) const {
  std::vector<std::string> out;
  for (const std::string_view word : words(text(key))) {
    if (!is_plain(word)) fail(key, "expected plain words");
    out.emplace_back(word);
  }
  return out;
}

double Description::number(const std::string& key, const std::string& unit) const {
  return numbers(key, {unit}, "one number").front();
}

double Description::positive(const std::string& key, const std::string& unit) const {
  const double value = number(key, unit);
  if (!(value > 0)) fail(key, "expected a positive number");
  return value;
}

std::vector<double> Description::numbers(const std::string& key,
                                         const std::vector<std::string>& units,
                                         const std::string& expected) const {
  const auto parts = split(text(key), ',');
  if (parts.size() != units.size()) fail(key, "expected " + expected);
  std::vector<double> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    try {
      out.push_back(parse_in(parts[i], units[i]));
    } catch (const Error& error) {
      fail(key, error.what());
    }
    if (!std::isfinite(out.back())) fail(key, "a number is too large");
  }
  return out;
}

}  // namespace twin::md
