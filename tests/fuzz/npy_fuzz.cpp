// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an array of NumPy's: an Error of cause data, or finite numbers that fill the shape
// and are read back from what is written of them.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "formats/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const auto array = twin::formats::parse_npy(
        std::string_view(reinterpret_cast<const char*>(bytes), size), "fuzz");
    for (const double value : array.values)
      if (!std::isfinite(value)) std::abort();
    const auto again = twin::formats::parse_npy(twin::formats::npy_bytes(array), "again");
    if (again.shape != array.shape || again.values != array.values) std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
