// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "md/potentials.h"
#include "md/simulate.h"

namespace twin::md {

/// What a worker runs, and what it finds there.
struct Program {
  std::string path;                                ///< or a name in $PATH
  std::map<std::string, std::string> environment;  ///< besides that of every worker
  std::map<std::string, std::string> links;        ///< in its folder: name and what it stands for
  std::string shared = {};  ///< how the file begins that it leaves when it is killed: behind that
                            ///< its process's number, as hexadecimal, and "_0"; "" where it is none

  bool operator==(const Program&) const = default;
};

/// The LAMMPS that runs \p potential: that of the settings, or of a deep potential the one inside
/// DeePMD-kit's environment, which alone can load its models.
/// \throws Error{unavailable}  there is none, or a file of the potential's is not there
[[nodiscard]] Program program_for(const Potential& potential, const EngineSettings& settings);

}  // namespace twin::md
