// SPDX-License-Identifier: GPL-3.0-or-later
// Any lines as documents of Bluesky: Errors of cause data, or scans as they are promised.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "scans.h"
#include "sources/bluesky.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  twin::sources::Bluesky documents("fuzz");
  const auto check = [](const std::vector<twin::formats::ScanFile>& scans) {
    if (!scans.empty()) check_scans(scans, {});
  };
  std::size_t number = 0;
  for (const auto line : twin::split(text, '\n')) {
    try {
      check(documents.take(line, ++number));
    } catch (const twin::Error& error) {
      if (error.cause() != twin::Cause::data) std::abort();
    }
  }
  check(documents.finish());
  return 0;
}
