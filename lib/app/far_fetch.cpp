// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "app/far.h"
#include "app/far_host.h"
#include "app/far_judge.h"
#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "remote/fetch.h"
#include "remote/ledger.h"
#include "remote/pace.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

using remote::JobState;
using remote::JobStatus;

namespace {

record::Event event_of(const JobStatus& job, const std::string& name) {
  record::Event out;
  std::string state = remote::name_of(job.state);
  std::ranges::replace(state, ' ', '-');
  out.what = "job-" + state;
  out.first = name;
  out.second = job.id;
  out.text = job.reason;
  if (job.exit) out.text = "exit " + std::to_string(*job.exit);
  if (!job.last_lines.empty()) out.text += (out.text.empty() ? "" : ": ") + job.last_lines;
  return out;
}

/// Those of the command line, or all.
std::vector<JobStatus> wanted(const Session& session, std::vector<JobStatus> all) {
  const auto& names = session.inputs;
  if (names == std::vector<std::string>{"-"}) return all;
  for (const std::string& name : names)
    if (std::ranges::find(all, name, &JobStatus::name) == all.end())
      throw Error(Cause::no_input, printable(name) + ": there is no such job");
  std::erase_if(
      all, [&](const JobStatus& job) { return std::ranges::find(names, job.name) == names.end(); });
  return all;
}

/// Jobs of a folder, brought here one after the other as they are over.
class Fetcher {
 public:
  Fetcher(Session& session, const FarSettings& settings)
      : session_(session), settings_(settings), host_(settings) {}

  void go() {
    remote::Pace pace{process::Seconds(settings_.every_s)};
    while (true) {
      const bool changed = round();
      if (waiting_ == 0 || !settings_.follow) break;
      cli::progress(settings_.fetch + ": " + std::to_string(out_.size()) + " here, " +
                    std::to_string(waiting_) + " not over");
      wait_for(pace.next(changed));
    }
    if (waiting_ > 0) {
      cli::note(settings_.fetch + ": " + std::to_string(waiting_) + " jobs are not over");
      if (session_.status == 0) session_.status = static_cast<int>(Cause::negative);
    }
  }

 private:
  /// \return whether any job is where it was not before
  bool round() {
    bool changed = false;
    waiting_ = 0;
    for (const JobStatus& job : wanted(session_, host_.status())) {
      changed |= std::exchange(states_[job.name], job.state) != job.state;
      if (out_.contains(job.name)) continue;
      if (job.state == JobState::done || job.state == JobState::failed) {
        bring(job);
      } else if (settings_.follow && remote::goes_on(job.state) && job.fruitless < most_fruitless) {
        submit_again(job);
        ++waiting_;
      } else if (remote::is_over(job.state) || job.state == JobState::prepared) {
        say_failed(job);
      } else {
        ++waiting_;
        if (settings_.follow && follow(job)) --waiting_;
      }
    }
    return changed;
  }

  [[nodiscard]] std::string there(const std::string& job) const {
    return host_.folder() + "/jobs/" + job;
  }
  [[nodiscard]] std::string here(const std::string& job) const {
    return settings_.into + "/" + job;
  }

  /// A failure of one job leaves the others alone.
  void bring(const JobStatus& job) {
    out_.insert(job.name);
    try {
      host_.with([&](remote::Connection& connection) {
        remote::fetch_job(connection, there(job.name), here(job.name),
                          [&](std::uint64_t bytes, std::uint64_t all) {
                            cli::progress(job.name + ": " + std::to_string(bytes >> 20) + " of " +
                                          std::to_string(all >> 20) + " MiB");
                            return !interrupted();
                          });
      });
    } catch (const Error& error) {
      const Cause cause = error.cause();
      if (interrupted() || cause == Cause::output || cause == Cause::cannot_create) throw;
      fail(error, job);
      return;
    }
    if (job.state == JobState::failed) {
      say_failed(job);
      return;
    }
    stream::Reader reader({here(job.name) + "/state.jsonl"});
    for_each_record(session_, reader,
                    [&](stream::Item item) { session_.out.write(std::move(item.record)); });
    if (*job.exit != 0 && session_.status == 0) session_.status = *job.exit;
  }

  /// Worse than a state that is not at equilibrium.
  void fail(const Error& error, const JobStatus& job) {
    session_.fail(error, host_.name_of(job.name));
    session_.status = static_cast<int>(Cause::partial);
  }

  void say_failed(const JobStatus& job) {
    out_.insert(job.name);
    std::string what = remote::name_of(job.state);
    if (job.exit) what += ", exit " + std::to_string(*job.exit);
    if (!job.reason.empty()) what += ", " + job.reason;
    if (remote::goes_on(job.state) && job.fruitless >= most_fruitless)
      what += ", given up: " + std::to_string(job.fruitless) + " attempts brought it no further";
    if (!job.last_lines.empty()) what += ": " + job.last_lines;
    fail(Error(Cause::unavailable, what), job);
  }

  void submit_again(const JobStatus& job) {
    const std::string id = host_.submit_again(job);
    cli::note(host_.name_of(job.name) + ": " + remote::name_of(job.state) +
              (id.empty() ? "" : "; goes on as " + id));
  }

  /// What its trajectories have more; judged, and ended where that is asked for.
  /// \return whether nothing more is to be waited for
  bool follow(const JobStatus& job) {
    if (std::exchange(attempts_[job.name], job.attempts) != job.attempts) forget(job);
    for (const auto& growing : job.growing) {
      const auto& [file, size] = growing;
      if (std::exchange(grown_[job.name + "/" + file], size) == size) continue;
      try {
        host_.with([&](remote::Connection& connection) {
          remote::follow_file(connection, there(job.name), here(job.name), growing.first);
        });
      } catch (const Error& error) {
        if (error.cause() != Cause::no_input) throw;
        forget(job);  // begun anew there, or gone
        return false;
      }
    }
    if (!settings_.stop_when_equilibrated || job.growing.empty()) return false;
    // All of it is read each time: not before there is a quarter more.
    double size = 0;
    for (const auto& growing : job.growing) size += static_cast<double>(growing.second);
    if (size < 1.25 * judged_[job.name]) return false;
    judged_[job.name] = size;
    auto judged = judge_.state_of(host_, job, here(job.name));
    if (!judged) return false;
    cli::note(host_.name_of(job.name) + ": at equilibrium, N_eff " +
              significant(judged->state.n_eff, 3) + "; ended");
    session_.out.write(judged->model);
    judged->state.header.id = session_.out.write(judged->state);
    const std::string answer = stream::dump_json(stream::encode(judged->model)) + "\n" +
                               stream::dump_json(stream::encode(judged->state)) + "\n";
    static_cast<void>(host_.answer_of(remote::settle_script(host_.folder(), job.name, answer)));
    out_.insert(job.name);
    return true;
  }

  /// What is here of its trajectories is of another attempt.
  void forget(const JobStatus& job) {
    for (const auto& growing : job.growing) {
      std::error_code ignored;
      std::filesystem::remove(here(job.name) + "/" + growing.first + ".part", ignored);
      grown_.erase(job.name + "/" + growing.first);
    }
  }

  static constexpr int most_fruitless = 3;  ///< attempts

  Session& session_;
  const FarSettings& settings_;
  FarHost host_;
  FarJudge judge_;
  std::set<std::string> out_;  ///< jobs whose records have gone out
  std::map<std::string, JobState> states_;
  std::map<std::string, int> attempts_;
  std::map<std::string, double> judged_;  ///< bytes of trajectories
  std::map<std::string, std::uint64_t> grown_;
  int waiting_ = 0;
};

}  // namespace

void far_status(Session& session, const FarSettings& settings) {
  if (settings.status == "all") {
    std::set<std::string> places;
    for (const remote::Entry& entry : remote::remembered()) places.insert(entry.place);
    for (const std::string& place : places) {
      FarSettings one = settings;
      one.status = place;
      far_status(session, one);
    }
    return;
  }
  FarHost host(settings);
  for (const JobStatus& job : wanted(session, host.status())) {
    session.out.write(event_of(job, host.name_of(job.name)));
    if (!remote::is_over(job.state) && session.status == 0)
      session.status = static_cast<int>(Cause::negative);
    if (remote::is_over(job.state) && job.state != JobState::done)
      session.status = static_cast<int>(Cause::partial);
  }
}

void fetch(Session& session, const FarSettings& settings) { Fetcher(session, settings).go(); }

void cancel(Session& session, const FarSettings& settings) {
  FarHost host(settings);
  std::vector<std::string> names;
  for (const JobStatus& job : wanted(session, host.status()))
    if (!remote::is_over(job.state)) names.push_back(job.name);
  if (names.empty()) return;
  static_cast<void>(host.answer_of(remote::cancel_script(host.folder(), names)));
  for (const JobStatus& job : wanted(session, host.status()))
    if (std::ranges::find(names, job.name) != names.end())
      session.out.write(event_of(job, host.name_of(job.name)));
}

}  // namespace twin::app
