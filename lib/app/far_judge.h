// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/far_host.h"
#include "app/simulator.h"
#include "record/records.h"

namespace twin::app {

/// Judges jobs while they run, by as much of their trajectories as is here.
class FarJudge {
 public:
  struct Judged {
    record::ModelRecord model;
    record::State state;  ///< at equilibrium
  };

  /// \param here  folder with trajectory.N.xyz.part of all replicas
  /// \return nothing while they are too short or not at equilibrium
  std::optional<Judged> state_of(FarHost& host, const remote::JobStatus& job,
                                 const std::string& here);

 private:
  Simulator simulator_;
  std::map<std::string, record::ModelRecord> models_;  ///< by job
};

}  // namespace twin::app
