// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as CP2K's output of a crystal of five atoms: an Error of cause data, or finite labels.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "potential/cp2k.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const twin::potential::Unlabelled frame{{"Pb", "Cs", "I", "I", "I"},
                                          Eigen::Matrix3d::Identity() * 6.29,
                                          Eigen::MatrixX3d::Zero(5, 3)};
  try {
    const auto labels = twin::potential::parse_cp2k(
        std::string_view(reinterpret_cast<const char*>(bytes), size), frame, "fuzz");
    if (!std::isfinite(labels.energy_eV) || !labels.forces.allFinite() ||
        labels.forces.rows() != 5 || !labels.virial_eV->allFinite())
      std::abort();
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
