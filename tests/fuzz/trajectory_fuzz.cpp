// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a trajectory (dump, extended XYZ, DCD, XTC): an Error of cause data, or frames as
// promised.
#include <cstddef>
#include <cstdint>
#include <string>

#include "formats/read_trajectory.h"
#include "frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  check_frames([&] {
    return twin::formats::parse_trajectory(std::string(reinterpret_cast<const char*>(bytes), size),
                                           "fuzz");
  });
  return 0;
}
