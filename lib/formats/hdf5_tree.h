// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5_use.h"

namespace twin::formats {

/// An HDF5 file for reading: groups, attributes, numbers and texts by path, nothing of the
/// library's header. Every path is walked step by step: soft links are followed within the file (8
/// at most), links to other files and user-defined ones never; what lies behind them is as if it
/// were not there. Numbers that are stored in other files (virtual, external) are not there either.
/// No filter is loaded from elsewhere. The library locks the file for as long, so that nobody can
/// begin to write it, unless $HDF5_USE_FILE_LOCKING is FALSE.
///
/// \throws Error{data}  from any of them: over 2²⁶ numbers in all, over 2²⁰ objects, damaged
class Hdf5Tree {
 public:
  /// The file open as \p descriptor, which stays the caller's.
  /// \param use    swmr: what its writer has flushed is read, also when that died
  /// \param heaps  whether all of the file is looked through first: see heaps_are_sound()
  Hdf5Tree(int descriptor, std::string name, Hdf5Use use = Hdf5Use::none, bool heaps = true);
  /// A file in memory.
  Hdf5Tree(const std::string& bytes, std::string name, Hdf5Use use = Hdf5Use::none);
  ~Hdf5Tree();
  Hdf5Tree(const Hdf5Tree&) = delete;
  Hdf5Tree& operator=(const Hdf5Tree&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Hdf5Use use() const { return use_; }

  /// Names of what is in group \p path, sorted; none when it is no group.
  std::vector<std::string> children(const std::string& path);
  bool is_group(const std::string& path);
  /// A number that is the same for all names of one object; 0 = it is not there.
  std::uint64_t identity(const std::string& path);

  /// The texts of an attribute; none when it is not there or no text.
  std::vector<std::string> attribute(const std::string& path, const std::string& attribute);
  /// The same of a data set, at most 2¹⁶ of up to 64 KiB.
  std::vector<std::string> texts(const std::string& path);

  /// The shape of a data set of numbers, up to three dimensions; nothing when it is none.
  std::optional<std::vector<std::size_t>> shape(const std::string& path);
  /// How far it can grow in each dimension; unlimited is SIZE_MAX. Of what shape() knows alone.
  std::vector<std::size_t> largest(const std::string& path);
  /// Why its numbers can't be read: the filter that they are packed by; "" when they can.
  std::string unreadable(const std::string& path);
  /// All of it, in the order of C.
  std::vector<double> numbers(const std::string& path);

  /// Of a file with a writer: what it has flushed of \p path since is seen. Numbers are counted
  /// from 0 again.
  void refresh(const std::string& path);

 private:
  friend class Hdf5Rows;
  [[noreturn]] void fail(const std::string& what) const;
  std::optional<std::string> resolve(const std::string& path);
  std::int64_t open(const std::string& path);

  std::string name_, image_;
  Hdf5Use use_ = Hdf5Use::none;
  std::int64_t file_ = -1;
  std::size_t numbers_ = 0, objects_ = 0;
};

}  // namespace twin::formats
