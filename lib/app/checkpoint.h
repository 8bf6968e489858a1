// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "md/simulate.h"

namespace twin::app {

/// The last frames of a run in a file, from which the same model goes on in another process: at a
/// queue's time limit, or when a machine was switched off. "" for no file: does nothing then.
class Checkpoint {
 public:
  explicit Checkpoint(std::string path) : path_(std::move(path)) {}

  /// Where there is such a file, runs of its model begin there; another model's is passed over.
  /// \throws Error{data}  it is none
  void resume(md::Engine& engine) const;

  /// Writes it when half a minute has gone by since the last time.
  /// \throws Error{output}, Error{cannot_create}
  void keep(const md::Engine& engine);

  /// Writes it now, if there is something to write.
  void save(const md::Engine& engine);

  /// The run is over: nothing is left to go on with.
  void remove() const;

 private:
  std::string path_;
  double saved_ = 0.0;  ///< monotonic, s
};

}  // namespace twin::app
