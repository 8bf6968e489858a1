// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

/// HDF5 of strangers, read by a child that can do no harm: see hdf5_child.h.
namespace twin::sources {

struct Containment {
  double patience = 20;      ///< s that a child may take, a second more for each 20 MB up to 2 GB
  std::string program = {};  ///< that the child is; "" = this one
};

/// The scans of an HDF5 file, as formats::read_nexus(). Of a file that its writer left without
/// closing it, what is there. \p file  open for reading alone
/// \throws Error{data}       also: the child died of it, came to no end, or handed over nonsense
/// \throws Error{try_again}  somebody has it open for writing; no child can be had
///
/// Cost: the start of a program, some ms.
[[nodiscard]] std::vector<formats::ScanFile> read_contained(int file, const std::string& name,
                                                            std::vector<Error>* refused,
                                                            const Containment& containment = {});

/// From now on, once HDF5 has been read, a child waits for the next file, so that nobody waits for
/// the start of a program. For who reads one file after the other, from one thread.
void keep_hdf5_child_ready();

/// A file that is written as SWMR, followed by a child until its writer closes it or is gone.
class FollowedHdf5 {
 public:
  /// \throws Error  the file can't be opened, no child can be had
  explicit FollowedHdf5(std::string path, Containment containment = {});
  ~FollowedHdf5();
  FollowedHdf5(FollowedHdf5&&) noexcept;
  FollowedHdf5& operator=(FollowedHdf5&&) noexcept;

  /// Scans that are over since the last call, without waiting.
  /// \throws Error{data}  the child is of no use any more; the file can still be read when it is
  ///                      closed
  [[nodiscard]] std::vector<formats::ScanFile> take();

  /// True when nothing more will come.
  [[nodiscard]] bool ended() const;
  /// Points of the scan that is under way.
  [[nodiscard]] long long points() const;
  /// Readable when there is something to take; -1 when there never will be.
  [[nodiscard]] int descriptor() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::sources
