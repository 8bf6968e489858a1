// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

struct ShellOutcome {
  int status = -1;
  std::string out;
};

/// Runs a line of the shell and keeps its stdout. For tests only.
inline ShellOutcome shell(const std::string& line) {
  ShellOutcome outcome;
  FILE* pipe = popen(line.c_str(), "r");
  if (!pipe) return outcome;
  std::array<char, 4096> buffer;
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.out.append(buffer.data(), n);
  const int raw = pclose(pipe);
  outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
  return outcome;
}

inline bool installed(const std::string& program) {
  return shell("command -v " + program + " >/dev/null 2>&1").status == 0;
}
