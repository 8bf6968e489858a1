// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "md/observe.h"
#include "record/records.h"
#include "store/trajectory.h"

namespace twin::app {

/// The trajectories of these files, a replica each; of a file of twin-simulate's, each of its
/// replicas. Opening one throws Error{try_again} when its file has changed since.
/// \throws Error{no_input}, Error{data}  as formats::trajectories_in()
[[nodiscard]] std::vector<md::Source> sources_of(const std::vector<std::string>& files);

/// Their files, without the groups of H5MD.
[[nodiscard]] std::vector<std::string> files_of(const std::vector<std::string>& trajectories);

/// Writes the frames of a run's production with what made them: as H5MD, or where the name ends in
/// .xyz as extended XYZ, which others can read while it grows: FILE.1.xyz of the first replica, and
/// so on. A file is begun with the first frame: a run that is refused leaves none.
class TrajectoryRecorder {
 public:
  TrajectoryRecorder(std::string path, const record::ModelRecord& record);

  /// \throws Error{cannot_create}, Error{output}
  void take(const md::Sample& sample);
  /// \param ensemble  the run's name
  /// \throws Error{output}
  void finish(const std::string& ensemble);

 private:
  void take_text(const md::Sample& sample);
  void begin_store(const md::Sample& sample);

  std::string path_;
  const record::ModelRecord& record_;
  bool text_;
  std::vector<std::string> species_;   ///< elements
  std::vector<std::string> elements_;  ///< [atoms]
  std::vector<double> positions_;
  std::unique_ptr<store::TrajectoryWriter> writer_;
  std::map<int, std::ofstream> files_;  ///< by replica
};

}  // namespace twin::app
