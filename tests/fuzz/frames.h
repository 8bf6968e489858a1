// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>

#include "atoms/trajectory.h"
#include "core/error.h"

/// Reads what \p open gives, at most a thousand frames: finite, of the same atoms, of which as much
/// is known as there are; or an Error of cause data.
template <typename Open>
void check_frames(Open open) {
  try {
    const auto reader = open();
    Eigen::Index atoms = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto frame = reader->next();
      if (!frame && i == 0) std::abort();
      if (!frame) return;
      if (i == 0) atoms = frame->positions.rows();
      if (atoms < 1 || frame->positions.rows() != atoms) std::abort();
      if (!frame->positions.allFinite() || !frame->cell.allFinite()) std::abort();
      const auto known = [&](std::size_t count) {
        return count == 0 || count == static_cast<std::size_t>(atoms);
      };
      if (!known(reader->atoms().elements.size()) || !known(reader->atoms().kinds.size()))
        std::abort();
    }
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
}
