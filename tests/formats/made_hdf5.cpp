// SPDX-License-Identifier: GPL-3.0-or-later
#include "made_hdf5.h"

#include <gtest/gtest.h>
#include <hdf5.h>

namespace twin::formats {

namespace {

hid_t text_type() {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

hid_t making_groups() {
  const hid_t list = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(list, 1);
  return list;
}

hid_t space_of(const std::vector<std::size_t>& shape) {
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  return shape.empty() ? H5Screate(H5S_SCALAR)
                       : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
}

std::vector<const char*> pointers(const std::vector<std::string>& values) {
  std::vector<const char*> out;
  for (const auto& value : values) out.push_back(value.c_str());
  return out;
}

void write(long long file, const std::string& path, hid_t type,
           const std::vector<std::size_t>& shape, const void* data) {
  const hid_t set = H5Dcreate2(file, path.c_str(), type, space_of(shape), making_groups(),
                               H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(set, 0) << path;
  EXPECT_GE(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0) << path;
  H5Dclose(set);
}

}  // namespace

MadeHdf5::MadeHdf5(const std::string& path)
    : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {
  EXPECT_GE(file_, 0) << path;
}

MadeHdf5::~MadeHdf5() { H5Fclose(file_); }

void MadeHdf5::group(const std::string& path, const std::string& nx_class) {
  H5Gclose(H5Gcreate2(file_, path.c_str(), making_groups(), H5P_DEFAULT, H5P_DEFAULT));
  if (!nx_class.empty()) attribute(path, "NX_class", {nx_class});
}

void MadeHdf5::attribute(const std::string& path, const std::string& name,
                         const std::vector<std::string>& values) {
  const std::vector<std::size_t> shape(values.size() == 1 ? 0 : 1, values.size());
  const hid_t object = H5Oopen(file_, path.c_str(), H5P_DEFAULT);
  const hid_t type = text_type();
  const hid_t it =
      H5Acreate2(object, name.c_str(), type, space_of(shape), H5P_DEFAULT, H5P_DEFAULT);
  EXPECT_GE(H5Awrite(it, type, pointers(values).data()), 0) << path << "@" << name;
  H5Aclose(it);
  H5Oclose(object);
}

void MadeHdf5::text(const std::string& path, const std::string& value) {
  write(file_, path, text_type(), {}, pointers({value}).data());
}

void MadeHdf5::texts(const std::string& path, const std::vector<std::string>& values) {
  write(file_, path, text_type(), {values.size()}, pointers(values).data());
}

void MadeHdf5::numbers(const std::string& path, const std::vector<double>& values,
                       std::vector<std::size_t> shape) {
  if (shape.empty()) shape = {values.size()};
  write(file_, path, H5T_NATIVE_DOUBLE, shape, values.data());
}

void MadeHdf5::number(const std::string& path, double value, double offset) {
  write(file_, path, H5T_NATIVE_DOUBLE, {}, &value);
  if (offset == 0) return;
  const hid_t object = H5Oopen(file_, path.c_str(), H5P_DEFAULT);
  const hid_t it =
      H5Acreate2(object, "offset", H5T_NATIVE_DOUBLE, space_of({}), H5P_DEFAULT, H5P_DEFAULT);
  EXPECT_GE(H5Awrite(it, H5T_NATIVE_DOUBLE, &offset), 0);
  H5Aclose(it);
  H5Oclose(object);
}

void MadeHdf5::hollow(const std::string& path, const std::vector<std::size_t>& shape,
                      const std::vector<std::size_t>& chunk) {
  const std::vector<hsize_t> sizes(chunk.begin(), chunk.end());
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(list, static_cast<int>(sizes.size()), sizes.data());
  H5Dclose(H5Dcreate2(file_, path.c_str(), H5T_NATIVE_DOUBLE, space_of(shape), making_groups(),
                      list, H5P_DEFAULT));
}

void MadeHdf5::hard_link(const std::string& from, const std::string& path) {
  EXPECT_GE(H5Lcreate_hard(file_, from.c_str(), file_, path.c_str(), making_groups(), H5P_DEFAULT),
            0);
}

void MadeHdf5::soft_link(const std::string& target, const std::string& path) {
  EXPECT_GE(H5Lcreate_soft(target.c_str(), file_, path.c_str(), making_groups(), H5P_DEFAULT), 0);
}

void MadeHdf5::external_link(const std::string& file, const std::string& target,
                             const std::string& path) {
  EXPECT_GE(H5Lcreate_external(file.c_str(), target.c_str(), file_, path.c_str(), making_groups(),
                               H5P_DEFAULT),
            0);
}

void MadeHdf5::external_numbers(const std::string& path, const std::string& file,
                                std::size_t count) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(list, file.c_str(), 0, count * sizeof(double));
  H5Dclose(H5Dcreate2(file_, path.c_str(), H5T_NATIVE_DOUBLE, space_of({count}), making_groups(),
                      list, H5P_DEFAULT));
}

}  // namespace twin::formats
