// SPDX-License-Identifier: GPL-3.0-or-later
// A line of a stream: refused, or a record whose document decodes to the same document.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "stream/codec.h"
#include "stream/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twin::stream;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string once;
  try {
    once = dump_json(encode(decode(parse_json(text, "fuzz"))));
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
    return 0;
  }
  if (dump_json(encode(decode(parse_json(once, "again")))) != once) std::abort();
  return 0;
}
