// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/hdf5_tree.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "core/error.h"
#include "core/text.h"
#include "formats/hdf5_heap.h"
#include "formats/hdf5_object.h"
#include "formats/hdf5_place.h"
#include "formats/limits.h"

namespace twin::formats {

static_assert(std::is_same_v<hid_t, std::int64_t>, "HDF5 1.10 or later");

namespace {

constexpr std::size_t most_objects = std::size_t{1} << 20, most_texts = std::size_t{1} << 16,
                      longest_text = std::size_t{1} << 16;
constexpr int most_links = 8;
constexpr std::size_t chunk_cache = std::size_t{32} << 20;  // bytes of each data set, when used

using Handle = Hdf5Handle;

/// A file that is written may be seen at a bad moment: so often it is looked at again, after times
/// that double from 1 ns on (33 ms in all). The library's own hundred would take years.
constexpr unsigned most_attempts = 25;

Handle access_list() {
  H5PLset_loading_state(0);
  Handle list(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_metadata_read_attempts(list.get(), most_attempts);
  H5Pset_fclose_degree(list.get(), H5F_CLOSE_STRONG);
  H5Pset_cache(list.get(), 0, 12421, chunk_cache, 0.75);
  return list;
}

std::string text_of(const char* bytes, std::size_t most) { return {bytes, strnlen(bytes, most)}; }

/// Texts of fixed or variable length, read by \p read(memory type, buffer).
template <class Read>
std::vector<std::string> texts_by(hid_t type_id, hid_t space_id, Read read) {
  std::vector<std::string> out;
  const hssize_t points = H5Sget_simple_extent_npoints(space_id);
  if (H5Tget_class(type_id) != H5T_STRING || points < 1 ||
      static_cast<std::size_t>(points) > most_texts)
    return out;
  const auto count = static_cast<std::size_t>(points);
  const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_cset(memory.get(), H5Tget_cset(type_id));
  if (H5Tis_variable_str(type_id) > 0) {
    H5Tset_size(memory.get(), H5T_VARIABLE);
    std::vector<char*> pointers(count, nullptr);
    if (read(memory.get(), pointers.data()) >= 0)
      for (const char* text : pointers) out.push_back(text ? text_of(text, longest_text) : "");
    for (char* text : pointers)
      if (text) H5free_memory(text);
    return out;
  }
  const std::size_t size = H5Tget_size(type_id);
  if (size == 0 || size > longest_text || count > (std::size_t{1} << 26) / size) return out;
  H5Tset_size(memory.get(), size);
  H5Tset_strpad(memory.get(), H5Tget_strpad(type_id));
  std::vector<char> bytes(size * count);
  if (read(memory.get(), bytes.data()) < 0) return out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(text_of(bytes.data() + i * size, size));
  return out;
}

}  // namespace

std::array<char, 256> hdf5_place{};

Hdf5Tree::Hdf5Tree(int descriptor, std::string name, Hdf5Use use, bool heaps)
    : name_(std::move(name)), use_(use) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  if (use == Hdf5Use::written)
    fail("HDF5 that its writer has not closed; a copy that h5clear mends may be readable");
  const auto read = [&](std::size_t offset, std::size_t count) {
    std::string bytes(count, '\0');
    const ssize_t got = ::pread(descriptor, bytes.data(), count, static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  };
  // While it is written a heap may be half there. Who reads such a file does it in a child.
  if (use == Hdf5Use::none && heaps && !heaps_are_sound(read))
    fail("HDF5 whose global heap is damaged; a whole file is expected");
  // What was opened is what is read, whatever the name leads to by now.
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  const unsigned how = use == Hdf5Use::swmr ? H5F_ACC_RDONLY | H5F_ACC_SWMR_READ : H5F_ACC_RDONLY;
  file_ = H5Fopen(path.c_str(), how, access_list().get());
  if (file_ < 0) fail("HDF5 that is damaged, or still open for writing; a whole file is expected");
}

Hdf5Tree::Hdf5Tree(const std::string& bytes, std::string name, Hdf5Use use)
    : name_(std::move(name)), image_(bytes), use_(use) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const auto read = [&](std::size_t offset, std::size_t count) {
    return offset < bytes.size() ? bytes.substr(offset, count) : std::string();
  };
  if (!heaps_are_sound(read)) fail("HDF5 whose global heap is damaged; a whole file is expected");
  const Handle list = access_list();
  H5Pset_fapl_core(list.get(), 1u << 20, false);
  H5Pset_file_image(list.get(), image_.data(), image_.size());
  file_ = H5Fopen("image", H5F_ACC_RDONLY, list.get());
  if (file_ < 0) fail("HDF5 that is damaged; a whole file is expected");
}

Hdf5Tree::~Hdf5Tree() {
  if (file_ >= 0) H5Fclose(file_);
}

void Hdf5Tree::fail(const std::string& what) const {
  throw Error(Cause::data, name_ + ": " + what);
}

/// \p path by hard links alone; nothing when a step is not there or leads out of the file.
std::optional<std::string> Hdf5Tree::resolve(const std::string& path) {
  std::vector<std::string> open, done;
  const auto push = [&](std::string_view steps) {
    const auto parts = split(steps, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
      if (!part->empty() && *part != ".") open.emplace_back(*part);
  };
  push(path);
  int links = 0;
  while (!open.empty()) {
    const std::string here = "/" + join(done, "/"),
                      next = (done.empty() ? "/" : here + "/") + open.back();
    open.pop_back();
    H5L_info_t link{};
    if (H5Lget_info(file_, next.c_str(), &link, H5P_DEFAULT) < 0) return std::nullopt;
    if (link.type == H5L_TYPE_HARD) {
      done.push_back(next.substr(next.rfind('/') + 1));
      continue;
    }
    if (link.type != H5L_TYPE_SOFT || ++links > most_links || link.u.val_size > 4096)
      return std::nullopt;
    std::vector<char> target(link.u.val_size + 1, '\0');
    if (H5Lget_val(file_, next.c_str(), target.data(), target.size(), H5P_DEFAULT) < 0)
      return std::nullopt;
    const std::string_view text = target.data();
    if (text.starts_with('/')) done.clear();
    if (text.size() > 4096 || open.size() > 256) return std::nullopt;
    push(text);
  }
  return "/" + join(done, "/");
}

std::int64_t Hdf5Tree::open(const std::string& path) {
  if (++objects_ > most_objects) fail("too many objects; a file of spectra is expected");
  path.copy(hdf5_place.data(), hdf5_place.size() - 1);
  hdf5_place[std::min(path.size(), hdf5_place.size() - 1)] = '\0';
  const auto real = resolve(path);
  return real ? H5Oopen(file_, real->c_str(), H5P_DEFAULT) : -1;
}

std::vector<std::string> Hdf5Tree::children(const std::string& path) {
  std::vector<std::string> out;
  const Handle group(open(path), H5Oclose);
  if (!group || H5Iget_type(group.get()) != H5I_GROUP) return out;
  const auto take = [](hid_t, const char* name, const H5L_info_t*, void* names) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(names);
    if (list.size() >= (std::size_t{1} << 16)) return 1;
    const std::string_view text = name;
    if (!text.empty() && text.find('/') == text.npos && text != ".") list.emplace_back(text);
    return 0;
  };
  hsize_t index = 0;
  H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, &index, take, &out);
  return out;
}

bool Hdf5Tree::is_group(const std::string& path) {
  const Handle object(open(path), H5Oclose);
  return object && H5Iget_type(object.get()) == H5I_GROUP;
}

std::uint64_t Hdf5Tree::identity(const std::string& path) {
  const Handle object(open(path), H5Oclose);
  H5O_info_t info{};
  if (!object || H5Oget_info2(object.get(), &info, H5O_INFO_BASIC) < 0) return 0;
  return info.addr;
}

std::vector<std::string> Hdf5Tree::attribute(const std::string& path, const std::string& name) {
  const Handle object(open(path), H5Oclose);
  if (!object || H5Aexists(object.get(), name.c_str()) <= 0) return {};
  const Handle attribute(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute) return {};
  const Handle type(H5Aget_type(attribute.get()), H5Tclose),
      space(H5Aget_space(attribute.get()), H5Sclose);
  if (!type || !space) return {};
  return texts_by(type.get(), space.get(), [&](hid_t memory, void* buffer) {
    return H5Aread(attribute.get(), memory, buffer);
  });
}

std::vector<std::string> Hdf5Tree::texts(const std::string& path) {
  const Handle set(open(path), H5Oclose);
  if (!set || H5Iget_type(set.get()) != H5I_DATASET) return {};
  const Handle type(H5Dget_type(set.get()), H5Tclose), space(H5Dget_space(set.get()), H5Sclose),
      list(H5Dget_create_plist(set.get()), H5Pclose);
  if (!type || !space || !list || H5Pget_layout(list.get()) == H5D_VIRTUAL ||
      H5Pget_external_count(list.get()) > 0)
    return {};
  return texts_by(type.get(), space.get(), [&](hid_t memory, void* buffer) {
    return H5Dread(set.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
  });
}

std::optional<std::vector<std::size_t>> Hdf5Tree::shape(const std::string& path) {
  const Handle set(open(path), H5Oclose);
  if (!set || H5Iget_type(set.get()) != H5I_DATASET) return std::nullopt;
  return shape_of(set.get());
}

std::vector<std::size_t> Hdf5Tree::largest(const std::string& path) {
  const Handle set(open(path), H5Oclose);
  if (!set || H5Iget_type(set.get()) != H5I_DATASET || !shape_of(set.get())) return {};
  const Handle space(H5Dget_space(set.get()), H5Sclose);
  std::array<hsize_t, H5S_MAX_RANK> sizes{}, most{};
  const int rank = H5Sget_simple_extent_dims(space.get(), sizes.data(), most.data());
  static_assert(H5S_UNLIMITED == SIZE_MAX);
  return {most.begin(), most.begin() + std::max(rank, 0)};
}

std::string Hdf5Tree::unreadable(const std::string& path) {
  const Handle set(open(path), H5Oclose);
  if (!set || H5Iget_type(set.get()) != H5I_DATASET) return "";
  return foreign_filter(set.get());
}

void Hdf5Tree::refresh(const std::string& path) {
  numbers_ = objects_ = 0;
  const Handle set(open(path), H5Oclose);
  if (set && H5Iget_type(set.get()) == H5I_DATASET && H5Drefresh(set.get()) < 0)
    fail(printable(path) + ": can't be seen anew; its writer may have damaged it");
}

std::vector<double> Hdf5Tree::numbers(const std::string& path) {
  const Handle set(open(path), H5Oclose);
  const auto shape =
      set && H5Iget_type(set.get()) == H5I_DATASET ? shape_of(set.get()) : std::nullopt;
  if (!shape) fail(printable(path) + ": no numbers");
  std::size_t count = 1;
  for (const std::size_t size : *shape) {
    if (size > 0 && count > most_numbers / size)
      fail(printable(path) + ": over 67 million numbers");
    count *= size;
  }
  numbers_ += count;
  if (numbers_ > most_numbers)
    fail("over 67 million numbers in all; a file of spectra is expected");
  if (const auto filter = foreign_filter(set.get()); !filter.empty())
    fail(printable(path) + ": " + filter);
  std::vector<double> out(count);
  if (count > 0 &&
      H5Dread(set.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) < 0)
    fail(printable(path) + ": damaged; a whole file is expected");
  return out;
}

}  // namespace twin::formats
