// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "md/description.h"
#include "md/potentials.h"

/// Deep potentials: models that DeePMD-kit trained, run by the LAMMPS of its environment. Source:
/// J. Zeng et al., J. Chem. Phys. 159, 054801 (2023), doi:10.1063/5.0155600.
namespace twin::md {

/// A Python environment that has DeePMD-kit and its LAMMPS.
struct DeepKit {
  std::string python;  ///< bin/python of the environment
  std::string dp;      ///< bin/dp: trains, freezes, tests
  std::string lmp;     ///< the program itself, not its wrapper in Python, which takes 7 s to start
  std::map<std::string, std::string> environment;  ///< for any of them

  bool operator==(const DeepKit&) const = default;
};

/// The environment that $TWIN_DEEPMD names, else the one whose `dp` is the first in $PATH.
/// \throws Error{unavailable}  there is none, or it lacks one of its parts
[[nodiscard]] DeepKit find_deep_kit();

/// Reads what is of `pair_style: deepmd` alone; models lie beside the description.
/// \param where  the description's file
void read_deep(const Description& lines, const std::string& where, Potential& potential);

/// What the worker's folder calls a model: "model.0.pb". Its path never reaches an input script.
[[nodiscard]] std::string model_link(const Potential& potential, std::size_t index);

/// pair_style and pair_coeff. With more than one model their disagreement is printed every
/// \p every steps, on a line of its own: see parse_deviation().
[[nodiscard]] std::string deep_commands(const Potential& potential,
                                        const std::vector<std::string>& types, int every);

/// How far the models of a potential disagree at a step.
struct Deviation {
  std::int64_t step = 0;
  double force_eV_A = 0.0;  ///< of the atom where they do most: √⟨|f - ⟨f⟩|²⟩ over the models
};

/// A line of what deep_commands() has printed; nothing where the line is none. Its numbers are the
/// step, and the largest, smallest and mean deviation of virials, then of forces (Y. Zhang et al.,
/// Comput. Phys. Commun. 253, 107206 (2020), doi:10.1016/j.cpc.2020.107206, equation 5).
[[nodiscard]] std::optional<Deviation> parse_deviation(std::string_view line);

/// What is to be said of a run at \p temperature (K) in \p volume (Å³ an atom; 0: not known yet):
/// no gate, a gate's refusal, a gate at another temperature, a volume that the models have not
/// seen. Of other potentials nothing.
[[nodiscard]] std::vector<std::string> deep_warnings(const Potential& potential, double temperature,
                                                     double volume);

/// A sentence where \p volume (Å³ an atom) is none of the training's; "" where it is.
[[nodiscard]] std::string outside_volume(const Potential& potential, double volume);

/// SHA-256 of the models' own, in their order.  \throws Error{unavailable}  one is not there
[[nodiscard]] std::string sha256_of_models(const Potential& potential);

/// Lines that say nothing: of libraries for graphics cards that are not there.
[[nodiscard]] std::string without_noise(const std::string& last_lines);

}  // namespace twin::md
