// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/hdf5_file.h"

namespace twin::store::hdf5 {

/// \throws Error{data}  not \p good: NAME is not as it was published, and what HDF5 says to it
void must_be(bool good, const std::string& name);

/// An attribute that is a text, or the last of several; "" where it is not there.
[[nodiscard]] std::string text_of(const Handle& object, const std::string& name);

/// A data set [row ...], whose rows are read one after the other, a chunk at a time.
/// All members throw Error{data}.
class RowReader {
 public:
  RowReader(const Handle& group, std::string name);

  [[nodiscard]] std::size_t rows() const { return sizes_[0]; }  ///< of rank 1 or more
  [[nodiscard]] std::size_t rank() const { return sizes_.size(); }
  [[nodiscard]] bool numbers() const { return numbers_; }
  [[nodiscard]] bool texts() const { return text_; }
  [[nodiscard]] const Handle& set() const { return set_; }
  /// Of one row.
  [[nodiscard]] std::vector<std::size_t> shape() const {
    return {sizes_.begin() + 1, sizes_.end()};
  }

  [[nodiscard]] std::vector<double> next();
  [[nodiscard]] std::string next_text();

 private:
  [[nodiscard]] std::size_t width() const;
  std::size_t advance();
  Handle read(std::int64_t type, void* to);

  std::string name_;
  Handle set_;
  std::vector<unsigned long long> sizes_;
  bool text_ = false, numbers_ = false;
  std::size_t block_ = 1, begin_ = 0, end_ = 0, at_ = 0;
  std::vector<double> waiting_;
  std::vector<std::string> texts_;
};

}  // namespace twin::store::hdf5
