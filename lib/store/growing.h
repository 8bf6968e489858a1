// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/hdf5_file.h"

namespace twin::store::hdf5 {

/// A new file of the oldest kind, whose tables of contents reach the disk in flush() only: what was
/// flushed stays readable whatever becomes of the process, as data are only added.
/// \throws Error{output}  it is there already, or can't be made
[[nodiscard]] Handle create_growing_file(const std::string& path);

/// \throws Error{output}
void flush(const Handle& file);

/// What is written from now on goes nowhere, closing the file included: a write has failed, and
/// what was flushed is to stay as it is.
void abandon(const Handle& file);

/// A data set that grows by rows; \p row in elements, [] for single numbers.
class Growing {
 public:
  enum class Kind { integers, numbers };
  Growing() = default;
  /// \param unit  "" = none; the attribute that H5MD calls `unit`
  Growing(const Handle& parent, const std::string& name, Kind kind, std::vector<std::size_t> row,
          const std::string& unit);

  void append(const double* row) { append(row, Kind::numbers); }
  void append(const std::int64_t* row) { append(row, Kind::integers); }

  /// What was appended can be seen by programs that read while this one writes (SWMR).
  void flush();

 private:
  void append(const void* row, Kind kind);

  Handle set_;
  std::string name_;
  std::vector<std::size_t> row_;
  std::size_t rows_ = 0;
};

/// A group without an NX_class.
[[nodiscard]] Handle create_plain_group(const Handle& parent, const std::string& name);

/// \p name of \p to is what \p from_name of \p from is.
void link(const Handle& from, const std::string& from_name, const Handle& to,
          const std::string& name);

/// Texts of fixed length in ASCII, as H5MD has them.
void set_fixed_text(const Handle& object, const std::string& name, const std::string& value);
void set_fixed_texts(const Handle& object, const std::string& name,
                     const std::vector<std::string>& values);
void set_integers(const Handle& object, const std::string& name,
                  const std::vector<std::int64_t>& values);

/// [n] indices into \p names, as an enumeration.
void write_named(const Handle& parent, const std::string& name, const std::vector<int>& values,
                 const std::vector<std::string>& names);

/// Single numbers; \p unit as above.
void write_integer(const Handle& parent, const std::string& name, std::int64_t value);
void write_number(const Handle& parent, const std::string& name, double value,
                  const std::string& unit);

}  // namespace twin::store::hdf5
