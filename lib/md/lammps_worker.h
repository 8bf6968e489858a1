// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/error.h"
#include "core/file.h"
#include "md/dump_parser.h"
#include "md/program.h"
#include "md/simulate.h"
#include "process/child.h"

namespace twin::md {

/// The child ended where it should not have. Whoever catches it may start another.
class Crash : public Error {
 public:
  explicit Crash(const std::string& message) : Error(Cause::unavailable, message) {}
};

/// One sampled step, as LAMMPS reports it.
struct Row {
  std::int64_t step = 0;
  double temperature = 0.0;  ///< K
  double energy_eV = 0.0;
  double virial_bar = 0.0;
  std::optional<double> force_deviation{};  ///< eV/Å, of the models of a deep potential
};

/// One `lmp` that reads commands from a pipe. Its stdout goes through `stdbuf -oL`: on a pipe it
/// would be held back until 4 kB are full, and both sides would wait for ever. Frames come on a
/// pipe of their own (`dump ... /dev/fd/N`), nothing but the start configuration and the
/// potential's file touches a disk. Of several ranks the first does all this, as mpirun's child.
///
/// Make it in a thread that outlives it (see process::Child); collect() may run in another.
class LammpsWorker {
 public:
  using Take = std::function<void(const Row&, DumpFrame&&)>;

  /// \throws Error{unavailable}  the program can't be run
  LammpsWorker(const EngineSettings& settings, const Program& program);

  /// Writes a file into its folder, for commands to read.
  /// \throws Error{try_again}  it can't be written: the disk is full
  void put_file(const std::string& name, const std::string& content);

  /// Takes a file over from another worker's folder. False when it is not there.
  bool copy_file(const LammpsWorker& from, const std::string& name);

  /// Sends \p commands; collect() waits until they are done.
  /// \throws Crash
  void begin(const std::string& commands);

  /// Reads until the commands of begin() are done, and hands out each sampled step after
  /// \p after: rows of thermo output and frames of the dump, paired by their step.
  /// \param atoms    in every frame
  /// \param samples  that the commands make
  /// \param silence  it may be busy for as long as it takes, and says so with each sample: when
  ///                 nothing has come for so long it hangs. What \p take takes is not counted
  /// \throws Crash                 it ended, with its last lines
  /// \throws Error{unavailable}    it was silent; or \p stop was asked for
  /// \throws Error{configuration}  the simulation exploded: see explosion.h
  /// \throws Error{data}           it wrote something that is no such output
  void collect(Eigen::Index atoms, std::int64_t after, int samples, process::Seconds silence,
               const Take& take, const std::stop_token& stop = {});

  /// The file that commands dump frames to, as a variable of LAMMPS.
  [[nodiscard]] static std::string frames_file() { return "${frames}"; }

  [[nodiscard]] double cpu_seconds() const { return child_.cpu_seconds(); }

 private:
  [[noreturn]] void ended();
  void unlink_shared() const;

  TemporaryFolder folder_;
  process::Child child_;
  process::LineBuffer lines_;
  std::string program_;
  std::string opening_;  ///< goes before the first commands
  std::string shared_;   ///< the file of Program::shared; "" where there is none
  int requests_ = 0;
};

/// "29 Sep 2021 - Update 2" of the program's help.
[[nodiscard]] std::string lammps_version(const EngineSettings& settings);

}  // namespace twin::md
