// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "atoms/trajectory.h"
#include "formats/gzip.h"
#include "formats/rejoined.h"

namespace twin::formats {

/// More atoms than this are no trajectory that could be compared with anything here.
inline constexpr std::size_t most_atoms = std::size_t{1} << 24;

/// A file, plain or gzip, as a stream whose first bytes can be looked at.
class GzipStream : public std::istream {
 public:
  /// Takes the descriptor \p file over.
  GzipStream(int file, const std::string& name);
  [[nodiscard]] const std::string& head() const { return head_; }  ///< at most 4096 bytes
  [[nodiscard]] bool cut() const { return buffer_.cut(); }

 private:
  GzipBuffer buffer_;
  std::string head_;
  Rejoined joined_;
};

/// What all readers of trajectories share: the checks of each frame, and how a file ends.
class TrajectoryFile : public atoms::TrajectoryReader {
 public:
  [[nodiscard]] std::optional<atoms::TrajectoryFrame> next() final;

 protected:
  /// Thrown where the file ends within a frame.
  struct Cut {};

  explicit TrajectoryFile(std::string name) : name_(std::move(name)) {}

  /// The next frame as it stands in the file; nothing at its end. Fills atoms_.
  virtual std::optional<atoms::TrajectoryFrame> read() = 0;
  /// True when the file ended too early, though not within a frame.
  [[nodiscard]] virtual bool ended_early() const { return false; }
  /// " of line 12", for messages.
  [[nodiscard]] virtual std::string place() const { return ""; }

  [[noreturn]] void fail(const std::string& what) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t frames() const { return frames_; }  ///< given out so far

 private:
  void check(const atoms::TrajectoryFrame& frame) const;

  std::string name_;
  std::size_t frames_ = 0;
  Eigen::Index count_ = 0;  ///< atoms
  bool ended_ = false;
};

/// One that is read from its beginning to its end.
class TrajectoryStream : public TrajectoryFile {
 protected:
  TrajectoryStream(std::shared_ptr<std::istream> in, std::string name);

  [[nodiscard]] bool ended_early() const override;
  [[nodiscard]] std::istream& in() { return *in_; }

  /// So many bytes, valid until the next call; fewer at the end. Memory grows with what is there,
  /// whatever was asked for.
  std::string_view bytes(std::size_t count);

 private:
  std::shared_ptr<std::istream> in_;
  std::string bytes_;
};

}  // namespace twin::formats
