// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/dcd.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include "core/text.h"
#include "formats/trajectory_file.h"

namespace twin::formats {

using atoms::TrajectoryFrame;

namespace {

constexpr std::uint32_t header_size = 84;
constexpr std::size_t control_words = 20, largest_title = std::size_t{1} << 20;

/// The axes of a cell from lengths and angles (rad), a along x, b in the plane of x and y.
Eigen::Matrix3d axes_of(const Eigen::Vector3d& length, const Eigen::Vector3d& cosine) {
  const double sine = std::sqrt(1 - cosine[2] * cosine[2]);
  const double y = (cosine[0] - cosine[1] * cosine[2]) / sine;
  Eigen::Matrix3d cell;
  cell << length[0], 0, 0, length[1] * cosine[2], length[1] * sine, 0, length[2] * cosine[1],
      length[2] * y, length[2] * std::sqrt(1 - cosine[1] * cosine[1] - y * y);
  return cell;
}

/// The cell of the record A, γ, B, β, α, C. Nothing where it may as well be CHARMM's matrix: angles
/// below 30 or above 150 degrees, numbers beyond cosines.
std::optional<Eigen::Matrix3d> cell_of(const std::array<double, 6>& record) {
  const Eigen::Vector3d length(record[0], record[2], record[5]);
  const std::array<double, 3> angle{record[4], record[3], record[1]};  // α, β, γ
  const auto all = [&](auto&& test) { return std::ranges::all_of(angle, test); };
  Eigen::Vector3d cosine = Eigen::Vector3d::Zero();
  if (all([](double x) { return x >= 30 && x <= 150; })) {
    for (int i = 0; i < 3; ++i)
      cosine[i] = std::cos(angle[static_cast<std::size_t>(i)] * std::numbers::pi / 180);
  } else if (all([](double x) { return std::abs(x) < 0.87; })) {
    cosine << angle[0], angle[1], angle[2];
  } else {
    return std::nullopt;
  }
  return axes_of(length, cosine);
}

class Dcd final : public TrajectoryStream {
 public:
  Dcd(std::shared_ptr<std::istream> stream, const std::string& file)
      : TrajectoryStream(std::move(stream), printable(file)) {}

 private:
  std::optional<TrajectoryFrame> read() override {
    if (frames() == 0) read_header();
    const std::string_view mark = bytes(4);
    if (mark.empty()) return std::nullopt;
    if (mark.size() < 4) throw Cut();
    std::uint32_t size = word(mark);
    if (size != 48) fail("a frame of " + std::to_string(size) + " bytes where its unit cell is");
    std::array<double, 6> cell{};
    const std::string_view record = payload(size);
    for (std::size_t i = 0; i < cell.size(); ++i)
      cell[i] = number<std::uint64_t, double>(record, i);
    end_of_record(size);
    TrajectoryFrame frame;
    const auto axes = cell_of(cell);
    if (!axes)
      fail("frame " + std::to_string(frames() + 1) +
           ": a unit cell that is not orthogonal, and has no angles in degrees or cosines");
    frame.cell = *axes;
    if (frames() == 0) frame.positions.resize(0, 3);
    read_positions(frame);
    frame.step = first_step_ + static_cast<std::int64_t>(frames()) * interval_;
    return frame;
  }

  void read_header() {
    const std::string_view head = bytes(8);
    if (head.size() < 8) throw Cut();
    swapped_ = std::endian::native == std::endian::little ? head[0] == 0 : head[0] != 0;
    if (word(head) != header_size || head.substr(4) != "CORD")
      fail("no DCD of coordinates with 32-bit record marks");
    std::array<std::int32_t, control_words> control{};
    const std::string_view words = payload(4 * control_words);
    for (std::size_t i = 0; i < control.size(); ++i)
      control[i] = number<std::uint32_t, std::int32_t>(words, i);
    end_of_record(header_size);
    if (control[8] != 0) fail("fixed atoms, which only its first frame has; write it without");
    if (control[19] != 0 && control[11] != 0) fail("coordinates in four dimensions");
    if (control[19] == 0 || control[10] == 0)
      fail("no unit cells; the trajectory of a periodic crystal is expected");
    first_step_ = control[1];
    interval_ = control[2];
    std::uint32_t size = begin_record();
    if (size > largest_title) fail("a title of " + std::to_string(size) + " bytes");
    payload(size);
    end_of_record(size);
    size = begin_record();
    if (size != 4) fail("no number of atoms");
    count_ = word(payload(4));
    end_of_record(4);
    if (count_ < 1 || count_ > most_atoms) fail(std::to_string(count_) + " atoms");
  }

  void read_positions(TrajectoryFrame& frame) {
    for (Eigen::Index axis = 0; axis < 3; ++axis) {
      const std::uint32_t size = begin_record();
      if (size != 4 * count_)
        fail("frame " + std::to_string(frames() + 1) + ": " + std::to_string(size) +
             " bytes of coordinates, " + std::to_string(4 * count_) + " are expected");
      const std::string_view record = payload(size);
      if (axis == 0) frame.positions.resize(static_cast<Eigen::Index>(count_), 3);
      for (std::size_t i = 0; i < count_; ++i)
        frame.positions(static_cast<Eigen::Index>(i), axis) =
            static_cast<double>(number<std::uint32_t, float>(record, i));
      end_of_record(size);
    }
  }

  std::uint32_t begin_record() { return word(payload(4)); }

  void end_of_record(std::uint32_t size) {
    if (word(payload(4)) != size) fail("damaged: a record does not end with its length");
  }

  std::string_view payload(std::size_t size) {
    const std::string_view got = bytes(size);
    if (got.size() < size) throw Cut();
    return got;
  }

  [[nodiscard]] std::uint32_t word(std::string_view from) const {
    return number<std::uint32_t, std::uint32_t>(from, 0);
  }

  /// The number at place \p i of a row of them.
  template <typename Bits, typename Number>
  [[nodiscard]] Number number(std::string_view from, std::size_t i) const {
    static_assert(sizeof(Bits) == sizeof(Number));
    std::array<char, sizeof(Bits)> raw{};
    from.copy(raw.data(), raw.size(), i * raw.size());
    if (swapped_) std::ranges::reverse(raw);
    return std::bit_cast<Number>(raw);
  }

  bool swapped_ = false;
  std::uint32_t count_ = 0;
  std::int64_t first_step_ = 0, interval_ = 0;
};

}  // namespace

bool is_dcd(std::string_view head) {
  using namespace std::literals;
  return head.starts_with("T\0\0\0CORD"sv) || head.starts_with("\0\0\0TCORD"sv) ||
         head.starts_with("T\0\0\0\0\0\0\0CORD"sv) || head.starts_with("\0\0\0\0\0\0\0TCORD"sv);
}

std::unique_ptr<atoms::TrajectoryReader> dcd(std::shared_ptr<std::istream> in,
                                             const std::string& name) {
  return std::make_unique<Dcd>(std::move(in), name);
}

}  // namespace twin::formats
