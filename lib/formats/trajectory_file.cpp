// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/trajectory_file.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::formats {

using atoms::TrajectoryFrame;

namespace {

constexpr double smallest_volume = 1e-3, largest_number = 1e7;  // Å³, Å

std::string head_of(std::streambuf& from) {
  std::string head(4096, '\0');
  const auto got = from.sgetn(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
  return head;
}

}  // namespace

GzipStream::GzipStream(int file, const std::string& name)
    : std::istream(nullptr),
      buffer_(file, name, std::numeric_limits<std::size_t>::max()),
      head_(head_of(buffer_)),
      joined_(head_, buffer_) {
  rdbuf(&joined_);
}

void TrajectoryFile::fail(const std::string& what) const {
  throw Error(Cause::data, name_ + place() + ": " + what);
}

std::optional<TrajectoryFrame> TrajectoryFile::next() {
  if (ended_) return std::nullopt;
  std::optional<TrajectoryFrame> frame;
  bool cut = false;
  try {
    frame = read();
  } catch (const Cut&) {
    cut = true;
  }
  if (frame) {
    check(*frame);
    count_ = frame->positions.rows();
    ++frames_;
    return frame;
  }
  ended_ = true;
  if (frames_ == 0) throw Error(Cause::data, name_ + ": no whole frame in it");
  if (cut || ended_early())
    warnings_.push_back(name_ + ": it ends too early; it was read as far as it goes, " +
                        std::to_string(frames_) + " frames");
  return std::nullopt;
}

void TrajectoryFile::check(const TrajectoryFrame& frame) const {
  const auto wrong = [&](const std::string& what) {
    fail("frame " + std::to_string(frames_ + 1) + ": " + what);
  };
  const auto bad = [](const auto& matrix) {
    return !matrix.allFinite() || matrix.cwiseAbs().maxCoeff() > largest_number;
  };
  if (frame.positions.rows() == 0) wrong("no atoms");
  if (bad(frame.cell)) wrong("its cell is not finite");
  if (!(std::abs(frame.cell.determinant()) > smallest_volume))
    wrong("its cell has no volume; a periodic crystal is expected");
  if (bad(frame.positions)) wrong("a coordinate is not finite, or farther than 10⁷ Å away");
  if (frames_ > 0 && frame.positions.rows() != count_)
    wrong(std::to_string(frame.positions.rows()) + " atoms, those before have " +
          std::to_string(count_));
  for (const auto* value :
       {&frame.time_ps, &frame.temperature, &frame.energy_eV, &frame.virial_bar})
    if (*value && !std::isfinite(**value)) wrong("its time, temperature or energy is not finite");
}

TrajectoryStream::TrajectoryStream(std::shared_ptr<std::istream> in, std::string name)
    : TrajectoryFile(std::move(name)), in_(std::move(in)) {}

bool TrajectoryStream::ended_early() const {
  const auto* file = dynamic_cast<const GzipStream*>(in_.get());
  return file && file->cut();
}

std::string_view TrajectoryStream::bytes(std::size_t count) {
  constexpr std::size_t most = std::size_t{1} << 20;
  bytes_.clear();
  while (bytes_.size() < count) {
    const std::size_t had = bytes_.size(), ask = std::min(count - had, most);
    bytes_.resize(had + ask);
    const auto got = in_->rdbuf()->sgetn(bytes_.data() + had, static_cast<std::streamsize>(ask));
    bytes_.resize(had + static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
    if (bytes_.size() < had + ask) break;
  }
  return bytes_;
}

}  // namespace twin::formats
