// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a feffNNNN.dat: read or refused, never a crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.h"
#include "feff/feff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    static_cast<void>(twin::feff::parse_feff_dat(
        std::string(reinterpret_cast<const char*>(bytes), size), "fuzz"));
  } catch (const twin::Error&) {
  }
  return 0;
}
