// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace twin::cli {

enum class Kind { flag, number, integer, text, list, choice };

/// An option as data: what help, manual page, completion and parser are all made from.
/// Defaults are printed from the variable that it sets.
struct Option {
  Kind kind = Kind::text;
  std::string name;     ///< "max-time": given as --max-time
  std::string unit;     ///< "K"; a value may be given with any unit of the same dimension
  std::string metavar;  ///< "FILE", "N"
  std::string help;     ///< a phrase, lower case, no full stop
  std::vector<std::string> choices;
  std::optional<double> lower, upper;  ///< range, both ends included
  std::string default_text;            ///< "" = none
  bool repeatable = false;
  std::function<void(const std::string&)> set;  ///< \throws Error{usage}
};

[[nodiscard]] Option flag(std::string name, bool& target, std::string help);
[[nodiscard]] Option number(std::string name, double& target, std::string unit, std::string help,
                            std::optional<double> lower = {}, std::optional<double> upper = {});
[[nodiscard]] Option integer(std::string name, long long& target, std::string help,
                             std::optional<double> lower = {}, std::optional<double> upper = {});
[[nodiscard]] Option text(std::string name, std::string& target, std::string metavar,
                          std::string help);
/// May be given more than once.
[[nodiscard]] Option list(std::string name, std::vector<std::string>& target, std::string metavar,
                          std::string help);
[[nodiscard]] Option choice(std::string name, std::string& target, std::vector<std::string> choices,
                            std::string help);

struct Example {
  std::string what;
  std::string line;
};

struct ExitStatus {
  int status = 0;
  std::string meaning;
};

/// A command as a value.
struct Command {
  std::string name = {};
  std::string synopsis = {};     ///< one line
  std::string description = {};  ///< paragraphs, separated by an empty line
  std::string inputs = {};       ///< "[FILE...]": what stands besides options, "" = nothing
  std::vector<Option> options = {};
  std::vector<ExitStatus> statuses = {};  ///< besides those of all tools
  std::vector<Example> examples = {};
  std::vector<std::string> references = {};
  std::vector<std::string> see_also = {};
};

/// The options that all tools share.
struct Common {
  std::string format = "jsonl";
  std::vector<std::string> columns;
  std::string plot;
  bool quiet = false;
  bool verbose = false;
};

/// What a command line came to.
struct Parsed {
  Common common;
  std::vector<std::string> inputs;
  std::vector<std::string> recorded;  ///< the command line without options on jobs and verbosity
  std::optional<int> leave;           ///< --help, --version, --generate: printed, leave with this
};

/// Sets the options' targets.  \throws Error{usage} with a suggestion for unknown options
[[nodiscard]] Parsed parse(const Command& command, int argc, const char* const* argv);

/// --help as text; the mdoc(7) source of the manual page; a bash completion.
[[nodiscard]] std::string help_text(const Command& command);
[[nodiscard]] std::string manual_page(const Command& command);
[[nodiscard]] std::string bash_completion(const Command& command);

}  // namespace twin::cli
