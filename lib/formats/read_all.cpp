// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/read_all.h"

#include <array>
#include <istream>

#include "core/error.h"

namespace twin::formats {

std::string read_all(std::istream& in, const std::string& name, std::size_t limit) {
  std::string text;
  std::array<char, 1u << 16> block{};
  while (true) {
    // Past the stream to its buffer: errors of decompression go through as they are thrown.
    const auto got = in.rdbuf()->sgetn(block.data(), static_cast<std::streamsize>(block.size()));
    if (got <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > limit)
      throw Error(Cause::data, name + ": more than " + std::to_string(limit >> 20) +
                                   " MiB; a file of spectra is expected");
  }
}

}  // namespace twin::formats
