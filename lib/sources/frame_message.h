// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "atoms/trajectory.h"

/// Frames of H5MD as bodies of messages; see scan_message.h.
namespace twin::sources {

/// Its cell, positions, step, time, temperature, energy and virial; nothing else.
[[nodiscard]] std::string encode_frame(const atoms::TrajectoryFrame& frame);
/// \throws Error{data}  anything but a frame of at most 2²⁴ atoms; its numbers are not looked at
[[nodiscard]] atoms::TrajectoryFrame decode_frame(std::string_view body);

struct FrameAtoms {
  atoms::TrajectoryAtoms atoms;
  atoms::TrajectoryOrigin origin;
};
[[nodiscard]] std::string encode_atoms(const FrameAtoms& atoms);
/// \throws Error{data}  as above
[[nodiscard]] FrameAtoms decode_atoms(std::string_view body);

}  // namespace twin::sources
