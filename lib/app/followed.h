// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "record/records.h"
#include "sources/contained.h"

namespace twin::app {

/// The HDF5 files in folders that are watched which somebody is writing as SWMR, each followed by a
/// child of its own, at most 16 at a time; the others are read when they are closed.
class FollowedFiles {
 public:
  /// \p path has grown: it is followed from now on if it is such a file.
  /// \param notes  what people should know
  void grown(const std::string& path, std::vector<std::string>& notes);

  /// Nobody writes it any more.
  /// \return  of the scans that were taken while it grew, what known_as() says: they are no news
  std::set<std::string> closed(const std::string& path);

  /// Scans that are over since, each with the path of its file.
  struct Taken {
    std::string path;
    record::Measurement scan;
  };
  [[nodiscard]] std::vector<Taken> take(std::vector<std::string>& notes);

  /// Readable when there is something to take.
  [[nodiscard]] std::vector<int> descriptors() const;

 private:
  struct File {
    std::optional<sources::FollowedHdf5> child{};  ///< none: given up
    std::set<std::string> gave{};                  ///< its scans, as known_as() says
  };
  std::map<std::string, File> files_;
  bool crowded_ = false;
};

/// Tells the scans of one file apart, also those of equal numbers: equal darks are two scans.
[[nodiscard]] std::string known_as(const record::Measurement& scan);

}  // namespace twin::app
