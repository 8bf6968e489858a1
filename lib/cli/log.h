// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace twin::cli {

/// stderr is for people: `twin-extract: warning: ...`, control bytes stripped. spdlog behind it.
enum class Level { quiet, normal, verbose };
void start_log(std::string_view tool, Level level);
void error(std::string_view message);
void warning(std::string_view message);
void note(std::string_view message);    ///< not when quiet
void block(std::string_view lines);     ///< a table: its lines as they are; not when quiet
void detail(std::string_view message);  ///< only when verbose

/// A live line on stderr, when that is a terminal, TERM is not dumb and not quiet; at most 4 Hz,
/// wiped before any other line and at the end.
void progress(std::string_view text);
void end_progress();

}  // namespace twin::cli
