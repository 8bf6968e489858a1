// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/hdf5_object.h"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/text.h"

namespace twin::formats {

namespace {

constexpr hsize_t largest_chunk = hsize_t{1} << 28;  // bytes

}  // namespace

std::optional<std::vector<std::size_t>> shape_of(std::int64_t set, bool named) {
  const Hdf5Handle type(H5Dget_type(set), H5Tclose), space(H5Dget_space(set), H5Sclose),
      list(H5Dget_create_plist(set), H5Pclose);
  if (!type || !space || !list) return std::nullopt;
  const auto kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER && !(named && kind == H5T_ENUM)) return std::nullopt;
  if (H5Sget_simple_extent_type(space.get()) != H5S_SIMPLE) return std::nullopt;
  const auto layout = H5Pget_layout(list.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(list.get()) > 0) return std::nullopt;
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 1 || rank > 3) return std::nullopt;
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank)), chunk(sizes.size());
  if (H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr) < 0) return std::nullopt;
  if (layout == H5D_CHUNKED) {
    if (H5Pget_chunk(list.get(), rank, chunk.data()) != rank) return std::nullopt;
    hsize_t bytes = H5Tget_size(type.get());
    for (const hsize_t size : chunk) {
      if (size == 0 || bytes > largest_chunk / size) return std::nullopt;
      bytes *= size;
    }
  }
  return std::vector<std::size_t>(sizes.begin(), sizes.end());
}

std::string foreign_filter(std::int64_t set) {
  const Hdf5Handle list(H5Dget_create_plist(set), H5Pclose);
  const int filters = list ? H5Pget_nfilters(list.get()) : 0;
  for (unsigned i = 0; i < static_cast<unsigned>(std::max(filters, 0)); ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    std::array<char, 64> name{};
    const auto filter =
        H5Pget_filter2(list.get(), i, &flags, &values, nullptr, name.size(), name.data(), &config);
    if (filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
        filter == H5Z_FILTER_FLETCHER32)
      continue;
    const std::string called = printable({name.data(), strnlen(name.data(), name.size())});
    return "packed by filter " + std::to_string(filter) +
           (called.empty() ? "" : " (" + called + ")") +
           "; deflate, shuffle and fletcher32 are read";
  }
  return "";
}

}  // namespace twin::formats
