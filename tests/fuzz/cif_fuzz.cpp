// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a CIF: an Error of cause data, or atoms in a cell of which a cluster can be made.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "atoms/structure.h"
#include "core/error.h"
#include "formats/cif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  twin::atoms::Structure structure;
  try {
    structure =
        twin::formats::parse_cif(std::string(reinterpret_cast<const char*>(bytes), size), "fuzz");
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
    return 0;
  }
  if (structure.sites.empty() || !structure.cell.allFinite()) std::abort();
  for (const auto& site : structure.sites)
    if (!((site.fractional.array() >= 0) && (site.fractional.array() < 1)).all()) std::abort();
  try {
    if (twin::atoms::cluster(structure, 0, 4.0).empty()) std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::configuration) std::abort();
  }
  return 0;
}
