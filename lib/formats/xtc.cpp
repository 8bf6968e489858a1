// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/xtc.h"

#include <bit>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "formats/trajectory_file.h"
#include "formats/xtc_coordinates.h"

namespace twin::formats {

using atoms::TrajectoryFrame;

namespace {

constexpr std::int32_t xtc_magic = 1995, xtc_magic_of_large = 2023;  // the latter: a 64-bit length
constexpr std::size_t plainly_stored = 9;                            // so many atoms are not packed
constexpr double A_per_nm = 10.0;

class Xtc final : public TrajectoryStream {
 public:
  Xtc(std::shared_ptr<std::istream> stream, const std::string& file)
      : TrajectoryStream(std::move(stream), printable(file)) {}

 private:
  std::optional<TrajectoryFrame> read() override {
    const std::string_view first = bytes(4);
    if (first.empty()) return std::nullopt;
    if (first.size() < 4) throw Cut();
    const auto kind = word(first, 0);
    if (kind != xtc_magic && kind != xtc_magic_of_large)
      wrong("does not begin as a frame of XTC does");
    const std::string_view head = all(4 * 13);
    const std::int32_t count = word(head, 0);
    if (count < 1 || static_cast<std::size_t>(count) > most_atoms)
      wrong(std::to_string(count) + " atoms");
    TrajectoryFrame frame;
    frame.step = word(head, 1);
    frame.time_ps = real(head, 2);
    for (Eigen::Index i = 0; i < 9; ++i)
      frame.cell(i / 3, i % 3) = A_per_nm * real(head, static_cast<std::size_t>(3 + i));
    if (word(head, 12) != count) wrong("two numbers of atoms that differ");
    const auto atoms = static_cast<std::size_t>(count);
    if (atoms <= plainly_stored)
      read_plain(atoms, frame);
    else
      read_packed(atoms, kind == xtc_magic_of_large, frame);
    return frame;
  }

  void read_plain(std::size_t atoms, TrajectoryFrame& frame) {
    const std::string_view numbers = all(12 * atoms);
    frame.positions.resize(static_cast<Eigen::Index>(atoms), 3);
    for (std::size_t i = 0; i < 3 * atoms; ++i)
      frame.positions(static_cast<Eigen::Index>(i / 3), static_cast<Eigen::Index>(i % 3)) =
          A_per_nm * real(numbers, i);
  }

  void read_packed(std::size_t atoms, bool large, TrajectoryFrame& frame) {
    const std::string_view head = all(large ? 40 : 36);
    const double precision = real(head, 0);
    if (!(precision > 0) || !std::isfinite(precision)) wrong("a precision that is not positive");
    XtcPacking packing{.atoms = atoms, .small = word(head, 7)};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      packing.lowest[axis] = word(head, 1 + axis);
      packing.highest[axis] = word(head, 4 + axis);
    }
    const std::int32_t above = large ? word(head, 8) : 0, size = word(head, large ? 9 : 8);
    if (above != 0 || size < 0) wrong("more than 2 GiB of coordinates");
    const std::size_t padded = (static_cast<std::size_t>(size) + 3) / 4 * 4;
    const auto numbers = unpack(packing, all(padded).substr(0, static_cast<std::size_t>(size)));
    if (!numbers) wrong("coordinates that can't be unpacked");
    frame.positions.resize(static_cast<Eigen::Index>(atoms), 3);
    for (std::size_t i = 0; i < numbers->size(); ++i)
      frame.positions(static_cast<Eigen::Index>(i / 3), static_cast<Eigen::Index>(i % 3)) =
          A_per_nm * static_cast<double>((*numbers)[i]) / precision;
  }

  [[noreturn]] void wrong(const std::string& what) const {
    fail("frame " + std::to_string(frames() + 1) + ": damaged: " + what);
  }

  std::string_view all(std::size_t count) {
    const std::string_view got = bytes(count);
    if (got.size() < count) throw Cut();
    return got;
  }

  /// Numbers of XDR: four bytes, the highest first.
  static std::int32_t word(std::string_view from, std::size_t i) {
    std::uint32_t value = 0;
    for (const char byte : from.substr(4 * i, 4))
      value = value << 8 | static_cast<unsigned char>(byte);
    return static_cast<std::int32_t>(value);
  }
  static double real(std::string_view from, std::size_t i) {
    return static_cast<double>(std::bit_cast<float>(word(from, i)));
  }
};

}  // namespace

std::unique_ptr<atoms::TrajectoryReader> xtc(std::shared_ptr<std::istream> in,
                                             const std::string& name) {
  return std::make_unique<Xtc>(std::move(in), name);
}

}  // namespace twin::formats
