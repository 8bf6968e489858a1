// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "cli/command.h"
#include "cli/describe.h"
#include "core/text.h"

namespace twin::cli {

namespace {

/// The day that this version of the manual is of; changes with the project's version.
constexpr const char* manual_date = "November 22, 2026";

std::uint32_t next_character(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  auto code = static_cast<std::uint32_t>(first & (0x3F >> more));
  for (int i = 0; i < more && at < text.size(); ++i)
    code = (code << 6u) | (static_cast<unsigned char>(text[at++]) & 0x3Fu);
  return code;
}

/// Plain text as roff source in ASCII.
std::string roff(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto code = next_character(text, at);
    char escape[16];
    if (code == '\\') {
      result += "\\e";
    } else if (code == '-') {
      result += "\\-";
    } else if (code < 0x80) {
      result += static_cast<char>(code);
    } else {
      std::snprintf(escape, sizeof escape, "\\[u%04X]", static_cast<unsigned>(code));
      result += escape;
    }
  }
  return result;
}

/// A line of text: a dot or a quote at its beginning is no macro.
std::string text_line(std::string_view text) {
  const bool macro = !text.empty() && (text[0] == '.' || text[0] == '\'');
  return (macro ? "\\&" : "") + roff(text) + "\n";
}

/// A paragraph, each sentence on a line of its own as mdoc(7) wants it.
std::string sentences(const std::string& text) {
  std::string line, result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool blank = text[i] == ' ' || text[i] == '\n';
    const bool ends = blank && i > 0 && (text[i - 1] == '.' || text[i - 1] == '?');
    const bool begins = i + 1 < text.size() && text[i + 1] >= 'A' && text[i + 1] <= 'Z';
    if (ends && begins) {
      result += text_line(line);
      line.clear();
    } else {
      line += blank ? ' ' : text[i];
    }
  }
  return result + text_line(line);
}

/// An argument of a macro: quoted, and never taken for a macro itself.
std::string argument(std::string_view text) {
  std::string result = "\"\\&";
  for (const char c : roff(text)) result += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return result + "\"";
}

std::string fl(const Option& option) {
  const auto value = value_of(option);
  return "Fl Fl " + roff(option.name) + (value.empty() ? "" : " Ar " + argument(value));
}

std::string option_list(const std::vector<Option>& options) {
  std::string text = ".Bl -tag -width Ds\n";
  for (const auto& option : options)
    text += ".It " + fl(option) + "\n" + sentences(explain(option) + ".");
  return text + ".El\n";
}

std::string synopsis(const Command& command, const std::vector<Option>& options) {
  std::string text = ".Sh SYNOPSIS\n.Nm\n";
  for (const auto& option : options) text += ".Op " + fl(option) + "\n";
  auto inputs = command.inputs;
  if (inputs.empty()) return text;
  const bool optional = inputs.front() == '[' && inputs.back() == ']';
  if (optional) inputs = inputs.substr(1, inputs.size() - 2);
  return text + (optional ? ".Op Ar " : ".Ar ") + argument(inputs) + "\n";
}

std::string description(const Command& command, const std::vector<Option>& options) {
  std::string text = ".Sh DESCRIPTION\n";
  const auto parts =
      paragraphs(command.description.empty() ? command.synopsis + "." : command.description);
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i ? ".Pp\n" : "") + sentences(parts[i]);
  const auto own = options.begin() + static_cast<std::ptrdiff_t>(command.options.size());
  if (own != options.begin())
    text += ".Pp\nThe options are as follows:\n" + option_list({options.begin(), own});
  if (has_units(command)) text += ".Pp\n" + sentences(unit_note());
  return text + ".Ss Options of every tool\n" + option_list({own, options.end()});
}

std::string statuses(const Command& command) {
  std::string text = ".Sh EXIT STATUS\n.Bl -tag -width Ds\n";
  for (const auto& status : all_statuses(command))
    text += ".It " + std::to_string(status.status) + "\n" + sentences(status.meaning + ".");
  return text + ".El\n";
}

std::string examples(const Command& command) {
  std::string text;
  for (const auto& example : command.examples) {
    text += (text.empty() ? "" : ".Pp\n") + sentences(example.what + ":") +
            ".Bd -literal -offset indent\n";
    for (const auto line : split(example.line, '\n')) text += text_line(line);
    text += ".Ed\n";
  }
  return text.empty() ? "" : ".Sh EXAMPLES\n" + text;
}

/// "twin-match(1)" as a cross reference; sorted by section, then name.
std::string see_also(const Command& command) {
  std::vector<std::pair<std::string, std::string>> pages;
  for (const auto& page : command.see_also) {
    const auto open = page.find('(');
    const auto number =
        open == std::string::npos ? "1" : page.substr(open + 1, page.find(')') - open - 1);
    pages.emplace_back(number, page.substr(0, open));
  }
  std::sort(pages.begin(), pages.end());
  std::string text;
  for (std::size_t i = 0; i < pages.size(); ++i)
    text += ".Xr " + roff(pages[i].second) + " " + pages[i].first +
            (i + 1 < pages.size() ? " ,\n" : "\n");
  for (const auto& reference : command.references)
    text += (text.empty() ? "" : ".Pp\n") + sentences(reference);
  return text.empty() ? "" : ".Sh SEE ALSO\n" + text;
}

}  // namespace

std::string manual_page(const Command& command) {
  const auto options = shown_options(command);
  std::string title;
  for (const char c : command.name)
    title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n.\\\" Generated by " + command.name +
         " --generate=man from tools/" + command.name + ".cpp.\n.Dd " + manual_date + "\n.Dt " +
         title + " 1\n.Os Twinline " TWINLINE_VERSION "\n.Sh NAME\n.Nm " + command.name + "\n.Nd " +
         roff(command.synopsis) + "\n" + synopsis(command, options) +
         description(command, options) + statuses(command) + examples(command) + see_also(command);
}

}  // namespace twin::cli
