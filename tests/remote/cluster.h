// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "core/file.h"
#include "process/child.h"

namespace twin::remote {

/// SLURM of one node, this machine, on the loopback: munged, slurmctld and slurmd as children, all
/// state in a folder of its own. Needs root. Whoever logs in must have settings() in the
/// environment.
class Cluster {
 public:
  /// \throws std::runtime_error  the node is not idle within half a minute: the logs' last lines
  Cluster();
  /// Cancels what still runs.
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// "" when there is all that is needed, else what is not.
  static std::string missing();

  /// A line of sshd_config(5).
  [[nodiscard]] std::string settings() const { return "SetEnv SLURM_CONF=" + file("slurm.conf"); }

  /// A command of SLURM's, which must succeed. \return its stdout
  [[nodiscard]] std::string ask(const std::vector<std::string>& argv) const;

  void stop_controller() { controller_.reset(); }
  void start_controller();

 private:
  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  [[nodiscard]] std::unique_ptr<process::Child> start(std::vector<std::string> argv) const;
  void write_settings() const;

  TemporaryFolder folder_;
  int port_ = 0;
  std::unique_ptr<process::Child> munge_, controller_, node_;
};

}  // namespace twin::remote
