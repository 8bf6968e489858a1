// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/far.h"
#include "remote/connection.h"
#include "remote/job.h"

namespace twin::app {

/// A folder on another machine, and one connection to it, made anew when it broke.
class FarHost {
 public:
  explicit FarHost(const FarSettings& settings);

  /// Submits those of \p jobs that were not before: one that was cut short by its queue or lost
  /// goes on, with \p failed_too also what failed or was cancelled is tried again. \return the
  /// queue's id by job; "" for one that is known already \throws Error{unavailable}  the queue
  /// refuses
  std::map<std::string, std::string> submit(const std::vector<remote::Job>& jobs, bool failed_too,
                                            const remote::JobSettings& how);

  /// Submits a job once more, as it was.  \return the queue's id, "" where somebody else did
  std::string submit_again(const remote::JobStatus& job);

  /// A script's answer.
  /// \throws Error{unavailable}  it failed there: its last words;  Error{try_again}  the host does
  ///                             not answer for minutes
  [[nodiscard]] std::string answer_of(const std::string& script);

  /// Where all jobs of the folder stand, asked in one go.
  [[nodiscard]] std::vector<remote::JobStatus> status();

  /// \p work with the connection, again when that broke.
  void with(const std::function<void(remote::Connection&)>& work);

  [[nodiscard]] const std::string& folder() const { return place_.folder; }
  /// "HOST:DIR/jobs/NAME", for people.
  [[nodiscard]] std::string name_of(const std::string& job) const;

 private:
  std::map<std::string, std::string> submitted(const std::string& script);
  void connect();
  void describe();                         ///< where that has changed
  std::vector<remote::JobStatus> known();  ///< none where nothing was submitted yet
  /// Has \p read take a script's answer: one that it finds is to be asked for again (try_again),
  /// is.
  void ask(const std::string& script, const std::function<void(const std::string&)>& read);

  remote::Place place_;
  remote::Settings host_;
  remote::ConnectSettings how_;
  std::unique_ptr<remote::Connection> connection_;
  bool reached_ = false;
  std::string described_;  ///< how it is reached, as it was said
};

/// Waits, cut short by a signal.  \throws Error{unavailable}  "interrupted"
void wait_for(process::Seconds time);

}  // namespace twin::app
