// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>

#include "core/units.h"

namespace twin::store {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_texts = 256;  // that are written at once

std::string dimension_of(const std::string& name) {
  const auto unit = find_unit(name);
  return unit ? unit->dimension : name;
}

std::size_t count_of(const std::vector<std::size_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

/// \p number of \p unit in the column's; a width has no origin: it scales by the difference of two
/// converted values (°C).
double converted(const std::optional<double>& number, const std::string& from,
                 const std::string& to, bool width) {
  if (!number) return missing;
  if (from == to) return *number;
  return convert(*number, from, to) - (width ? convert(0.0, from, to) : 0.0);
}

}  // namespace

std::string nexus_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 128 && std::isalnum(byte) ? c : '_';
  }
  return out.empty() ? "_" : out;
}

std::string Names::unique(const std::string& name) {
  const std::string stem = nexus_name(name);
  std::string out = stem;
  for (int n = 2; std::ranges::find(used_, out) != used_.end(); ++n)
    out = stem + "_" + std::to_string(n);
  used_.push_back(out);
  return out;
}

void Table::add_array(const std::string& name, const std::string& unit,
                      std::vector<std::size_t> shape) {
  columns_.push_back({.title = name, .unit = unit, .shape = std::move(shape), .wanted = true});
  ++arrays_;
}

Table::Key Table::key_of(std::size_t group, const std::string& name,
                         const record::Quantity& quantity) {
  return {group, name, dimension_of(quantity.unit)};
}

void Table::note(Column& column, const Row::Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  column.wanted = column.wanted || text == nullptr || !text->empty();
}

void Table::count(const Row& row) {
  using hdf5::Kind;
  if (rows_++ == 0)
    for (const auto& [name, cell] : row.cells) {
      constexpr std::array kinds{Kind::texts, Kind::integers, Kind::numbers};
      columns_.push_back({.kind = kinds[cell.index()], .title = std::string(name)});
    }
  for (std::size_t i = 0; i < row.cells.size(); ++i)
    note(columns_[arrays_ + i], row.cells[i].second);
  for (std::size_t group = 0; group < row.quantities.size(); ++group)
    for (const auto& [name, quantity] : *row.quantities[group]) {
      auto& columns = quantities_[key_of(group, name, quantity)];
      if (!std::exchange(columns.value.wanted, true))
        for (auto* column : {&columns.value, &columns.sigma, &columns.sigma_sys})
          column->unit = quantity.unit;
      columns.sigma.wanted |= quantity.sigma && std::isfinite(*quantity.sigma);
      columns.sigma_sys.wanted |= quantity.sigma_sys && std::isfinite(*quantity.sigma_sys);
    }
}

void Table::create(const hdf5::Handle& parent, Names& names, Column& column,
                   const std::string& wanted) {
  using hdf5::Kind;
  if (!column.wanted) return;
  column.name = names.unique(wanted);
  const std::size_t width = count_of(column.shape) * sizeof(double);
  // There are many data sets of single numbers, and they are small.
  const std::size_t bytes = column.shape.empty() ? chunk_ / 16 : chunk_;
  column.block = column.kind == Kind::texts
                     ? most_texts
                     : std::clamp<std::size_t>(bytes / std::max<std::size_t>(width, 1), 1, rows_);
  hdf5::create_rows(parent, path_ + "/" + column.name, column.kind, rows_, column.shape,
                    column.block, column.unit, column.kind == Kind::numbers ? column.title : "");
}

void Table::create(const hdf5::Handle& parent, const std::string& path, Names& names,
                   std::size_t chunk) {
  path_ = path;
  chunk_ = chunk;
  // Arrays have the names that they bring, but for those of the cells by which records are found.
  for (std::size_t i = arrays_; i < columns_.size(); ++i)
    if (columns_[i].title == "sequence" || columns_[i].title == "record")
      create(parent, names, columns_[i], columns_[i].title);
  for (Column& column : columns_)
    if (column.name.empty()) create(parent, names, column, column.title);
  for (auto& [key, columns] : quantities_) {
    const std::string& name = std::get<1>(key);
    columns.value.title = name;
    create(parent, names, columns.value, name);
    create(parent, names, columns.sigma, columns.value.name + "_errors");
    create(parent, names, columns.sigma_sys, columns.value.name + "_errors_sys");
  }
}

std::string Table::name_of(std::string_view name) const {
  const auto end = columns_.begin() + static_cast<std::ptrdiff_t>(arrays_);
  const auto at = std::find_if(columns_.begin(), end,
                               [&](const Column& column) { return column.title == name; });
  return at == end ? "" : at->name;
}

void Table::write_when_full(const hdf5::Handle& parent, Column& column) {
  const std::size_t count =
      column.kind == hdf5::Kind::numbers
          ? column.numbers.size() / std::max<std::size_t>(count_of(column.shape), 1)
          : std::max(column.integers.size(), column.texts.size());
  if (count == 0 || (count < column.block && 4 * column.bytes < chunk_ && put_ < rows_)) return;
  if (column.kind == hdf5::Kind::texts) {
    std::vector<const char*> pointers;
    for (const auto& text : column.texts) pointers.push_back(text.c_str());
    hdf5::put_rows(parent, path_ + "/" + column.name, column.kind, column.written, count,
                   column.shape, pointers.data());
  } else {
    hdf5::put_rows(
        parent, path_ + "/" + column.name, column.kind, column.written, count, column.shape,
        column.kind == hdf5::Kind::integers ? static_cast<const void*>(column.integers.data())
                                            : column.numbers.data());
  }
  column.written += count;
  column.bytes = 0;
  column.integers.clear();
  column.texts.clear();
  column.numbers.clear();
  if (put_ == rows_) std::exchange(column.numbers, {});  // room for others
}

void Table::put_number(const hdf5::Handle& parent, Column& column, double number) {
  if (!column.wanted) return;
  column.numbers.push_back(number);
  write_when_full(parent, column);
}

void Table::put(const hdf5::Handle& parent, const Row& row) {
  ++put_;
  for (std::size_t i = 0; i < row.arrays.size(); ++i) {
    Column& column = columns_[i];
    const auto& data = *row.arrays[i].second;
    column.numbers.insert(column.numbers.end(), data.begin(), data.end());
    write_when_full(parent, column);
  }
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    Column& column = columns_[arrays_ + i];
    if (!column.wanted) continue;
    const Row::Cell& cell = row.cells[i].second;
    if (const auto* text = std::get_if<std::string>(&cell)) {
      column.texts.push_back(*text);
      column.bytes += sizeof *text + text->size();
    } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
      column.integers.push_back(*integer);
    } else {
      column.numbers.push_back(std::get<double>(cell));
    }
    write_when_full(parent, column);
  }
  std::map<Key, const record::Quantity*> there;
  for (std::size_t i = 0; i < row.quantities.size(); ++i)
    for (const auto& [name, quantity] : *row.quantities[i])
      there.emplace(key_of(i, name, quantity), &quantity);
  static const record::Quantity nothing{};
  for (auto& [key, columns] : quantities_) {
    const auto at = there.find(key);
    const auto& quantity = at == there.end() ? nothing : *at->second;
    const std::string unit = columns.value.unit;
    put_number(parent, columns.value, converted(quantity.value, quantity.unit, unit, false));
    put_number(parent, columns.sigma, converted(quantity.sigma, quantity.unit, unit, true));
    put_number(parent, columns.sigma_sys, converted(quantity.sigma_sys, quantity.unit, unit, true));
  }
}

}  // namespace twin::store
