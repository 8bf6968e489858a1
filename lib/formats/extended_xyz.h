// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atoms/trajectory.h"

namespace twin::formats {

/// Extended XYZ: a number of atoms, a line of `key=value` (Lattice, Properties, pbc, energy ...), a
/// line an atom. Lengths in Å, `energy` in eV, `stress` in eV/Å³ or `virial` in eV (nine numbers,
/// as ASE and QUIP have them), columns `forces` in eV/Å, `step`, and `time_ps` and `temperature`
/// (K) where they are there: a key `time` has no unit, and is not taken. Atoms are in the order of
/// the file. \throws Error{data}  from next(): `name:line: ...`
///
/// Source: https://github.com/libAtoms/extxyz
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> extended_xyz(
    std::shared_ptr<std::istream> in, const std::string& name);

/// A frame as such lines, all that it has with its positions; its `notes` are keys of their own.
/// Numbers are the shortest that read back as the same.
/// \param elements  [n] symbols
[[nodiscard]] std::string extended_xyz_text(const std::vector<std::string>& elements,
                                            const atoms::TrajectoryFrame& frame);

/// The keys and values of such a line, keys in lower case; values in quotes or braces without them,
/// a key alone has the value "T". Nothing where a quote is open.
[[nodiscard]] std::optional<std::map<std::string, std::string>> xyz_keys(std::string_view line);

}  // namespace twin::formats
