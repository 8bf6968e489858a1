// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "feff/cache.h"

namespace twin::feff {

/// Runs feff6l in a folder with \p input in it, or takes from the cache what it left when it ran on
/// the same input: feffNNNN.dat, phase.bin and what it said (feff.run). At most a minute.
/// What is incomplete or broken off is not kept in the cache.
/// \throws Error{unavailable}   not installed; no result (last lines; the folder is kept, named)
/// \throws Error{configuration} more paths than its path finder can list
[[nodiscard]] Files run(const Files& input, const Cache& cache);

/// "feff0001.dat" and its like.
[[nodiscard]] bool is_path_file(const std::string& name);

/// The key of the cache: SHA-256 over the input files and the program's own SHA-256.
[[nodiscard]] std::string key_of(const Files& input);

}  // namespace twin::feff
