// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twin::remote {

/// A model to be simulated far away. Its folder, DIR/jobs/NAME, is named by what is asked for, so
/// that the same is never done twice. In it:
///
///     model.jsonl      what is asked for: a stream of one model record
///     potential        where it has one of its own: the sum that names its files' folder,
///                      DIR/potentials/SUM, which jobs share
///     script           the batch script that it was submitted with
///     frames           a line an attempt: how many it began with
///     id               a line an attempt: "slurm 123" (123_4 in an array), "process PID START"
///
///     state.jsonl      the answer, once it is whole
///
///     trajectory.1.xyz frames of the first replica, as they come; and so on
///
///     log              what twin-simulate said, of all attempts
///
///     exit             its exit status
///     manifest.sha256  sizes and sums of all these, written last: it is there when the job is over
struct Job {
  std::string name;                               ///< 16 hexadecimal digits
  std::string model;                              ///< lines
  std::map<std::string, std::string> files = {};  ///< of its potential, content by safe name
  std::string files_sum = {};                     ///< of these; "" where there are none
};

/// What jobs are submitted with.
struct JobSettings {
  int ranks = 1;     ///< MPI processes a replica
  int tasks = 1;     ///< of all replicas, which run side by side
  int minutes = 60;  ///< of wall time, a job
  std::string
      job_template;  ///< text of the shell script with {{name}}, {{ranks}}, {{minutes}}, {{jobs}}
  std::string options;  ///< further words for twin-simulate, quoted for the shell
};

/// The job of a model.
/// \param id     of the model record: the hash of its content
/// \param lines  a stream of that record
/// \param files  of a potential that the other machine has not; the same model with others is
///               another job
[[nodiscard]] Job job_of(const std::string& id, std::string lines, const JobSettings& settings,
                         std::map<std::string, std::string> files = {});

/// A shell script that does nothing twice: it is a function, called in its last line, so that one
/// that was cut on its way does nothing at all.
///
/// For each of \p jobs: its folder, unless it was submitted before, more often than \p attempts has
/// it (nothing: never); then one batch of all that are left, an array where there are several, by
/// sbatch, or where there is none in the background at nice 10. Answers with lines
/// "submitted NAME ID", "known NAME", and "refused WORDS" of sbatch.
/// \throws Error{configuration}  the template lacks {{jobs}}, or has an unknown word in braces
[[nodiscard]] std::string submit_script(const std::string& folder, const std::vector<Job>& jobs,
                                        const std::map<std::string, int>& attempts,
                                        const JobSettings& settings);

/// Submits a job once more, by the script that it was submitted with, unless that was done more
/// often than \p attempts. Answers as submit_script().
[[nodiscard]] std::string repeat_script(const std::string& folder, const std::string& name,
                                        int attempts);

/// Asks for all jobs of a folder in one go.
[[nodiscard]] std::string status_script(const std::string& folder);

/// Takes jobs out of the queue, or ends their processes; others of their batch go on.
[[nodiscard]] std::string cancel_script(const std::string& folder,
                                        const std::vector<std::string>& names);

/// Ends a job whose answer is known already, and leaves it there in its place: it is done then.
/// \param answer  a stream with its state
[[nodiscard]] std::string settle_script(const std::string& folder, const std::string& name,
                                        const std::string& answer);

/// Where a job stands.
enum class JobState {
  prepared,   ///< its folder is there, nobody has submitted it
  queued,     ///< waits
  running,    ///< at work
  done,       ///< over, with a whole answer: status 0, or 1 (not at equilibrium)
  failed,     ///< over, with another status
  timed_out,  ///< at its time limit: submitted again it goes on
  cancelled,  ///< by somebody
  lost        ///< gone without a word: a node that failed, a machine that was switched off
};

[[nodiscard]] std::string name_of(JobState state);

/// It will not change by itself any more.
[[nodiscard]] bool is_over(JobState state);

/// Over, and nobody's fault: submitted again it goes on from its last frames.
[[nodiscard]] bool goes_on(JobState state);

/// What a status script says of a job.
struct JobStatus {
  std::string name;
  JobState state = JobState::prepared;
  std::string id;           ///< of the last attempt, "" = none
  std::string reason;       ///< the queue's own word: "NODE_FAIL", "PENDING (Resources)"
  int attempts = 0;         ///< so many times submitted
  int fruitless = 0;        ///< the last so many of them brought it no frame further
  std::optional<int> exit;  ///< exit status, once it is over
  std::string last_lines;   ///< of its log, where it failed or was lost
  std::map<std::string, std::uint64_t> growing;  ///< sizes of trajectories, bytes
};

/// \param answer  of status_script()
/// \throws Error{try_again}  the queue did not answer, or the answer was cut;  Error{no_input}
/// there
///                           is no folder of jobs;  Error{data}  it is no such answer
[[nodiscard]] std::vector<JobStatus> read_status(const std::string& answer);

}  // namespace twin::remote
