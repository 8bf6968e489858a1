// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/hdf5_use.h"

#include <unistd.h>

#include <array>
#include <string_view>

namespace twin::formats {

Hdf5Use hdf5_use(int file) {
  constexpr unsigned written = 1, swmr = 4;
  std::array<char, 12> head{};
  if (::pread(file, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()) ||
      !std::string_view(head.data(), head.size()).starts_with("\x89HDF\r\n\x1a\n") || head[8] != 3)
    return Hdf5Use::none;
  const auto flags = static_cast<unsigned char>(head[11]);
  if ((flags & swmr) != 0) return Hdf5Use::swmr;
  return (flags & written) != 0 ? Hdf5Use::written : Hdf5Use::none;
}

}  // namespace twin::formats
