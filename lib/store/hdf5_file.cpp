// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/hdf5_file.h"

#include <hdf5.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::store::hdf5 {

static_assert(std::is_same_v<hid_t, std::int64_t>, "HDF5 1.10 or later");

namespace {

constexpr std::size_t chunk_bytes = 1u << 20;

herr_t keep_first(unsigned, const H5E_error2_t* error, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (text.empty() && error->desc) text = printable(error->desc);
  return 0;
}

void check(herr_t status, const std::string& what) {
  if (status < 0) throw Error(Cause::output, what + ": " + why());
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "text type");
  check(H5Tset_size(type.get(), H5T_VARIABLE), "text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  return type;
}

Handle space_of(const std::vector<std::size_t>& shape) {
  if (shape.empty()) return {H5Screate(H5S_SCALAR), H5Sclose, "space"};
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose,
          "space"};
}

/// Chunks of at most 1 MiB: whole rows as long as they fit.
std::vector<hsize_t> chunk_of(const std::vector<std::size_t>& shape) {
  std::vector<hsize_t> chunk(shape.size(), 1);
  std::size_t room = chunk_bytes / sizeof(double);
  for (std::size_t i = shape.size(); i-- > 0;) {
    const std::size_t take = std::clamp<std::size_t>(room, 1, std::max<std::size_t>(shape[i], 1));
    chunk[i] = take;
    room /= take;
  }
  return chunk;
}

/// \param block  shape of what is written at once
Handle creation(const std::vector<std::size_t>& block, std::size_t bytes) {
  Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "properties");
  check(H5Pset_obj_track_times(list.get(), false), "properties");
  if (bytes <= 1024 || block.empty()) return list;
  const auto chunk = chunk_of(block);
  check(H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data()), "chunks");
  check(H5Pset_shuffle(list.get()), "shuffle");
  check(H5Pset_deflate(list.get(), 4), "deflate");
  return list;
}

Handle write_array(const Handle& parent, const std::string& name, std::int64_t file_type,
                   std::int64_t memory_type, const std::vector<std::size_t>& shape,
                   const Handle& properties, const void* data) {
  const Handle space = space_of(shape);
  Handle set(H5Dcreate2(parent.get(), name.c_str(), file_type, space.get(), H5P_DEFAULT,
                        properties.get(), H5P_DEFAULT),
             H5Dclose, name);
  check(H5Dwrite(set.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), name);
  return set;
}

std::vector<const char*> pointers(const std::vector<std::string>& values) {
  std::vector<const char*> out;
  for (const auto& value : values) out.push_back(value.c_str());
  return out;
}

void set_attribute(const Handle& object, const std::string& name, std::int64_t type,
                   const std::vector<std::size_t>& shape, const void* data) {
  const Handle space = space_of(shape);
  const Handle attribute(
      H5Acreate2(object.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      name);
  check(H5Awrite(attribute.get(), type, data), name);
}

struct Types {
  Handle text;  ///< holds the two where they are made here
  std::int64_t file, memory;
};

Types types_of(Kind kind) {
  if (kind == Kind::integers) return {{}, H5T_STD_I64LE, H5T_NATIVE_INT64};
  if (kind == Kind::numbers) return {{}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE};
  Types out{text_type(), 0, 0};
  out.file = out.memory = out.text.get();
  return out;
}

std::vector<std::size_t> joined(std::size_t rows, const std::vector<std::size_t>& row) {
  std::vector<std::size_t> shape{rows};
  shape.insert(shape.end(), row.begin(), row.end());
  return shape;
}

}  // namespace

std::unique_lock<std::mutex> enter() {
  static std::mutex one;
  std::unique_lock<std::mutex> lock(one);
  // A file that could not be closed, as the disk is full, would be closed again at the end of the
  // process, which crashes. Handles close all that can be.
  static const bool not_at_exit = H5dont_atexit() >= 0;
  static_cast<void>(not_at_exit);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return lock;
}

std::string why() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  return text.empty() ? "HDF5 gives no reason" : text;
}

Handle::Handle(std::int64_t id, Close how, const std::string& what) : id_(id), close_(how) {
  if (id_ < 0) throw Error(Cause::output, what + ": " + why());
}

Handle::~Handle() {
  if (id_ >= 0) close_(id_);
}

Handle::Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(close_, other.close_);
  return *this;
}

void Handle::close(const std::string& what) {
  if (id_ >= 0) check(close_(std::exchange(id_, -1)), what);
}

Handle create_file(const std::string& path, bool over) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "properties");
  check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V110), "versions");
  check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "properties");
  const Handle creation_list(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "properties");
  check(H5Pset_obj_track_times(creation_list.get(), false), "properties");
  return {H5Fcreate(path.c_str(), over ? H5F_ACC_TRUNC : H5F_ACC_EXCL, creation_list.get(),
                    access.get()),
          H5Fclose, printable(path)};
}

Handle create_group(const Handle& parent, const std::string& name, const std::string& nx_class) {
  const Handle list(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "properties");
  check(H5Pset_obj_track_times(list.get(), false), "properties");
  Handle group(H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, list.get(), H5P_DEFAULT),
               H5Gclose, name);
  set_text(group, "NX_class", nx_class);
  return group;
}

void set_text(const Handle& object, const std::string& name, const std::string& value) {
  const Handle type = text_type();
  const char* text = value.c_str();
  set_attribute(object, name, type.get(), {}, &text);
}

void set_texts(const Handle& object, const std::string& name,
               const std::vector<std::string>& values) {
  const Handle type = text_type();
  set_attribute(object, name, type.get(), {values.size()}, pointers(values).data());
}

void set_integer(const Handle& object, const std::string& name, std::int64_t value) {
  set_attribute(object, name, H5T_NATIVE_INT64, {}, &value);
}

void write_text(const Handle& parent, const std::string& name, const std::string& value) {
  const Handle type = text_type();
  const char* text = value.c_str();
  write_array(parent, name, type.get(), type.get(), {}, creation({}, 0), &text);
}

void write_integers(const Handle& parent, const std::string& name,
                    std::span<const std::int64_t> values) {
  const std::vector<std::size_t> shape{values.size()};
  write_array(parent, name, H5T_STD_I64LE, H5T_NATIVE_INT64, shape,
              creation(shape, values.size_bytes()), values.data());
}

Handle write_numbers(const Handle& parent, const std::string& name, std::span<const double> values,
                     const std::vector<std::size_t>& shape, const std::string& unit,
                     const std::string& long_name) {
  const auto count =
      std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
  if (count != values.size())
    throw Error(Cause::internal, name + ": " + std::to_string(values.size()) + " values of " +
                                     std::to_string(count));
  Handle set = write_array(parent, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, shape,
                           creation(shape, values.size_bytes()), values.data());
  if (!unit.empty()) set_text(set, "units", unit);
  if (!long_name.empty()) set_text(set, "long_name", long_name);
  return set;
}

void create_rows(const Handle& parent, const std::string& name, Kind kind, std::size_t rows,
                 const std::vector<std::size_t>& row, std::size_t block, const std::string& unit,
                 const std::string& long_name) {
  const Types types = types_of(kind);
  const auto shape = joined(rows, row);
  const std::size_t bytes =
      std::accumulate(shape.begin(), shape.end(), sizeof(double), std::multiplies<>());
  const Handle space = space_of(shape),
               list = creation(joined(block, row), kind == Kind::texts ? 0 : bytes);
  const Handle set(H5Dcreate2(parent.get(), name.c_str(), types.file, space.get(), H5P_DEFAULT,
                              list.get(), H5P_DEFAULT),
                   H5Dclose, name);
  if (!unit.empty()) set_text(set, "units", unit);
  if (!long_name.empty()) set_text(set, "long_name", long_name);
}

void put_rows(const Handle& parent, const std::string& name, Kind kind, std::size_t first,
              std::size_t count, const std::vector<std::size_t>& row, const void* data) {
  const Handle set = open_set(parent, name);
  const auto shape = joined(count, row);
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  std::vector<hsize_t> start(shape.size(), 0);
  start.front() = first;
  const Handle there(H5Dget_space(set.get()), H5Sclose, name), memory = space_of(shape);
  check(H5Sselect_hyperslab(there.get(), H5S_SELECT_SET, start.data(), nullptr, sizes.data(),
                            nullptr),
        name);
  const Types types = types_of(kind);
  check(H5Dwrite(set.get(), types.memory, memory.get(), there.get(), H5P_DEFAULT, data), name);
}

Handle open_set(const Handle& parent, const std::string& name) {
  return {H5Dopen2(parent.get(), name.c_str(), H5P_DEFAULT), H5Dclose, name};
}

}  // namespace twin::store::hdf5
