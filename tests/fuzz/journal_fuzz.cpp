// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a journal: an Error of cause data, or entries that lie inside, in rising order.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "core/error.h"
#include "store/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  std::istringstream in(bytes);
  try {
    const auto scan = twin::store::scan_journal(in, "fuzz");
    if (scan.whole > scan.size || scan.size != size) std::abort();
    std::int64_t last = 0;
    for (const auto& entry : scan.entries) {
      if (entry.sequence <= last || entry.offset + entry.length >= scan.whole) std::abort();
      last = entry.sequence;
    }
    // What recovery keeps reads the same again, whole.
    std::istringstream kept(bytes.substr(0, scan.whole));
    const auto again = twin::store::scan_journal(kept, "fuzz");
    if (again.entries.size() != scan.entries.size() || again.whole != scan.whole) std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
