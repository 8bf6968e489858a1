// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "atoms/trajectory.h"
#include "core/file.h"
#include "formats/read_trajectory.h"
#include "message_of.h"
#include "places.h"

namespace twin::formats {

/// The bytes of a file of tests/data/trajectories.
inline std::string stored(const std::string& name) {
  return read_file(test_data_dir() + "/trajectories/" + name);
}

/// What tests/data/trajectories/make.py puts there: 32 atoms of fcc, moved by a formula.
inline double expected(int atom, int axis, int frame) {
  const int cell = atom / 4, site = atom % 4;
  const int cells[3] = {cell / 4, cell / 2 % 2, cell % 2};
  const double half = site != 0 && axis != site - 1 ? 0.5 : 0.0;
  return 3.6 * (cells[axis] + half) + 0.1 * std::sin(1 + 3 * atom + axis + 0.7 * frame);
}

inline std::vector<atoms::TrajectoryFrame> all(atoms::TrajectoryReader& reader) {
  std::vector<atoms::TrajectoryFrame> out;
  while (auto frame = reader.next()) out.push_back(std::move(*frame));
  return out;
}

inline std::vector<atoms::TrajectoryFrame> parsed(const std::string& bytes) {
  const auto reader = parse_trajectory(bytes, "made");
  return all(*reader);
}

inline std::string refusal(const std::string& bytes) {
  return message_of([&] { static_cast<void>(parsed(bytes)); });
}

/// The three frames of the formula, to \p tolerance Å.
inline void expect_copper(const std::vector<atoms::TrajectoryFrame>& frames, double tolerance) {
  ASSERT_EQ(frames.size(), 3U);
  for (int f = 0; f < 3; ++f) {
    const auto& frame = frames[static_cast<std::size_t>(f)];
    ASSERT_EQ(frame.positions.rows(), 32);
    const Eigen::Matrix3d cell = Eigen::Vector3d(7.2 + 0.01 * f, 7.2, 7.2).asDiagonal();
    EXPECT_LT((frame.cell - cell).cwiseAbs().maxCoeff(), 2e-6) << "frame " << f;
    double farthest = 0;
    for (int atom = 0; atom < 32; ++atom)
      for (int axis = 0; axis < 3; ++axis)
        farthest =
            std::max(farthest, std::abs(frame.positions(atom, axis) - expected(atom, axis, f)));
    EXPECT_LT(farthest, tolerance) << "frame " << f;
  }
}

/// A file cut at any byte gives its whole frames and says so, or says that it has none; never more.
inline void expect_cuts_are_seen(const std::string& bytes, std::size_t frames) {
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 500) {
    std::size_t got = 0;
    try {
      const auto reader = parse_trajectory(bytes.substr(0, size), "made");
      got = all(*reader).size();
      EXPECT_GT(got, 0U) << size;
      EXPECT_LT(got, frames) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << size << ": " << error.what();
    }
  }
}

}  // namespace twin::formats
