// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/run.h"
#include "app/simulate.h"

/// twin-simulate on other machines.
namespace twin::app {

struct FarSettings {
  std::string submit, status, fetch, cancel;  ///< HOST:DIR of what is asked for; one of them
  std::string into;                           ///< of --fetch: folder here
  bool follow = false;                        ///< of --fetch: until all jobs are over
  bool stop_when_equilibrated = false;        ///< of --follow
  bool again = false;                         ///< of --submit: also what failed or was cancelled
  std::string job_template;                   ///< file; "" = the shared one
  double hours = 24.0;                        ///< that a job may take
  std::string transport = "auto";             ///< auto, libssh2, openssh
  bool accept_new = false;                    ///< a host key that is not known
  double every_s = 30.0;                      ///< between two questions, at least

  [[nodiscard]] const std::string& place() const {
    return !submit.empty() ? submit : !status.empty() ? status : !fetch.empty() ? fetch : cancel;
  }
};

/// Model records go out, each followed by an event: "job-submitted", or "job-known" where it was
/// submitted before. Options of the run are those of \p run.
void submit(Session& session, const FarSettings& settings, const SimulateSettings& run);

/// Of one place, or of "all" that the ledger knows: an event for each job: "job-running" and so on,
/// with the queue's own word. Status 1 while some are not over, 2 where some failed or were lost.
void far_status(Session& session, const FarSettings& settings);

/// What is over, whole: the records of its answer go out, a failure with the last lines of its log
/// where it failed. With `follow` until all are over, jobs that were cut short submitted again
/// until three in a row brought no frame; what was judged to be at equilibrium is left there as the
/// job's answer.
void fetch(Session& session, const FarSettings& settings);

void cancel(Session& session, const FarSettings& settings);

}  // namespace twin::app
