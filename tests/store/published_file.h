// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>

#include <string>
#include <vector>

namespace twin::store {

/// A published file looked at through the library alone.
class File {
 public:
  explicit File(const std::string& path) : id_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {
    EXPECT_GE(id_, 0) << path;
  }
  ~File() { H5Fclose(id_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] bool has(const std::string& path) const {
    H5E_BEGIN_TRY { return H5Oexists_by_name(id_, path.c_str(), H5P_DEFAULT) > 0; }
    H5E_END_TRY
    return false;
  }

  [[nodiscard]] std::string attribute(const std::string& path, const std::string& name) const {
    const hid_t at = H5Aopen_by_name(id_, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (at < 0) return "(none)";
    const hid_t space = H5Aget_space(at), type = H5Aget_type(at);
    std::vector<char*> texts(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Aread(at, type, texts.data());
    std::string joined;
    for (const char* text : texts) joined += (joined.empty() ? "" : " ") + std::string(text);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts.data());
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(at);
    return joined;
  }

  [[nodiscard]] std::vector<std::size_t> shape(const std::string& path) const {
    const hid_t set = H5Dopen2(id_, path.c_str(), H5P_DEFAULT), space = H5Dget_space(set);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
    H5Sclose(space);
    H5Dclose(set);
    return {sizes.begin(), sizes.end()};
  }

  [[nodiscard]] std::vector<double> numbers(const std::string& path) const {
    std::size_t count = 1;
    for (const auto size : shape(path)) count *= size;
    std::vector<double> out(count);
    const hid_t set = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
    EXPECT_GE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()), 0);
    H5Dclose(set);
    return out;
  }

  [[nodiscard]] std::vector<std::string> texts(const std::string& path) const {
    const hid_t set = H5Dopen2(id_, path.c_str(), H5P_DEFAULT), space = H5Dget_space(set),
                type = H5Dget_type(set);
    std::vector<char*> got(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, got.data());
    const std::vector<std::string> out(got.begin(), got.end());
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, got.data());
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
    return out;
  }

 private:
  hid_t id_;
};

}  // namespace twin::store
