// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as spec: an Error of cause data, or scans as they are promised.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "formats/spec.h"
#include "scans.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  std::vector<twin::Error> refused;
  try {
    check_scans(twin::formats::parse_spec(in, "fuzz", &refused), refused);
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
