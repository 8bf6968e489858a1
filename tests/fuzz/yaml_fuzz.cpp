// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes: refused with an Error, or read; what is read is written as YAML that reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace {

template <class Decode>
void try_as(Decode decode, const twin::record::Value& document) {
  try {
    (void)decode(document, "fuzz.yaml");
  } catch (const twin::Error& error) {
    if (error.cause() == twin::Cause::internal) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  twin::record::Value value;
  try {
    value = twin::stream::parse_yaml(text, "fuzz");
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
    return 0;
  }
  if (size < 1000 && twin::stream::parse_yaml(twin::stream::dump_yaml(value), "again") != value)
    std::abort();
  try_as(twin::stream::decode_recipe, value);
  try_as(twin::stream::decode_model, value);
  try_as(twin::stream::decode_policy, value);
  try_as(twin::stream::decode_bounds, value);
  try_as(twin::stream::decode_devices, value);
  try_as(twin::stream::decode_channels, value);
  return 0;
}
