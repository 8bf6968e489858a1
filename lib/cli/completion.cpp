// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "cli/describe.h"
#include "core/text.h"

namespace twin::cli {

namespace {

std::string function_name(const Command& command) {
  std::string name = "_" + command.name;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

bool wants_folder(const Option& option) { return option.metavar.rfind("DIR", 0) == 0; }

bool wants_file(const Option& option) {
  return option.metavar.find("FILE") != std::string::npos || option.metavar == "RUN";
}

/// What bash offers after the option.
std::string bash_case(const Option& option) {
  std::string offer = ":";  // anything: nothing to offer
  if (!option.choices.empty())
    offer = "COMPREPLY=($(compgen -W '" + join(option.choices, " ") + "' -- \"$cur\"))";
  else if (wants_folder(option))
    offer = "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
  else if (wants_file(option))
    offer = "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
  return "    --" + option.name + ") " + offer + "; return ;;\n";
}

/// A text inside the single quotes and brackets of zsh's _arguments.
std::string zsh_quoted(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'')
      result += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      result += std::string("\\") + c;
    else
      result += c;
  }
  return result;
}

std::string zsh_argument(const Option& option) {
  std::string text = std::string("'") + (option.repeatable ? "*" : "") + "--" + option.name;
  text += (option.kind == Kind::flag ? "[" : "=[") + zsh_quoted(option.help) + "]";
  if (option.kind != Kind::flag) text += ":" + zsh_quoted(option.metavar) + ":";
  if (!option.choices.empty())
    text += "(" + join(option.choices, " ") + ")";
  else if (wants_folder(option))
    text += "_files -/";
  else if (wants_file(option))
    text += "_files";
  return text + "'";
}

}  // namespace

std::string bash_completion(const Command& command) {
  const auto function = function_name(command);
  std::string names, cases;
  for (const auto& option : shown_options(command)) {
    names += (names.empty() ? "--" : " --") + option.name;
    if (option.kind != Kind::flag) cases += bash_case(option);
  }
  const std::string inputs = command.inputs.empty()
                                 ? ""
                                 : "  compopt -o filenames 2>/dev/null\n  mapfile -t COMPREPLY < "
                                   "<(compgen -f -- \"$cur\")\n";
  // bash takes "--name=value" apart at "=": the option is then two words back.
  return "# SPDX-License-Identifier: GPL-3.0-or-later\n# bash completion of " + command.name +
         "\n" + function +
         "() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n" +
         "  COMPREPLY=()\n  if [[ $cur == '=' ]]; then\n    cur=\n  elif [[ $prev == '=' ]]; "
         "then\n" +
         "    prev=${COMP_WORDS[COMP_CWORD-2]}\n  fi\n  case $prev in\n" + cases +
         "  esac\n  if [[ $cur == -* ]]; then\n    COMPREPLY=($(compgen -W '" + names +
         "' -- \"$cur\"))\n    return\n  fi\n" + inputs + "}\ncomplete -F " + function + " " +
         command.name + "\n";
}

std::string zsh_completion(const Command& command) {
  std::string text =
      "#compdef " + command.name + "\n# SPDX-License-Identifier: GPL-3.0-or-later\n_arguments -s";
  for (const auto& option : shown_options(command)) text += " \\\n  " + zsh_argument(option);
  if (!command.inputs.empty()) text += " \\\n  '*:file:_files'";
  return text + "\n";
}

}  // namespace twin::cli
