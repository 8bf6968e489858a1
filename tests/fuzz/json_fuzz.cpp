// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes: refused with an Error, or read, written and read again the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "stream/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto value = twin::stream::parse_json(text, "fuzz");
    if (twin::stream::parse_json(twin::stream::dump_json(value), "again") != value) std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
