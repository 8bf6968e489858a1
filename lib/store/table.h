// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "record/quantity.h"
#include "store/hdf5_file.h"

namespace twin::store {

/// A name that NeXus and its validators allow: letters, digits and `_`; all else becomes `_`.
[[nodiscard]] std::string nexus_name(const std::string& name);

/// Names within one group, each once: what was there already gets `_2`, `_3` ... behind it.
class Names {
 public:
  [[nodiscard]] std::string unique(const std::string& name);

 private:
  std::vector<std::string> used_;
};

/// What a record says in each column of its table. All rows of one table name the same cells and
/// arrays in the same order; quantities may differ.
struct Row {
  using Cell = std::variant<std::string, std::int64_t, double>;
  std::vector<std::pair<std::string_view, const std::vector<double>*>> arrays;
  std::vector<std::pair<std::string_view, Cell>> cells;
  std::vector<const record::Quantities*> quantities;
};

/// Rows of records as data sets [row ...] of one group. All rows are seen twice: first counted,
/// which tells what there will be, then put, which writes them in blocks: what is held is a chunk
/// of each data set.
///
/// Texts that are empty in all rows are left out. Each quantity that any row has is a data set with
/// NAME_errors (random) and NAME_errors_sys where known; NaN = missing. Units are those of the
/// first row that has it; a row whose unit does not convert goes to a data set of its own.
class Table {
 public:
  /// An array of each row. \param shape  of one row
  void add_array(const std::string& name, const std::string& unit, std::vector<std::size_t> shape);

  void count(const Row& row);
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t arrays() const { return arrays_; }

  /// Makes the data sets in group \p path of \p parent, once all rows are counted.
  /// \param chunk  bytes of a chunk of an array, at most
  void create(const hdf5::Handle& parent, const std::string& path, Names& names, std::size_t chunk);

  /// The data set of array \p name, as the file calls it.
  [[nodiscard]] std::string name_of(std::string_view name) const;

  /// \param parent  the same
  void put(const hdf5::Handle& parent, const Row& row);

 private:
  struct Column {
    hdf5::Kind kind = hdf5::Kind::numbers;
    std::string title{}, unit{};
    std::vector<std::size_t> shape{};  ///< of one row
    bool wanted = false;
    std::string name{};     ///< in the file; "" = not there
    std::size_t block = 1;  ///< rows that are written at once
    std::size_t written = 0;
    std::size_t bytes = 0;          ///< of texts that wait
    std::vector<double> numbers{};  ///< that wait
    std::vector<std::int64_t> integers{};
    std::vector<std::string> texts{};
  };
  struct QuantityColumns {
    Column value, sigma, sigma_sys;
  };

  using Key = std::tuple<std::size_t, std::string, std::string>;  ///< group, name, dimension

  void create(const hdf5::Handle& parent, Names& names, Column& column, const std::string& wanted);
  void put_number(const hdf5::Handle& parent, Column& column, double number);
  void write_when_full(const hdf5::Handle& parent, Column& column);
  static void note(Column& column, const Row::Cell& cell);
  static Key key_of(std::size_t group, const std::string& name, const record::Quantity& quantity);

  std::size_t rows_ = 0, arrays_ = 0, put_ = 0, chunk_ = 0;
  std::string path_;
  std::vector<Column> columns_;  ///< arrays, then cells
  std::map<Key, QuantityColumns> quantities_;
};

}  // namespace twin::store
