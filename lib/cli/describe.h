// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

/// What help, manual page and completions say alike. Not for other rooms.
namespace twin::cli {

/// What --help, --version and the hidden --generate ask for.
struct Asked {
  bool help = false;
  bool version = false;
  std::string generate;  ///< "man", "bash", "zsh"
};

/// The options of every tool, setting \p common and \p asked. --generate is not among them.
[[nodiscard]] std::vector<Option> common_options(Common& common, Asked& asked);

/// The option that people need not see.
[[nodiscard]] Option generate_option(Asked& asked);

/// All that is shown: the command's own options, then those of every tool.
[[nodiscard]] std::vector<Option> shown_options(const Command& command);

/// "--max-time N", as it is typed; the metavar of a choice is its words: "jsonl|yaml".
[[nodiscard]] std::string usage_of(const Option& option);
[[nodiscard]] std::string value_of(const Option& option);

/// "from 1 to 100 ps", "at least 0", "" without a range.
[[nodiscard]] std::string range_text(const Option& option);

/// The help of an option with unit, range, default: "give up then; in ps, from 1 to 100; default 20
/// ps".
[[nodiscard]] std::string explain(const Option& option);

/// True when some option takes a number with a unit.
[[nodiscard]] bool has_units(const Command& command);

/// How numbers with units are given: a sentence for help and manual.
[[nodiscard]] std::string unit_note();

/// The command's own statuses and those of all tools, in order; a status that the command explains
/// itself is not explained twice.
[[nodiscard]] std::vector<ExitStatus> all_statuses(const Command& command);

/// The paragraphs of a text, cut at empty lines.
[[nodiscard]] std::vector<std::string> paragraphs(const std::string& text);

[[nodiscard]] std::string zsh_completion(const Command& command);

}  // namespace twin::cli
