// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a data file of LAMMPS: an Error of cause data, or atoms in a cell.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "atoms/structure.h"
#include "core/error.h"
#include "formats/lammps_data.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(bytes), size));
  twin::atoms::Structure structure;
  try {
    structure = twin::formats::parse_lammps_data(in, "fuzz");
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
    return 0;
  }
  if (structure.sites.empty() || !structure.cell.allFinite()) std::abort();
  for (const auto& site : structure.sites)
    if (!((site.fractional.array() >= 0) && (site.fractional.array() < 1)).all()) std::abort();
  return 0;
}
