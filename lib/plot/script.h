// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "plot/figure.h"

namespace twin::plot {

/// \p label as a gnuplot string in single quotes: characters outside of letters, digits, blanks,
/// `.,:;+-*/=()[]{}|<>%_^~°±×·²³⁻¹Å` and other letters beyond ASCII become '?', quotes and line
/// ends blanks; at most 120 characters. Nothing that is left can end the string, begin a command
/// substitution, or call a function.
[[nodiscard]] std::string quoted(const std::string& label);

/// The gnuplot program of \p figure, its data inline, writing to \p output_name in the folder that
/// gnuplot runs in.
/// \param output_name  of letters, digits, '.', '-' and '_' only
/// \throws Error{data}  a series' x, y, sigma disagree in length
[[nodiscard]] std::string script_of(const Figure& figure, const std::string& terminal,
                                    const std::string& output_name);

}  // namespace twin::plot
