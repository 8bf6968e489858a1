// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/figure.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "plot/script.h"
#include "process/child.h"

namespace twin::plot {

namespace {

constexpr process::Seconds patience{60.0};

std::string terminal_of(const std::string& path) {
  const std::string suffix = lower(std::filesystem::path(path).extension().string());
  if (suffix == ".svg" || suffix == ".png") return suffix.substr(1);
  throw Error(Cause::usage, printable(path) + ": a figure is drawn as .svg or .png, not as '" +
                                printable(suffix) + "'");
}

/// The name of the figure as its script writes it: that of the file where it is plain.
std::string plain_name(const std::string& path, const std::string& terminal) {
  const std::string name = std::filesystem::path(path).filename().string();
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  });
  return plain && name != "script.gp" ? name : "figure." + terminal;
}

}  // namespace

void check_target(const std::string& path) {
  static_cast<void>(terminal_of(path));
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw Error(Cause::cannot_create,
                printable(path) + ": no folder " + printable(folder.string()));
  if (process::find_program("gnuplot").empty())
    throw Error(Cause::unavailable, printable(path) + ": gnuplot draws figures, and is not there");
}

void draw(const Figure& figure, const std::string& path) {
  const std::string terminal = terminal_of(path), name = plain_name(path, terminal);
  const std::string script = script_of(figure, terminal, name);
  const TemporaryFolder folder("twin-plot");
  create_file(folder.path() + "/script.gp", script);
  // -d: nobody's ~/.gnuplot; a folder of its own: nothing there but the script.
  const auto ran =
      process::run({.argv = {"gnuplot", "-d", "script.gp"}, .folder = folder.path()}, patience);
  const std::string drawn = folder.path() + "/" + name;
  if (ran.ending.status != 0 || !std::filesystem::exists(drawn))
    throw Error(Cause::unavailable, "gnuplot failed on " + printable(path) + ": " +
                                        std::string(trim(ran.ending.last_lines)));
  write_file_atomically(path + ".gp", script);
  write_file_atomically(path, read_file(drawn));
}

}  // namespace twin::plot
