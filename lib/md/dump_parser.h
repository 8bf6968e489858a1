// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace twin::md {

struct DumpFrame {
  std::int64_t step = 0;
  Eigen::Matrix3d cell = Eigen::Matrix3d::Zero();  ///< Å, rows are the axes: a along x, b in xy
  Eigen::MatrixX3d positions;  ///< [n × 3] Å, unwrapped, in the order of the atoms' numbers
};

/// What `dump custom ... xu yu zu`, sorted by id, writes, as it arrives in pieces.
class DumpParser {
 public:
  explicit DumpParser(Eigen::Index atoms) : atoms_(atoms) {}

  /// \throws Error{data}           not such a dump, too many atoms
  /// \throws Error{configuration}  atoms were lost, or a value is not finite: see explosion.h
  void add(std::string_view bytes);

  /// The next whole frame.
  std::optional<DumpFrame> next();

 private:
  void line(std::string_view text);
  void header(std::string_view text);
  void bounds(std::string_view text, std::size_t axis);
  void row(std::string_view text);
  [[noreturn]] static void fail(std::string_view text, const std::string& expected);

  Eigen::Index atoms_;
  std::string rest_;
  int place_ = 0;                                  ///< number of the line within the frame
  bool oblique_ = false;                           ///< the box has tilts
  std::array<std::array<double, 3>, 3> bounds_{};  ///< low, high and tilt of each line
  DumpFrame current_;
  std::deque<DumpFrame> frames_;
};

}  // namespace twin::md
