// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/lammps_worker.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <sstream>
#include <utility>

#include "core/text.h"
#include "core/time.h"
#include "md/deep.h"
#include "md/explosion.h"

namespace twin::md {

namespace {

using process::Channel;
using process::Seconds;

/// A process that is no part of an MPI job need not look for a daemon, a network or a fabric: its
/// start takes 0.2 s instead of 1.
const std::map<std::string, std::string> alone{{"OMPI_MCA_ess_singleton_isolated", "1"},
                                               {"OMPI_MCA_pml", "ob1"},
                                               {"OMPI_MCA_btl", "self"},
                                               {"OMPI_MCA_mtl", "^ofi"},
                                               {"OMP_NUM_THREADS", "1"}};

/// An MPI job on this machine alone, wherever it has room, also of root (in a container), and
/// whatever a batch system says of other machines.
const std::map<std::string, std::string> together{{"OMPI_MCA_plm", "isolated"},
                                                  {"OMPI_MCA_ras", "^slurm,tm,gridengine,alps,lsf"},
                                                  {"OMPI_MCA_pml", "ob1"},
                                                  {"OMPI_MCA_btl", "self,vader"},
                                                  {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
                                                  {"OMPI_MCA_hwloc_base_binding_policy", "none"},
                                                  {"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                                                  {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                                                  {"OMP_NUM_THREADS", "1"}};

process::Launch launch(const EngineSettings& settings, const std::string& folder,
                       const Program& program) {
  auto environment = settings.ranks > 1 ? together : alone;
  if (settings.ranks > 1)  // what it shares goes with the worker's folder: it cleans up after few
    for (const char* name : {"OMPI_MCA_btl_vader_backing_directory", "OMPI_MCA_orte_tmpdir_base"})
      environment[name] = folder;
  for (const auto& [name, value] : program.environment) environment[name] = value;
  for (const auto& [name, file] : program.links)
    std::filesystem::create_symlink(file, folder + "/" + name);
  std::vector<std::string> argv{"stdbuf",  "-oL",  program.path, "-log",   "none",
                                "-nocite", "-var", "extra",      "{extra}"};
  if (settings.ranks > 1)
    argv.insert(argv.begin(), {"mpirun", "-n", std::to_string(settings.ranks)});
  return {.argv = argv,
          .folder = folder,
          .environment = environment,
          .extra_pipe = true,
          .niceness = settings.niceness};
}

/// A line of thermo output: "TWINstep temp pe c_virial", by thermo_modify format, which has one
/// word for each number.
std::optional<Row> parse_row(const std::string& line) {
  const auto fields = words(line);
  constexpr std::string_view mark = "TWIN";
  if (!line.starts_with(mark) || line.starts_with("TWINLINE")) return std::nullopt;
  const auto fail = [&]() -> Error {
    return {Cause::data,
            "lmp: '" + printable(line) + "'; expected step, temperature, energy, virial"};
  };
  if (fields.size() != 4) throw fail();
  const auto step = parse_integer(fields[0].substr(mark.size()));
  if (!step) throw fail();
  Row row;
  row.step = *step;
  double* const values[] = {&row.temperature, &row.energy_eV, &row.virial_bar};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto value = parse_double(fields[i + 1]);
    if (!value) throw fail();
    if (!std::isfinite(*value)) {
      const char* const names[] = {"the temperature", "the potential energy", "the virial"};
      throw explosion(std::string(names[i]) + " is " + shortest(*value) + " at step " +
                      std::to_string(*step));
    }
    *values[i] = *value;
  }
  return row;
}

/// Joins rows and frames of one step, whichever comes first.
class Pairing {
 public:
  Pairing(std::int64_t after, const LammpsWorker::Take& take) : after_(after), take_(take) {}

  void add(const Row& row) {
    const bool again = !rows_.empty() && rows_.back().step == row.step;
    if (row.step > after_ && !again) rows_.push_back(row);
    match();
  }
  void add(DumpFrame&& frame) {
    if (frame.step > after_) frames_.push_back(std::move(frame));
    match();
  }
  [[nodiscard]] int taken() const { return taken_; }

 private:
  void match() {
    while (!rows_.empty() && !frames_.empty()) {
      if (rows_.front().step != frames_.front().step)
        throw Error(Cause::data, "lmp: step " + std::to_string(rows_.front().step) +
                                     " came with the frame of step " +
                                     std::to_string(frames_.front().step));
      take_(rows_.front(), std::move(frames_.front()));
      rows_.pop_front();
      frames_.pop_front();
      ++taken_;
    }
  }

  std::int64_t after_;
  const LammpsWorker::Take& take_;
  std::deque<Row> rows_;
  std::deque<DumpFrame> frames_;
  int taken_ = 0;
};

}  // namespace

LammpsWorker::LammpsWorker(const EngineSettings& settings, const Program& program)
    : folder_("twinline-md"),
      child_(launch(settings, folder_.path(), program)),
      program_(printable(program.path)) {
  // mpirun passes no pipes on to the ranks; it has this one itself, as their parent.
  const std::string owner = settings.ranks > 1 ? std::to_string(child_.pid()) : "self";
  opening_ = "variable frames string /proc/" + owner + "/fd/${extra}\n";
  if (program.shared.empty()) return;
  std::ostringstream number;
  number << std::hex << child_.pid();
  shared_ = program.shared + number.str() + "_0";
}

/// Whoever is alone attaches no other process by that name: as soon as it talks it has its memory,
/// and needs the name no more. So nothing stays behind however it ends, or we do.
void LammpsWorker::unlink_shared() const {
  std::error_code ignored;
  if (!shared_.empty()) std::filesystem::remove(shared_, ignored);
}

void LammpsWorker::put_file(const std::string& name, const std::string& content) {
  try {
    write_file_atomically(folder_.path() + "/" + name, content);
  } catch (const Error& error) {  // no output of ours: whoever serves goes on
    throw Error(Cause::try_again, program_ + ": a file for it: " + error.what());
  }
}

bool LammpsWorker::copy_file(const LammpsWorker& from, const std::string& name) {
  std::error_code error;
  return std::filesystem::copy_file(from.folder_.path() + "/" + name, folder_.path() + "/" + name,
                                    std::filesystem::copy_options::overwrite_existing, error);
}

void LammpsWorker::begin(const std::string& commands) {
  const std::string text = std::exchange(opening_, {}) + commands + "print \"TWINLINE DONE " +
                           std::to_string(++requests_) + "\"\n";
  try {
    child_.write(text, Seconds(60));
  } catch (const Error&) {
    ended();
  }
}

void LammpsWorker::ended() {
  const process::Ending ending = child_.wait(Seconds(2));
  unlink_shared();
  throw Crash(program_ + ": " +
              (ending.timed_out     ? "stopped"
               : ending.signal != 0 ? "ended by signal " + std::to_string(ending.signal)
                                    : "ended with status " + std::to_string(ending.status)) +
              "; it said: " + without_noise(ending.last_lines));
}

void LammpsWorker::collect(Eigen::Index atoms, std::int64_t after, int samples, Seconds silence,
                           const Take& take, const std::stop_token& stop) {
  double end = monotonic_seconds() + silence.count();
  const std::string mark = "TWINLINE DONE " + std::to_string(requests_);
  DumpParser frames(atoms);
  Pairing pairing(after, take);
  bool done = false;
  std::int64_t last = after;
  std::optional<Deviation> deviation;
  while (!done || pairing.taken() < samples) {
    const auto chunk = child_.read(std::min(Seconds(0.2), Seconds(end - monotonic_seconds())));
    if (!chunk && !child_.timed_out()) ended();
    if (stop.stop_requested()) throw Error(Cause::unavailable, program_ + ": given up");
    if (monotonic_seconds() > end)
      throw Error(Cause::unavailable,
                  program_ + ": silent for " + shortest(silence.count()) +
                      " s, killed; it said: " + without_noise(child_.last_lines()));
    if (!chunk) continue;
    if (chunk->channel == Channel::extra) frames.add(chunk->bytes);
    if (chunk->channel == Channel::out) {
      if (requests_ == 1) unlink_shared();
      lines_.add(chunk->bytes);
    }
    while (auto frame = frames.next()) pairing.add(std::move(*frame));
    while (const auto line = lines_.next()) {
      if (*line == mark) done = true;
      if (const auto why = explosion_in(*line, last)) throw *why;
      if (line->starts_with("ERROR")) ended();  // and so does LAMMPS, after its last words
      if (const auto told = parse_deviation(*line)) deviation = told;
      if (auto row = parse_row(*line)) {
        last = row->step;
        if (deviation && deviation->step == row->step) row->force_deviation = deviation->force_eV_A;
        pairing.add(*row);
      }
    }
    end = monotonic_seconds() + silence.count();
  }
}

std::string lammps_version(const EngineSettings& settings) {
  const auto help = process::run({.argv = {settings.program, "-h"}, .environment = alone},
                                 Seconds(settings.patience_seconds));
  for (const auto line : split(help.out, '\n')) {
    constexpr std::string_view before = "Massively Parallel Simulator - ";
    if (const auto at = line.find(before); at != std::string_view::npos)
      return "LAMMPS " + printable(trim(line.substr(at + before.size())));
  }
  return "LAMMPS of an unknown version";
}

}  // namespace twin::md
