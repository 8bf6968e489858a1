// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "remote/job.h"
#include "remote/manifest.h"

namespace twin::remote {

namespace {

using Names = std::pair<JobState, std::string_view>;

constexpr std::array<Names, 8> names{{{JobState::prepared, "prepared"},
                                      {JobState::queued, "queued"},
                                      {JobState::running, "running"},
                                      {JobState::done, "done"},
                                      {JobState::failed, "failed"},
                                      {JobState::timed_out, "at its time limit"},
                                      {JobState::cancelled, "cancelled"},
                                      {JobState::lost, "lost"}}};

/// What SLURM says of a job, and what that is to us; anything else is work under way.
constexpr std::array<Names, 13> of_slurm{{{JobState::queued, "PENDING"},
                                          {JobState::queued, "REQUEUED"},
                                          {JobState::queued, "REQUEUE_HOLD"},
                                          {JobState::queued, "SUSPENDED"},
                                          {JobState::timed_out, "TIMEOUT"},
                                          {JobState::timed_out, "DEADLINE"},
                                          {JobState::timed_out, "PREEMPTED"},
                                          {JobState::cancelled, "CANCELLED"},
                                          {JobState::lost, "NODE_FAIL"},
                                          {JobState::lost, "BOOT_FAIL"},
                                          {JobState::failed, "OUT_OF_MEMORY"},
                                          {JobState::lost, "FAILED"},
                                          {JobState::lost, "COMPLETED"}}};

JobState of_queue(std::string_view word, JobState otherwise) {
  const auto found = std::ranges::find(of_slurm, word, &Names::second);
  return found == of_slurm.end() ? otherwise : found->first;
}

/// The first word of \p line, which loses it.
std::string_view word_of(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

template <typename Number>
Number number(std::string_view text) {
  const auto value = parse_integer(text);
  if (!value || *value < 0)
    throw Error(Cause::data,
                "answer of the host: '" + printable(std::string(text)) + "' is no number");
  return static_cast<Number>(*value);
}

/// One line of a job.
void take(JobStatus& job, std::string_view what, std::string_view rest) {
  if (what == "attempts") {
    job.attempts = number<int>(rest);
  } else if (what == "fruitless") {
    job.fruitless = number<int>(rest);
  } else if (what == "id") {
    job.id = printable(std::string(rest));
  } else if (what == "growing") {
    const auto size = number<std::uint64_t>(word_of(rest));
    if (is_safe_name(std::string(rest))) job.growing[std::string(rest)] = size;
  } else if (what == "exit") {
    const auto status = parse_integer(rest);
    job.state = JobState::failed;
    job.exit = status && *status >= 0 && *status < 256 ? static_cast<int>(*status) : 70;
    if (*job.exit <= 1) job.state = JobState::done;
  } else if (what == "queue") {
    const std::string_view state = word_of(rest);
    job.state = of_queue(state, JobState::running);
    job.reason = printable(std::string(state) + (rest == "None" ? "" : ", " + std::string(rest)));
  } else if (what == "waits") {
    job.state = JobState::queued;
  } else if (what == "process") {
    job.state = JobState::running;
  } else if (what == "gone") {
    job.state = of_queue(rest, JobState::lost);
    job.reason = printable(std::string(rest));
  } else if (what == "cancelled") {
    if (!job.exit && job.state != JobState::running) job.state = JobState::cancelled;
  } else if (what == "limit") {
    if (job.state == JobState::lost) job.state = JobState::timed_out;
  } else if (what == "log") {
    job.last_lines += (job.last_lines.empty() ? "" : " | ") + printable(std::string(rest));
  }
}

}  // namespace

std::string name_of(JobState state) {
  return std::string(std::ranges::find(names, state, &Names::first)->second);
}

bool is_over(JobState state) {
  return state != JobState::prepared && state != JobState::queued && state != JobState::running;
}

bool goes_on(JobState state) { return state == JobState::timed_out || state == JobState::lost; }

std::vector<JobStatus> read_status(const std::string& answer) {
  std::vector<JobStatus> out;
  bool whole = false, ours = false;
  for (std::string_view line : split(answer, '\n')) {
    const std::string_view what = word_of(line);
    if (what == "twinline") {
      whole = true;
      ours = false;
      if (line == "none") throw Error(Cause::no_input, "nothing was submitted to that folder");
    } else if (what == "silent") {
      throw Error(Cause::try_again, "the queue does not answer: " + printable(std::string(line)));
    } else if (what == "job") {
      ours = is_safe_name(std::string(line));  // somebody else's folder is passed over
      if (ours) out.emplace_back().name = line;
    } else if (ours) {
      take(out.back(), what, line);
    }
  }
  if (!whole) throw Error(Cause::try_again, "the answer of the host was cut");
  return out;
}

}  // namespace twin::remote
