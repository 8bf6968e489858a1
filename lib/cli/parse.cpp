// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "cli/command.h"
#include "cli/describe.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::cli {

namespace {

using Words = std::vector<std::string>;

Error wrong(const std::string& message) { return {Cause::usage, message}; }

const Option* find(const std::vector<Option>& options, std::string_view name) {
  for (const auto& option : options)
    if (option.name == name) return &option;
  return nullptr;
}

/// One argument of the command line, or an option with its value.
struct Argument {
  Words words;  ///< {"--max-time", "2 ns"}; {"file"}
  const Option* option = nullptr;
};

/// "--name=value" becomes two words, so that an empty value is one (CLI11 would take the next
/// word).
Argument separated(const std::string& word, const std::vector<Option>& options) {
  if (word == "-h") return {{"--help"}, find(options, "help")};
  if (word.rfind("--", 0) != 0) return {{word}, nullptr};
  const auto equals = word.find('=');
  const Option* option =
      find(options, word.substr(2, equals == std::string::npos ? equals : equals - 2));
  if (!option || equals == std::string::npos) return {{word}, option};
  if (option->kind == Kind::flag) throw wrong("--" + option->name + ": takes no value");
  return {{word.substr(0, equals), word.substr(equals + 1)}, option};
}

std::vector<Argument> arguments(const std::vector<Option>& options, int argc,
                                const char* const* argv) {
  std::vector<Argument> result;
  bool ended = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (ended || word == "--") {
      ended = true;
      result.push_back({{word}, nullptr});
      continue;
    }
    auto argument = separated(word, options);
    const bool wants_value = argument.option && argument.option->kind != Kind::flag;
    if (wants_value && argument.words.size() == 1) {
      if (i + 1 == argc) throw wrong(word + ": a value is missing: " + usage_of(*argument.option));
      argument.words.emplace_back(argv[++i]);
    }
    result.push_back(std::move(argument));
  }
  return result;
}

/// The command line as the start record has it: what does not change the results is left out.
Words recorded(const Command& command, const std::vector<Argument>& given) {
  static const Words left_out = {"jobs", "quiet", "verbose"};
  Words result = {command.name};
  for (const auto& argument : given)
    if (!argument.option ||
        std::find(left_out.begin(), left_out.end(), argument.option->name) == left_out.end())
      result.insert(result.end(), argument.words.begin(), argument.words.end());
  return result;
}

/// A command lowered into CLI11, which sorts the words; what they mean is ours to say.
class Lowered {
 public:
  explicit Lowered(const std::vector<Option>& options)
      : options_(options), values_(options.size()) {
    app_.set_help_flag();
    app_.allow_extras();
    for (std::size_t i = 0; i < options.size(); ++i) add(options[i], values_[i]);
  }

  void parse(const std::vector<Argument>& given) {
    Words words;
    for (const auto& argument : given)
      words.insert(words.end(), argument.words.begin(), argument.words.end());
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
      app_.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
      throw wrong(printable(error.what()));
    }
  }

  /// Sets the targets of option \p i.
  void apply(std::size_t i) const {
    const auto& option = options_[i];
    auto given = values_[i];
    if (!option.repeatable && given.size() > 1) given.erase(given.begin(), given.end() - 1);
    for (const auto& value : given) try {
        option.set(value);
      } catch (const Error& error) {
        throw error.at("--" + option.name);
      }
  }

  /// What is no option and no option's value.
  [[nodiscard]] Words inputs() const {
    Words result;
    bool ended = false;
    for (const auto& word : app_.remaining()) {
      if (!ended && word == "--")
        ended = true;
      else if (!ended && word.size() > 1 && word[0] == '-')
        unknown(word);
      else
        result.push_back(word);
    }
    return result;
  }

 private:
  void add(const Option& option, Words& values) {
    const auto name = "--" + option.name;
    if (option.kind == Kind::flag) {
      app_.add_flag_callback(name, [&values] { values.emplace_back("true"); })
          ->disable_flag_override();
      return;
    }
    app_.add_option(name, values)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  [[noreturn]] void unknown(const std::string& word) const {
    const auto name = word.substr(0, word.find('='));
    Words names;
    for (const auto& option : options_) names.push_back("--" + option.name);
    throw wrong(printable(name) + ": no such option" + perhaps(name, names));
  }

  const std::vector<Option>& options_;
  std::vector<Words> values_;
  CLI::App app_;
};

void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw Error(Cause::closed_pipe, "stdout: closed");
  throw Error(Cause::output, "stdout: can't be written");
}

std::string generated(const Command& command, const std::string& what) {
  if (what == "man") return manual_page(command);
  return what == "bash" ? bash_completion(command) : zsh_completion(command);
}

/// Answers --help and the like; false when none was asked for.
bool answer(const Command& command, const Asked& asked) {
  if (asked.help)
    print(help_text(command));
  else if (asked.version)
    print(command.name + " (Twinline) " + TWINLINE_VERSION + "\n");
  else if (!asked.generate.empty())
    print(generated(command, asked.generate));
  else
    return false;
  return true;
}

}  // namespace

Parsed parse(const Command& command, int argc, const char* const* argv) {
  Parsed parsed;
  Asked asked;
  auto options = command.options;
  const std::size_t own = options.size();
  for (auto& option : common_options(parsed.common, asked)) options.push_back(std::move(option));
  options.push_back(generate_option(asked));

  const auto given = arguments(options, argc, argv);
  Lowered lowered(options);
  lowered.parse(given);
  for (std::size_t i = own; i < options.size(); ++i) lowered.apply(i);
  if (answer(command, asked)) {
    parsed.leave = 0;
    return parsed;
  }
  parsed.inputs = lowered.inputs();
  for (std::size_t i = 0; i < own; ++i) lowered.apply(i);
  if (command.inputs.empty() && !parsed.inputs.empty())
    throw wrong(printable(parsed.inputs.front()) + ": unexpected; only options are taken");
  parsed.recorded = recorded(command, given);
  return parsed;
}

}  // namespace twin::cli
