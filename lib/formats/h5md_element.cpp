// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/h5md_element.h"

#include <array>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "core/units.h"
#include "formats/h5md.h"

namespace twin::formats {

namespace {

std::string first_text(const std::vector<std::string>& texts) {
  return texts.empty() ? "" : texts.front();
}

}  // namespace

std::optional<double> h5md_unit(std::string_view text, std::string_view to) {
  // What the field writes and twin-units(7) does not know.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> other{
      {{"kJ mol-1", "kcal/mol"}, {"kJ/mol", "kcal/mol"}, {"kcal mol-1", "kcal/mol"}, {"A", "Å"}}};
  constexpr double calorie = 4.184;  // J
  text = trim(text);
  double factor = 1.0;
  if (const auto blank = text.find(' '); blank != text.npos)
    if (const auto number = parse_double(text.substr(0, blank))) {
      factor = *number;
      text = trim(text.substr(blank));
    }
  for (const auto& [theirs, unit] : other)
    if (text == theirs) {
      if (text.starts_with("kJ")) factor /= calorie;
      text = unit;
      break;
    }
  const auto from = find_unit(text), target = find_unit(to);
  if (!from || !target || from->dimension != target->dimension || !(factor > 0))
    return std::nullopt;
  return factor * from->factor / target->factor;
}

H5mdElement::H5mdElement(Hdf5Tree& tree, const std::string& path)
    : in_time_(tree.is_group(path)), value_(tree, in_time_ ? path + "/value" : path) {
  if (!value_) return;
  unit_ = first_text(tree.attribute(in_time_ ? path + "/value" : path, "unit"));
  if (!in_time_) return;
  step_ = axis(tree, path + "/step");
  time_ = axis(tree, path + "/time");
  ps_ = h5md_unit(first_text(tree.attribute(path + "/time", "unit")), "ps");
}

H5mdElement::Axis H5mdElement::axis(Hdf5Tree& tree, const std::string& path) {
  Hdf5Rows rows(tree, path);
  Axis out;
  if (!rows) return out;
  if (rows.shape().size() == 1) out.values = rows.all();
  if (!rows.shape().empty()) return out;
  out.increment = rows.all().front();
  out.offset = rows.attribute("offset").value_or(0);
  return out;
}

std::optional<double> H5mdElement::Axis::at(std::size_t row) const {
  const auto value = increment ? std::optional(offset + static_cast<double>(row) * *increment)
                     : row < values.size() ? std::optional(values[row])
                                           : std::nullopt;
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::vector<double> H5mdElement::at(std::size_t row) {
  return in_time_ ? value_.row(row) : value_.all();
}

std::vector<std::size_t> H5mdElement::shape() const {
  auto shape = value_.shape();
  if (in_time_ && !shape.empty()) shape.erase(shape.begin());
  return shape;
}

std::optional<std::int64_t> H5mdElement::step(std::size_t row) const {
  constexpr double exact = 9007199254740992.0;  // 2⁵³
  const auto value = step_.at(row);
  if (!value || std::abs(*value) > exact) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<double> H5mdElement::time_ps(std::size_t row) const {
  const auto value = time_.at(row);
  if (!value || !ps_) return std::nullopt;
  return *value * *ps_;
}

}  // namespace twin::formats
