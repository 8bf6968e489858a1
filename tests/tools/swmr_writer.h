// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>

#include <string>
#include <vector>

namespace tools {

/// Writes a scan, or a stack of them, point by point for others to read meanwhile.
class SwmrWriter {
 public:
  /// \param points  that the file announces; 0: it announces none
  /// \param width   of the rows of "mu"; 0: a number by point, and "energy" grows too
  explicit SwmrWriter(const std::string& path, double points = 0, hsize_t width = 0)
      : width_(width) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    EXPECT_GE(file_, 0) << path;
    group("/entry", "NXentry");
    group("/entry/data", "NXdata");
    if (points > 0) put("/entry/num_points", {points}, {});
    if (width == 0) sets_.push_back(growing("/entry/data/energy"));
    std::vector<double> energies;
    for (hsize_t i = 0; i < width; ++i) energies.push_back(8900 + static_cast<double>(i));
    if (width > 0) put("/entry/data/energy", energies, {width});
    sets_.push_back(growing("/entry/data/mu"));
    EXPECT_GE(H5Fstart_swmr_write(file_), 0);
  }
  ~SwmrWriter() { close(); }
  SwmrWriter(const SwmrWriter&) = delete;
  SwmrWriter& operator=(const SwmrWriter&) = delete;

  void close() {
    if (file_ >= 0) H5Fclose(file_);
    file_ = -1;
  }

  /// A point, or a row of a stack: each number plus \p value.
  void add(double value) {
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      std::vector<double> row(std::max<hsize_t>(width_, 1), value);
      if (width_ == 0 && i == 0) row[0] = 8900 + static_cast<double>(rows_);
      for (std::size_t k = 0; k < width_; ++k) row[k] += static_cast<double>(k);
      append(sets_[i], row);
    }
    ++rows_;
  }

  void add(double value, int times) {
    for (int i = 0; i < times; ++i) add(value + i);
  }

 private:
  void group(const std::string& path, const std::string& nx_class) {
    const hid_t made = H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, nx_class.size());
    const hid_t it =
        H5Acreate2(made, "NX_class", type, H5Screate(H5S_SCALAR), H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(it, type, nx_class.data());
    H5Aclose(it);
    H5Gclose(made);
  }

  void put(const std::string& path, const std::vector<double>& values,
           const std::vector<hsize_t>& shape) {
    const hid_t space =
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, path.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
  }

  [[nodiscard]] hid_t growing(const std::string& path) const {
    const int rank = width_ == 0 ? 1 : 2;
    const hsize_t none[2] = {0, width_}, most[2] = {H5S_UNLIMITED, width_},
                  chunk[2] = {4, std::max<hsize_t>(width_, 1)};
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, rank, chunk);
    return H5Dcreate2(file_, path.c_str(), H5T_NATIVE_DOUBLE, H5Screate_simple(rank, none, most),
                      H5P_DEFAULT, list, H5P_DEFAULT);
  }

  void append(hid_t set, const std::vector<double>& row) const {
    const int rank = width_ == 0 ? 1 : 2;
    const hsize_t sizes[2] = {rows_ + 1, width_}, start[2] = {rows_, 0},
                  count[2] = {1, std::max<hsize_t>(width_, 1)};
    H5Dset_extent(set, sizes);
    const hid_t space = H5Dget_space(set), memory = H5Screate_simple(rank, count, nullptr);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
    EXPECT_GE(H5Dwrite(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, row.data()), 0);
    EXPECT_GE(H5Dflush(set), 0);
    H5Sclose(memory);
    H5Sclose(space);
  }

  hid_t file_ = -1;
  hsize_t width_ = 0, rows_ = 0;
  std::vector<hid_t> sets_;
};

}  // namespace tools
