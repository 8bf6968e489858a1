// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "cli/describe.h"
#include "cli/wrap.h"
#include "core/text.h"

namespace twin::cli {

namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t help_column = 26;  // where the phrases of the options begin

std::string entry(const std::string& left, const std::string& right) {
  std::string text = "  " + left;
  if (columns_of(text) + 2 > help_column) return text + "\n" + wrap(right, page_width, help_column);
  text.append(help_column - columns_of(text), ' ');
  return text + wrap(right, page_width, help_column).substr(help_column);
}

std::string section(const std::string& title, const std::vector<Option>& options) {
  if (options.empty()) return "";
  std::string text = "\n" + title + "\n";
  for (const auto& option : options) text += entry(usage_of(option), explain(option));
  return text;
}

std::string status_lines(const Command& command) {
  std::string text = "\nExit status\n";
  for (const auto& status : all_statuses(command))
    text += entry(std::to_string(status.status), status.meaning);
  return text;
}

std::string example_lines(const Command& command) {
  std::string text;
  for (const auto& example : command.examples) {
    text += "\n" + wrap(example.what + ":", page_width, 2);
    for (const auto line : split(example.line, '\n')) text += "    " + std::string(line) + "\n";
  }
  return text.empty() ? "" : "\nExamples" + text;
}

std::string further(const Command& command) {
  std::string text;
  if (!command.references.empty()) text += "\nReferences\n";
  for (const auto& reference : command.references) text += wrap(reference, page_width, 2);
  if (!command.see_also.empty())
    text += "\nSee also\n" + wrap(join(command.see_also, ", "), page_width, 2);
  return text;
}

}  // namespace

std::string help_text(const Command& command) {
  const auto all = shown_options(command);
  const auto own = static_cast<std::ptrdiff_t>(command.options.size());
  std::string text = "Usage: " + command.name + " [OPTION...]" +
                     (command.inputs.empty() ? "" : " " + command.inputs) + "\n" +
                     wrap(command.synopsis, page_width, 0);
  for (const auto& paragraph : paragraphs(command.description))
    text += "\n" + wrap(paragraph, page_width, 0);
  text += section("Options", {all.begin(), all.begin() + own});
  if (has_units(command)) text += "\n" + wrap(unit_note(), page_width, 2);
  text += section("Options of every tool", {all.begin() + own, all.end()});
  return text + status_lines(command) + example_lines(command) + further(command);
}

}  // namespace twin::cli
