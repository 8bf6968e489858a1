// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/hdf5_rows.h"

#include <hdf5.h>

#include <array>

#include "core/error.h"
#include "core/text.h"
#include "formats/limits.h"

namespace twin::formats {

namespace {

constexpr int most_names = 1000;

/// True for a data set of one number without dimensions.
bool is_scalar(hid_t set) {
  const Hdf5Handle type(H5Dget_type(set), H5Tclose), space(H5Dget_space(set), H5Sclose);
  if (!type || !space || H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) return false;
  const auto kind = H5Tget_class(type.get());
  return kind == H5T_FLOAT || kind == H5T_INTEGER;
}

}  // namespace

Hdf5Rows::Hdf5Rows(Hdf5Tree& tree, const std::string& path)
    : where_(tree.name() + ": " + printable(path)), set_(tree.open(path), H5Oclose) {
  if (!set_) return;
  const bool data = H5Iget_type(set_.get()) == H5I_DATASET;
  if (data && is_scalar(set_.get())) return;
  const auto shape = data ? shape_of(set_.get(), true) : std::nullopt;
  if (shape)
    shape_ = *shape;
  else
    set_ = {};
}

void Hdf5Rows::fail(const std::string& what) const {
  throw Error(Cause::data, where_ + ": " + what);
}

std::size_t Hdf5Rows::width() const {
  if (shape_.empty()) return 1;
  std::size_t count = 1;
  for (auto size = shape_.begin() + 1; size != shape_.end(); ++size) {
    if (*size > 0 && count > most_numbers / *size) fail("over 67 million numbers in a row");
    count *= *size;
  }
  return count;
}

bool Hdf5Rows::hollow() const { return H5Dget_storage_size(set_.get()) == 0; }

std::vector<double> Hdf5Rows::row(std::size_t index) {
  if (shape_.empty()) return all();
  if (index >= rows()) fail("no row " + std::to_string(index + 1));
  std::vector<hsize_t> start(shape_.size(), 0), count(shape_.begin(), shape_.end());
  start[0] = index;
  count[0] = 1;
  std::vector<double> out(width());
  const hsize_t size = out.size();
  const Hdf5Handle file(H5Dget_space(set_.get()), H5Sclose),
      memory(H5Screate_simple(1, &size, nullptr), H5Sclose);
  if (!file || !memory || out.empty() ||
      H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                          nullptr) < 0 ||
      H5Dread(set_.get(), H5T_NATIVE_DOUBLE, memory.get(), file.get(), H5P_DEFAULT, out.data()) < 0)
    fail("damaged, or packed by a filter that is not there");
  return out;
}

std::vector<double> Hdf5Rows::all() {
  const std::size_t each = width();
  if (each > 0 && rows() > most_numbers / each) fail("over 67 million numbers");
  std::vector<double> out(rows() * each);
  if (!out.empty() &&
      H5Dread(set_.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) < 0)
    fail("damaged, or packed by a filter that is not there");
  return out;
}

std::map<std::int64_t, std::string> Hdf5Rows::names() const {
  std::map<std::int64_t, std::string> out;
  const Hdf5Handle type(H5Dget_type(set_.get()), H5Tclose);
  if (!type || H5Tget_class(type.get()) != H5T_ENUM) return out;
  const Hdf5Handle base(H5Tget_super(type.get()), H5Tclose);
  const int members = H5Tget_nmembers(type.get());
  if (!base || members < 1 || members > most_names || H5Tget_size(base.get()) > 8) return out;
  for (unsigned i = 0; i < static_cast<unsigned>(members); ++i) {
    std::array<std::int64_t, 2> value{};  // as wide as either type
    if (H5Tget_member_value(type.get(), i, value.data()) < 0 ||
        H5Tconvert(base.get(), H5T_NATIVE_INT64, 1, value.data(), nullptr, H5P_DEFAULT) < 0)
      continue;
    char* const name = H5Tget_member_name(type.get(), i);
    if (name) out.emplace(value[0], std::string(name).substr(0, 100));
    if (name) H5free_memory(name);
  }
  return out;
}

std::optional<double> Hdf5Rows::attribute(const std::string& name) const {
  if (H5Aexists(set_.get(), name.c_str()) <= 0) return std::nullopt;
  const Hdf5Handle attribute(H5Aopen(set_.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute) return std::nullopt;
  const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose),
      space(H5Aget_space(attribute.get()), H5Sclose);
  const auto kind = type ? H5Tget_class(type.get()) : H5T_NO_CLASS;
  double value = 0;
  if (!space || (kind != H5T_FLOAT && kind != H5T_INTEGER) ||
      H5Sget_simple_extent_npoints(space.get()) != 1 ||
      H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0)
    return std::nullopt;
  return value;
}

}  // namespace twin::formats
