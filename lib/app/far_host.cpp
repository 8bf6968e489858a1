// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/far_host.h"

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/log.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "remote/pace.h"

namespace twin::app {

namespace {

constexpr process::Seconds script_limit{120};

remote::ConnectSettings how_to_connect(const FarSettings& settings) {
  using Transport = remote::ConnectSettings::Transport;
  remote::ConnectSettings out;
  out.transport = settings.transport == "libssh2"   ? Transport::libssh2
                  : settings.transport == "openssh" ? Transport::openssh
                                                    : Transport::automatic;
  out.accept_new = settings.accept_new;
  return out;
}

constexpr std::string_view word_submitted = "submitted ", word_known = "known ",
                           word_refused = "refused ";

/// A transient refusal of sbatch is worth another try.
bool is_busy(std::string_view words) {
  for (const std::string_view word : {"temporarily", "timed out", "Unable to contact", "try again"})
    if (words.find(word) != std::string_view::npos) return true;
  return false;
}

/// What was submitted, by job: the queue's id, or "" for one that was known.
std::map<std::string, std::string> read_submission(const std::string& answer) {
  std::map<std::string, std::string> out;
  for (const std::string_view line : split(answer, '\n')) {
    if (line.starts_with(word_refused)) {
      const std::string words = printable(std::string(line.substr(word_refused.size())));
      throw Error(is_busy(words) ? Cause::try_again : Cause::unavailable,
                  "the queue refuses the jobs: " + words);
    }
    if (line.starts_with(word_known)) out[std::string(line.substr(word_known.size()))] = "";
    if (!line.starts_with(word_submitted)) continue;
    const std::string_view rest = line.substr(word_submitted.size());
    const std::size_t space = std::min(rest.size(), rest.find(' '));
    out[std::string(rest.substr(0, space))] =
        printable(std::string(rest.substr(std::min(rest.size(), space + 1))));
  }
  return out;
}

}  // namespace

FarHost::FarHost(const FarSettings& settings)
    : place_(remote::parse_place(settings.place())),
      host_(remote::settings_of(place_.host)),
      how_(how_to_connect(settings)) {}

void FarHost::with(const std::function<void(remote::Connection&)>& work) {
  remote::with_patience(
      [&] {
        if (!connection_) connect();
        try {
          work(*connection_);
          describe();
        } catch (const Error& error) {
          if (error.cause() == Cause::try_again) connection_.reset();
          throw;
        }
      },
      [&](const char* why, process::Seconds wait) {
        cli::warning(std::string(why) + "; again in " + significant(wait.count(), 2) + " s");
        wait_for(wait);
      });
}

std::map<std::string, std::string> FarHost::submit(const std::vector<remote::Job>& jobs,
                                                   bool failed_too,
                                                   const remote::JobSettings& how) {
  std::map<std::string, int> attempts;
  for (const remote::JobStatus& job : known()) {
    const bool unlucky = remote::is_over(job.state) && job.state != remote::JobState::done;
    if (remote::goes_on(job.state) || (failed_too && unlucky)) attempts[job.name] = job.attempts;
  }
  constexpr std::size_t most = 1000;  // in an array: what SLURM allows unless a site says more
  std::map<std::string, std::string> out;
  for (std::size_t first = 0; first < jobs.size(); first += most) {
    const auto begin = jobs.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most, jobs.size() - first));
    out.merge(submitted(remote::submit_script(place_.folder, {begin, end}, attempts, how)));
  }
  return out;
}

std::vector<remote::JobStatus> FarHost::known() {
  try {
    return status();
  } catch (const Error& error) {
    if (error.cause() == Cause::no_input) return {};
    throw;
  }
}

std::string FarHost::submit_again(const remote::JobStatus& job) {
  return submitted(remote::repeat_script(place_.folder, job.name, job.attempts))[job.name];
}

std::map<std::string, std::string> FarHost::submitted(const std::string& script) {
  std::map<std::string, std::string> out;
  ask(script, [&](const std::string& answer) { out = read_submission(answer); });
  return out;
}

void FarHost::ask(const std::string& script, const std::function<void(const std::string&)>& read) {
  with([&](remote::Connection& connection) {
    const remote::Ran ran = connection.run(script, script_limit);
    if (ran.status != 0)
      throw Error(Cause::unavailable, place_.host + ": status " + std::to_string(ran.status) +
                                          ": " + printable(std::string(trim(ran.error))));
    read(ran.out);
  });
}

/// A host that was reached before is waited for.
void FarHost::connect() {
  try {
    connection_ = remote::connect(host_, how_);
  } catch (const Error& error) {
    if (!reached_ || error.cause() != Cause::unavailable || interrupted()) throw;
    throw Error(Cause::try_again, error.what());
  }
  reached_ = true;
  if (described_.empty()) describe();
}

void FarHost::describe() {
  const std::string now = connection_->description();
  if (std::exchange(described_, now) != now) cli::note(place_.host + ": " + now);
}

std::string FarHost::answer_of(const std::string& script) {
  std::string out;
  ask(script, [&](const std::string& answer) { out = answer; });
  return out;
}

std::vector<remote::JobStatus> FarHost::status() {
  std::vector<remote::JobStatus> out;
  ask(remote::status_script(place_.folder),
      [&](const std::string& answer) { out = remote::read_status(answer); });
  return out;
}

std::string FarHost::name_of(const std::string& job) const {
  return place_.host + ":" + place_.folder + "/jobs/" + job;
}

void wait_for(process::Seconds time) {
  constexpr process::Seconds step{0.1};
  for (process::Seconds left = time; left.count() > 0; left -= step) {
    if (interrupted()) throw Error(Cause::unavailable, "interrupted");
    std::this_thread::sleep_for(std::min(left, step));
  }
}

}  // namespace twin::app
