// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "app/frame_file.h"
#include "md/simulate.h"

namespace twin::app {

/// A run in a file, from which the same model goes on in another process: at a queue's time limit,
/// or when a machine was switched off. FILE has the last frames, FILE.frames the production so far;
/// the former says how many of the latter count, and is replaced when these are synced: whenever
/// the process is killed, the two agree. "" for no file: does nothing then.
class Checkpoint {
 public:
  /// \param apart_s  between two times that it is written
  Checkpoint(std::string path, double apart_s);

  /// Where there is such a file, runs of its model begin there; another model's is passed over.
  /// Frames of FILE.frames count as far as they are whole, a warning says when some are not.
  /// \throws Error{data}  FILE is none
  void resume(md::Engine& engine);

  /// A run begins.
  void begin();

  /// A frame of its production.
  void take(const md::Sample& sample);

  /// Writes it when some time has gone by since the last time. What can't be written, as on a full
  /// disk, is a warning, once, and tried again: the run goes on.
  void keep(md::Engine& engine);

  /// Writes it now, if there is something to write.
  void save(md::Engine& engine);

  /// The run is over: nothing is left to go on with.
  void remove() const;

  /// Frames of each replica that this run has of the one before.
  [[nodiscard]] std::size_t earlier() const { return earlier_; }

 private:
  void write(md::Engine& engine, md::Recording last);
  void write_frames(md::Engine& engine, const std::string& target);
  [[nodiscard]] std::size_t whole_rounds() const;

  std::string path_;
  double apart_s_;
  FrameFile frames_;
  double saved_ = 0.0;  ///< monotonic, s

  // Of the run.
  std::vector<std::deque<FrameFile::Produced>> pending_;  ///< [replicas] frames to be written
  FrameFile::Round last_round_;                           ///< of those that are
  std::size_t earlier_ = 0;
  std::size_t held_ = 0;   ///< rounds of the file that are this run's
  std::size_t named_ = 0;  ///< of these, those that FILE counts
  bool written_ = false;   ///< FILE is this run's
  bool refused_ = false;   ///< writing failed: it was said
  bool given_up_ = false;  ///< there is too much to be written
};

}  // namespace twin::app
