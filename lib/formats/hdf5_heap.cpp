// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/hdf5_heap.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace twin::formats {

namespace {

using Read = std::function<std::string(std::size_t, std::size_t)>;

constexpr std::size_t block = std::size_t{1} << 20, header = 16;  // of a heap and of its objects
constexpr std::string_view signature{"GCOL\x01\0\0\0", 8};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
    value = value << 8 | static_cast<unsigned char>(*byte);
  return value;
}

/// Bytes of a length in this file: it stands in the superblock, by its version.
std::size_t length_size(std::string_view superblock) {
  if (superblock.size() < header) return 8;
  const std::size_t size = static_cast<unsigned char>(superblock[superblock[8] < 2 ? 14 : 10]);
  return size == 2 || size == 4 ? size : 8;
}

/// \p heap  what there is of it, its header first
bool is_sound(std::string_view heap, std::size_t length) {
  std::size_t at = header;
  while (heap.size() - at >= header) {  // less than that is free space without a header
    const auto index = little_endian(heap.substr(at, 2));
    const auto size = little_endian(heap.substr(at + 8, length));
    const std::size_t rest = heap.size() - at;
    const std::size_t own = index == 0 ? 0 : header;  // the length of free space counts its header
    if (size > rest - own || (index == 0 && size < header)) return false;
    at += own + (static_cast<std::size_t>(size) + 7) / 8 * 8;
    if (at > heap.size()) return false;
  }
  return true;
}

}  // namespace

bool heaps_are_sound(const Read& read) {
  const std::size_t length = length_size(read(0, 64));
  for (std::size_t offset = 0;; offset += block) {
    const std::string bytes = read(offset, block + header);
    for (std::size_t at = bytes.find(signature); at != bytes.npos && at < block;
         at = bytes.find(signature, at + 1)) {
      if (at + header > bytes.size()) return false;
      const auto size = little_endian(std::string_view(bytes).substr(at + 8, length));
      const std::string heap =
          read(offset + at, static_cast<std::size_t>(std::min<std::uint64_t>(size, 64 * block)));
      if (heap.size() < header || heap.size() < size || !is_sound(heap, length)) return false;
    }
    if (bytes.size() < block) return true;
  }
}

}  // namespace twin::formats
