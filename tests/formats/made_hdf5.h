// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace twin::formats {

/// Writes an HDF5 file that nobody measured: groups are made on the way, paths begin with '/'.
class MadeHdf5 {
 public:
  explicit MadeHdf5(const std::string& path);
  ~MadeHdf5();
  MadeHdf5(const MadeHdf5&) = delete;
  MadeHdf5& operator=(const MadeHdf5&) = delete;

  void group(const std::string& path, const std::string& nx_class);
  void attribute(const std::string& path, const std::string& name,
                 const std::vector<std::string>& values);
  void text(const std::string& path, const std::string& value);
  void texts(const std::string& path, const std::vector<std::string>& values);
  void numbers(const std::string& path, const std::vector<double>& values,
               std::vector<std::size_t> shape = {});
  /// One, without dimensions; \p offset as an attribute of that name, where it is not 0.
  void number(const std::string& path, double value, double offset = 0);
  /// Declared, chunked, never written.
  void hollow(const std::string& path, const std::vector<std::size_t>& shape,
              const std::vector<std::size_t>& chunk);
  void hard_link(const std::string& from, const std::string& path);
  void soft_link(const std::string& target, const std::string& path);
  void external_link(const std::string& file, const std::string& target, const std::string& path);
  /// The file itself, for what no other test needs.
  [[nodiscard]] long long id() const { return file_; }
  /// Numbers that lie in a raw file beside it.
  void external_numbers(const std::string& path, const std::string& file, std::size_t count);

 private:
  long long file_;
};

}  // namespace twin::formats
