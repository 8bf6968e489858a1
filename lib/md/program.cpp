// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/program.h"

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "md/deep.h"
#include "process/child.h"

namespace twin::md {

Program program_for(const Potential& potential, const EngineSettings& settings) {
  Program program;
  if (potential.deep.models.empty()) {
    if (process::find_program(settings.program).empty())
      throw Error(Cause::unavailable,
                  printable(settings.program) + ": not found; Debian package lammps has it");
    if (settings.ranks > 1 && process::find_program("mpirun").empty())
      throw Error(Cause::unavailable, "mpirun: not found; Debian package openmpi-bin has it");
    program.path = settings.program;
    return program;
  }
  if (settings.ranks > 1)
    throw Error(Cause::usage, "ranks: a deep potential runs on one; expected 1");
  const DeepKit kit = find_deep_kit();
  program.path = kit.lmp;
  program.environment = kit.environment;
  program.shared = "/dev/shm/mpich_shm_";  // as MPICH names it, in the wheel's lmp
  for (std::size_t i = 0; i < potential.deep.models.size(); ++i) {
    const std::filesystem::path file = potential.deep.models[i];
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
      throw Error(Cause::unavailable, printable(file.string()) + ": not there; the models of " +
                                          potential.name + " belong beside its description");
    program.links[model_link(potential, i)] = std::filesystem::absolute(file, ignored);
  }
  return program;
}

}  // namespace twin::md
