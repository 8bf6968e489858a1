// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/growing.h"

#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::store::hdf5 {

namespace {

constexpr std::size_t small_rows = 256;  // single numbers in a chunk

void must(herr_t status, const std::string& what) {
  if (status < 0) throw Error(Cause::output, what + ": " + why());
}

Handle scalar() { return {H5Screate(H5S_SCALAR), H5Sclose, "space"}; }

Handle line_of(std::size_t count) {
  const hsize_t size = count;
  return {H5Screate_simple(1, &size, nullptr), H5Sclose, "space"};
}

Handle fixed_text_type(std::size_t length) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "text type");
  must(H5Tset_size(type.get(), std::max<std::size_t>(1, length)), "text type");
  return type;
}

void write_attribute(const Handle& object, const std::string& name, std::int64_t type,
                     const Handle& space, const void* data) {
  const Handle attribute(
      H5Acreate2(object.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      name);
  must(H5Awrite(attribute.get(), type, data), name);
}

Handle write_set(const Handle& parent, const std::string& name, std::int64_t type,
                 const Handle& space, const void* data) {
  const Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "properties");
  must(H5Pset_obj_track_times(list.get(), false), "properties");
  Handle set(H5Dcreate2(parent.get(), name.c_str(), type, space.get(), H5P_DEFAULT, list.get(),
                        H5P_DEFAULT),
             H5Dclose, name);
  must(H5Dwrite(set.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), name);
  return set;
}

std::int64_t memory_type(Growing::Kind kind) {
  return kind == Growing::Kind::integers ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

/// Rows of many numbers are chunks of their own and packed: each is written once, at once. Single
/// numbers share chunks that are not packed, and stay where they are when a number is added.
bool is_packed(const std::vector<std::size_t>& row) {
  std::size_t numbers = 1;
  for (const auto size : row) numbers *= size;
  return numbers > 32;
}

Handle properties_of(const std::vector<std::size_t>& row) {
  Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "properties");
  must(H5Pset_obj_track_times(list.get(), false), "properties");
  const bool packed = is_packed(row);
  std::vector<hsize_t> chunk{packed ? 1 : small_rows};
  chunk.insert(chunk.end(), row.begin(), row.end());
  must(H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data()), "chunks");
  if (!packed) return list;
  must(H5Pset_shuffle(list.get()), "shuffle");
  must(H5Pset_deflate(list.get(), 1), "deflate");
  return list;
}

/// No cache for what is written once: flush() would have to pack all of it.
Handle access_of(const std::vector<std::size_t>& row) {
  Handle list(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "properties");
  if (is_packed(row)) must(H5Pset_chunk_cache(list.get(), 0, 0, 0), "cache");
  return list;
}

}  // namespace

Handle create_growing_file(const std::string& path) {
  Handle file = create_file(path);
  // No table leaves the cache before flush(): between two of them the disk has the earlier state.
  H5AC_cache_config_t config{};
  config.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  must(H5Fget_mdc_config(file.get(), &config), "cache");
  config.incr_mode = H5C_incr__off;
  config.flash_incr_mode = H5C_flash_incr__off;
  config.decr_mode = H5C_decr__off;
  config.evictions_enabled = false;
  must(H5Fset_mdc_config(file.get(), &config), "cache");
  return file;
}

void flush(const Handle& file) { must(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), "flush"); }

void abandon(const Handle& file) {
  void* descriptor = nullptr;
  if (H5Fget_vfd_handle(file.get(), H5P_DEFAULT, &descriptor) < 0 || !descriptor) return;
  const Descriptor nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nowhere.open()) ::dup3(nowhere.number(), *static_cast<int*>(descriptor), O_CLOEXEC);
}

Growing::Growing(const Handle& parent, const std::string& name, Kind kind,
                 std::vector<std::size_t> row, const std::string& unit)
    : name_(name), row_(std::move(row)) {
  std::vector<hsize_t> size{0}, most{H5S_UNLIMITED};
  size.insert(size.end(), row_.begin(), row_.end());
  most.insert(most.end(), row_.begin(), row_.end());
  const Handle space(H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()),
                     H5Sclose, name);
  set_ = Handle(H5Dcreate2(parent.get(), name.c_str(),
                           kind == Kind::integers ? H5T_STD_I64LE : H5T_IEEE_F64LE, space.get(),
                           H5P_DEFAULT, properties_of(row_).get(), access_of(row_).get()),
                H5Dclose, name);
  if (!unit.empty()) set_fixed_text(set_, "unit", unit);
}

void Growing::append(const void* row, Kind kind) {
  std::vector<hsize_t> size{rows_ + 1}, start(row_.size() + 1, 0), count{1};
  size.insert(size.end(), row_.begin(), row_.end());
  count.insert(count.end(), row_.begin(), row_.end());
  start[0] = rows_;
  must(H5Dset_extent(set_.get(), size.data()), name_);
  const Handle file(H5Dget_space(set_.get()), H5Sclose, name_),
      memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose,
             name_);
  must(
      H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
      name_);
  must(H5Dwrite(set_.get(), memory_type(kind), memory.get(), file.get(), H5P_DEFAULT, row), name_);
  ++rows_;
}

void Growing::flush() { must(H5Dflush(set_.get()), name_); }

Handle create_plain_group(const Handle& parent, const std::string& name) {
  const Handle list(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "properties");
  must(H5Pset_obj_track_times(list.get(), false), "properties");
  return {H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, list.get(), H5P_DEFAULT), H5Gclose,
          name};
}

void link(const Handle& from, const std::string& from_name, const Handle& to,
          const std::string& name) {
  must(H5Lcreate_hard(from.get(), from_name.c_str(), to.get(), name.c_str(), H5P_DEFAULT,
                      H5P_DEFAULT),
       name);
}

void set_fixed_text(const Handle& object, const std::string& name, const std::string& value) {
  write_attribute(object, name, fixed_text_type(value.size()).get(), scalar(), value.c_str());
}

void set_fixed_texts(const Handle& object, const std::string& name,
                     const std::vector<std::string>& values) {
  std::size_t longest = 1;
  for (const auto& value : values) longest = std::max(longest, value.size());
  std::string bytes;
  for (auto value : values) {
    value.resize(longest, '\0');
    bytes += value;
  }
  write_attribute(object, name, fixed_text_type(longest).get(), line_of(values.size()),
                  bytes.data());
}

void set_integers(const Handle& object, const std::string& name,
                  const std::vector<std::int64_t>& values) {
  write_attribute(object, name, H5T_NATIVE_INT64, line_of(values.size()), values.data());
}

void write_named(const Handle& parent, const std::string& name, const std::vector<int>& values,
                 const std::vector<std::string>& names) {
  const Handle type(H5Tenum_create(H5T_NATIVE_INT), H5Tclose, name);
  for (int i = 0; i < static_cast<int>(names.size()); ++i)
    must(H5Tenum_insert(type.get(), names[static_cast<std::size_t>(i)].c_str(), &i), name);
  write_set(parent, name, type.get(), line_of(values.size()), values.data());
}

void write_integer(const Handle& parent, const std::string& name, std::int64_t value) {
  write_set(parent, name, H5T_NATIVE_INT64, scalar(), &value);
}

void write_number(const Handle& parent, const std::string& name, double value,
                  const std::string& unit) {
  const Handle set = write_set(parent, name, H5T_NATIVE_DOUBLE, scalar(), &value);
  if (!unit.empty()) set_fixed_text(set, "unit", unit);
}

}  // namespace twin::store::hdf5
