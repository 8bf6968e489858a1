// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a journal: an Error of cause data, or entries that lie inside, in rising order.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "store/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twin::store;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  std::istringstream in(bytes);
  try {
    std::vector<JournalEntry> entries;
    const auto scan = scan_journal(in, "fuzz", 0, 0, [&](const auto& entry, auto json) {
      const std::int64_t last = entries.empty() ? 0 : entries.back().sequence;
      if (entry.sequence <= last || entry.begin >= entry.end || entry.end > size) std::abort();
      const std::string line = bytes.substr(entry.begin, entry.end - entry.begin);
      if (!line.ends_with(std::string(json) + "\n")) std::abort();
      entries.push_back(entry);
      return true;
    });
    if (scan.whole > scan.size || scan.size != size) std::abort();
    // What recovery keeps reads the same again, whole; also from any record on.
    const std::string whole = bytes.substr(0, scan.whole);
    std::size_t again = 0, later = 0;
    std::istringstream kept(whole);
    const auto count = [](std::size_t& n) {
      return [&n](const auto&, auto) {
        ++n;
        return true;
      };
    };
    if (scan_journal(kept, "fuzz", 0, 0, count(again)).whole != scan.whole) std::abort();
    if (again != entries.size()) std::abort();
    if (entries.empty()) return 0;
    const auto& middle = entries[entries.size() / 2];
    std::istringstream rest(whole.substr(middle.end));
    (void)scan_journal(rest, "fuzz", middle.end, middle.sequence, count(later));
    if (entries.size() / 2 + 1 + later != entries.size()) std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
