// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

/// Writes an HDF5 file in memory as the input of a fuzzer says: of any layout that the library
/// writes, from words that its reader knows.
class HdfWriter {
 public:
  struct Vocabulary {
    std::vector<const char*> names, texts, attributes;
  };

  HdfWriter(FuzzedDataProvider& in, const Vocabulary& words) : in_(in), words_(words) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(list, 1u << 16, false);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
    file_ = H5Fcreate("made", H5F_ACC_TRUNC, H5P_DEFAULT, list);
    H5Pclose(list);
    making_ = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(making_, 1);
  }

  /// Anything, and the bytes of all of it.
  std::string finish() {
    for (int i = 0; i < 64 && in_.remaining_bytes() > 0; ++i) step();
    H5Fflush(file_, H5F_SCOPE_GLOBAL);
    std::string bytes(static_cast<std::size_t>(H5Fget_file_image(file_, nullptr, 0)), '\0');
    H5Fget_file_image(file_, bytes.data(), bytes.size());
    H5Pclose(making_);
    H5Fclose(file_);
    return bytes;
  }

  /// Seven times of eight.
  bool keeps() { return in_.ConsumeIntegralInRange(0, 7) != 7; }

  void group(const std::string& at) {
    H5Gclose(H5Gcreate2(file_, at.c_str(), making_, H5P_DEFAULT, H5P_DEFAULT));
  }

  void named(const std::string& at, const std::string& attribute, std::vector<std::string> values) {
    const hid_t object = H5Oopen(file_, at.c_str(), H5P_DEFAULT);
    if (object < 0) return;
    std::array<char, 64> bytes{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i].copy(&bytes[16 * i], 16);
    const hsize_t count = values.size();
    const hid_t type = text_type(), space = H5Screate_simple(1, &count, nullptr);
    const hid_t it = H5Acreate2(object, attribute.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (it >= 0) H5Awrite(it, type, bytes.data());
    if (it >= 0) H5Aclose(it);
    H5Sclose(space), H5Tclose(type), H5Oclose(object);
  }

  void numbers(const std::string& at, const std::vector<hsize_t>& shape) {
    const bool bytes = in_.ConsumeBool();
    std::size_t size = bytes ? 1 : sizeof(double);
    for (const auto n : shape) size *= n;
    data_set(at, H5Tcopy(bytes ? H5T_NATIVE_INT8 : H5T_NATIVE_DOUBLE), shape,
             in_.ConsumeBytesAsString(size));
  }

  /// Numbers that can grow: to \p most in their first dimension, 0 is without end.
  void growing(const std::string& at, const std::vector<hsize_t>& shape, hsize_t most) {
    std::size_t size = sizeof(double);
    for (const auto n : shape) size *= n;
    data_set(at, H5Tcopy(H5T_NATIVE_DOUBLE), shape, in_.ConsumeBytesAsString(size), true, most);
  }

  void data_set(const std::string& at, hid_t type, const std::vector<hsize_t>& shape,
                std::string bytes, bool grows = false, hsize_t most = 0) {
    std::size_t size = H5Tget_size(type);
    for (const auto n : shape) size *= n;
    bytes.resize(size + 8, '\0');
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    auto largest = shape;
    if (grows) {
      const std::vector<hsize_t> chunk(shape.size(), 2);
      H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data());
      if (in_.ConsumeBool()) H5Pset_filter(list, 32008, H5Z_FLAG_OPTIONAL, 0, nullptr);
      largest.front() = most == 0 ? H5S_UNLIMITED : std::max(most, shape.front());
    }
    const hid_t space = shape.empty() ? H5Screate(H5S_SCALAR)
                                      : H5Screate_simple(static_cast<int>(shape.size()),
                                                         shape.data(), largest.data());
    const hid_t set = H5Dcreate2(file_, at.c_str(), type, space, making_, list, H5P_DEFAULT);
    H5Pclose(list);
    if (set >= 0) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
    if (set >= 0) H5Dclose(set);
    H5Sclose(space), H5Tclose(type);
  }

  static hid_t text_type() {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 16);
    return type;
  }

  std::string text() {
    return in_.ConsumeBool() ? word(words_.texts) : in_.ConsumeRandomLengthString(12);
  }

 private:
  std::string word(const std::vector<const char*>& from) {
    return from[in_.ConsumeIntegralInRange<std::size_t>(0, from.size() - 1)];
  }

  std::string path() {
    std::string out;
    for (int depth = in_.ConsumeIntegralInRange(1, 4); depth > 0; --depth)
      out.append("/").append(word(words_.names));
    return out;
  }

  void step() {
    const std::string at = path();
    const int what = in_.ConsumeIntegralInRange(0, 6);
    if (what == 0) group(at);
    if (what == 1) numbers(at, shape());
    if (what == 2) data_set(at, text_type(), {in_.ConsumeIntegralInRange<hsize_t>(1, 3)}, text());
    if (what == 3) attribute(at);
    if (what == 4) H5Lcreate_soft(path().c_str(), file_, at.c_str(), making_, H5P_DEFAULT);
    if (what == 5) H5Lcreate_hard(file_, path().c_str(), file_, at.c_str(), making_, H5P_DEFAULT);
    if (what == 6) H5Lcreate_external("other.h5", "/mu", file_, at.c_str(), making_, H5P_DEFAULT);
  }

  std::vector<hsize_t> shape() {
    std::vector<hsize_t> out;
    for (int rank = in_.ConsumeIntegralInRange(0, 4); rank > 0; --rank)
      out.push_back(in_.ConsumeIntegralInRange<hsize_t>(0, 5));
    return out;
  }

  void attribute(const std::string& at) {
    std::vector<std::string> values(in_.ConsumeIntegralInRange<std::size_t>(1, 3));
    for (auto& value : values) value = text();
    named(at, word(words_.attributes), values);
  }

  FuzzedDataProvider& in_;
  const Vocabulary& words_;
  hid_t file_ = -1, making_ = -1;
};
