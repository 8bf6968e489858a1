// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "md/bank.h"

namespace twin::app {

/// The frames of a production run in a file that only grows, so that what it costs is in proportion
/// to the run. A round is one frame of each replica; how many rounds count is written elsewhere, in
/// a file that is replaced after this one was synced: what a killed process leaves behind them is
/// never read, and overwritten by the next.
///
/// A head, then records of one size, each with the CRC-32C of its bytes, numbers as this machine
/// has them: a file goes on where it began.
class FrameFile {
 public:
  struct Produced {
    std::int64_t step = 0;
    md::KeptFrame frame;
  };
  using Round = std::vector<Produced>;  ///< [replicas]

  explicit FrameFile(std::string path) : path_(std::move(path)) {}

  /// Begins it anew, for a run of \p target whose rounds are like \p first.
  /// \throws Error{cannot_create}, Error{output}
  void begin(const std::string& target, const Round& first);

  /// Puts \p rounds behind the first \p held ones, and syncs.  \throws Error{output}
  void append(std::size_t held, const std::vector<Round>& rounds) const;

  /// How many of its first \p rounds are whole, one after the other; 0 where it is of another
  /// target, or there is none. Reads them.
  [[nodiscard]] std::size_t open(const std::string& target, std::size_t rounds);

  /// \throws Error{data}  it is not whole, or of another run
  [[nodiscard]] Round round(std::size_t index) const;

  /// Hands out the first \p rounds.  \throws Error{data}  a record is not whole
  void read(std::size_t rounds, const md::Earlier::Take& take) const;

  /// Bytes of a round.
  [[nodiscard]] std::size_t round_size() const { return replicas_ * record_size(); }

  void remove() const;

 private:
  [[nodiscard]] std::size_t record_size() const;
  [[nodiscard]] std::string head() const;
  [[nodiscard]] std::string encode(const Produced& one, std::size_t round,
                                   std::size_t replica) const;
  [[nodiscard]] Produced decode(const std::string& bytes, std::size_t round,
                                std::size_t replica) const;
  /// Calls for each of the first \p rounds until that says no; \return how many were whole.
  std::size_t each(std::size_t first, std::size_t rounds,
                   const std::function<void(Round&&)>& take) const;

  std::string path_;
  std::string target_;
  std::size_t replicas_ = 0, atoms_ = 0, slopes_ = 0;
};

}  // namespace twin::app
