// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/describe.h"

#include <algorithm>

#include "core/text.h"

namespace twin::cli {

std::vector<Option> common_options(Common& common, Asked& asked) {
  Option columns =
      list("columns", common.columns, "A,B", "columns of table and tsv, by name of the quantity");
  columns.set = [&common](const std::string& value) {
    for (const auto part : split(value, ','))
      if (const auto name = trim(part); !name.empty()) common.columns.emplace_back(name);
  };
  return {
      choice("format", common.format, {"jsonl", "yaml", "table", "tsv"}, "how records are written"),
      columns,
      text("plot", common.plot, "FILE", "draw a figure too: FILE.svg or FILE.png"),
      flag("quiet", common.quiet, "only errors and warnings on standard error"),
      flag("verbose", common.verbose, "say more on standard error"),
      flag("help", asked.help, "print this help and leave"),
      flag("version", asked.version, "print the version and leave")};
}

Option generate_option(Asked& asked) {
  return choice("generate", asked.generate, {"man", "bash", "zsh"},
                "print the manual page or a shell's completion and leave");
}

std::vector<Option> shown_options(const Command& command) {
  Common common;
  Asked asked;
  auto options = command.options;
  for (auto& option : common_options(common, asked)) options.push_back(std::move(option));
  for (auto& option : options) option.set = nullptr;  // the targets do not outlive this
  return options;
}

std::string value_of(const Option& option) {
  return option.kind == Kind::choice ? join(option.choices, "|") : option.metavar;
}

std::string usage_of(const Option& option) {
  const auto value = value_of(option);
  return "--" + option.name + (value.empty() ? "" : " " + value);
}

std::string range_text(const Option& option) {
  const std::string unit = option.unit.empty() ? "" : " " + option.unit;
  if (option.lower && option.upper)
    return "from " + shortest(*option.lower) + " to " + shortest(*option.upper) + unit;
  if (option.lower) return "at least " + shortest(*option.lower) + unit;
  if (option.upper) return "at most " + shortest(*option.upper) + unit;
  return "";
}

std::string explain(const Option& option) {
  std::string text = option.help;
  const auto range = range_text(option);
  if (!range.empty())
    text += "; " + range;
  else if (!option.unit.empty())
    text += "; in " + option.unit;
  if (option.repeatable) text += "; may be given more than once";
  if (!option.default_text.empty()) text += "; default " + option.default_text;
  return text;
}

bool has_units(const Command& command) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [](const Option& option) { return !option.unit.empty(); });
}

std::string unit_note() {
  return "A number may carry any unit of the same dimension, as in --option '2 ns'; a bare number "
         "is "
         "in the unit that is shown. Numbers are written with a point, whatever the locale.";
}

std::vector<ExitStatus> all_statuses(const Command& command) {
  static const std::vector<ExitStatus> common = {
      {0, "done"},
      {2, "some records failed, the others are out"},
      {64, "the command line is wrong"},
      {65, "the input is wrong"},
      {66, "an input is missing or can't be read"},
      {69, "a program or a host that is needed is not there"},
      {70, "a bug of Twinline, or memory ran out"},
      {73, "an output can't be created"},
      {74, "writing failed: a full disk, an I/O error"},
      {75, "not now, later may work"},
      {77, "refused for want of a right or for safety"},
      {78, "a recipe, model or policy is wrong"},
      {130, "interrupted (SIGINT)"},
      {141, "whoever read the output has gone"},
      {143, "asked to end (SIGTERM)"}};
  auto statuses = command.statuses;
  for (const auto& status : common)
    if (std::none_of(command.statuses.begin(), command.statuses.end(),
                     [&](const ExitStatus& own) { return own.status == status.status; }))
      statuses.push_back(status);
  std::stable_sort(statuses.begin(), statuses.end(),
                   [](const auto& a, const auto& b) { return a.status < b.status; });
  return statuses;
}

std::vector<std::string> paragraphs(const std::string& text) {
  std::vector<std::string> result;
  std::string current;
  for (const auto line : split(text, '\n')) {
    if (!trim(line).empty()) {
      current += (current.empty() ? "" : "\n") + std::string(line);
    } else if (!current.empty()) {
      result.push_back(std::move(current));
      current.clear();
    }
  }
  if (!current.empty()) result.push_back(std::move(current));
  return result;
}

}  // namespace twin::cli
