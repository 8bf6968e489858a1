// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "record/records.h"

namespace twin::store {

/// The last scans of a run in a file of its own, for viewers: HDF5 that may be read while it is
/// written (H5F_ACC_SWMR_READ; `swmr=True` of h5py, silx). Disposable: nothing is synced, and it
/// goes when this does.
///
///     /entry/scans  NXdata   [scan × energy] each column, [scan] sequence, energy once
///
/// It has the last 200 scans at least, and 400 at most: then, and with a scan of another grid or of
/// other columns, another file takes its place. At most a tenth of the time is spent on it; what
/// comes faster waits, and what waits too long is passed over.
class LiveView {
 public:
  /// \throws Error{cannot_create}  there is a file of this name that is none of these
  explicit LiveView(std::string path);
  ~LiveView();
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  /// \throws Error{output}
  void add(std::int64_t sequence, const record::Measurement& scan);

  /// What waits is written, where the time has come.  \throws Error{output}
  void catch_up();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::store
