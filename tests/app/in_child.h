// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "app/run.h"

/// How a tool that ran in a child of the test ended, and what it said.
struct Ran {
  int status = -1;  ///< exit status, or 128 + signal when a signal killed it
  std::string out;
  std::string error;
};

enum class Output { pipe, full_disk, closed, reader_gone };

struct Tool {
  std::vector<std::string> arguments = {};
  std::function<twin::app::StartInfo()> info = {};
  std::function<void(twin::app::Session&)> body = [](twin::app::Session&) {};
  Output output = Output::pipe;
  std::vector<int> signals =
      {};  ///< sent one after the other, each once the tool has said "ready" on stderr
};

namespace in_child {

inline twin::cli::Command command(std::string& recipe) {
  twin::cli::Command command;
  command.name = "twin-tiny";
  command.synopsis = "a tool of the tests";
  command.inputs = "[FILE...]";
  command.options = {twin::cli::text("recipe", recipe, "FILE", "a recipe")};
  command.statuses = {{1, "the answer is no"}};
  return command;
}

inline void redirect_output(Output output, const int (&pipe_ends)[2]) {
  close(pipe_ends[0]);
  if (output == Output::full_disk) {
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
  } else {
    dup2(pipe_ends[1], STDOUT_FILENO);
  }
  close(pipe_ends[1]);
  if (output == Output::closed) close(STDOUT_FILENO);
}

[[noreturn]] inline void be_the_tool(const Tool& tool) {
  std::string recipe;
  auto words = tool.arguments;
  words.insert(words.begin(), "/some/where/twin-tiny");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto said = command(recipe);
  _exit(twin::app::run(said, static_cast<int>(words.size()), argv.data(), tool.info, tool.body));
}

/// Reads both pipes to their ends; sends the next signal each time "ready" comes.
inline void collect(int out, int error, int child, std::vector<int> signals, Ran& ran) {
  std::array<pollfd, 2> ends = {{{out, POLLIN, 0}, {error, POLLIN, 0}}};
  std::size_t seen = 0;
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends.data(), ends.size(), 30000) <= 0) break;
    for (auto& end : ends) {
      if (end.fd < 0 || end.revents == 0) continue;
      std::array<char, 4096> buffer;
      const auto n = read(end.fd, buffer.data(), buffer.size());
      if (n > 0)
        (end.fd == out ? ran.out : ran.error).append(buffer.data(), static_cast<std::size_t>(n));
      else
        end.fd = -1;
    }
    for (auto at = ran.error.find("ready", seen); at != std::string::npos && !signals.empty();
         at = ran.error.find("ready", seen)) {
      seen = at + 1;
      kill(child, signals.front());
      signals.erase(signals.begin());
    }
  }
}

}  // namespace in_child

inline Ran run_in_child(const Tool& tool) {
  int out[2], error[2];
  if (pipe(out) != 0 || pipe(error) != 0) return {};
  if (tool.output == Output::reader_gone) {  // before the tool can write
    close(out[0]);
    out[0] = -1;
  }
  const pid_t child = fork();
  if (child == 0) {
    dup2(error[1], STDERR_FILENO);
    close(error[0]);
    close(error[1]);
    in_child::redirect_output(tool.output, out);
    in_child::be_the_tool(tool);
  }
  close(out[1]);
  close(error[1]);
  Ran ran;
  in_child::collect(out[0], error[0], child, tool.signals, ran);
  int raw = 0;
  waitpid(child, &raw, 0);
  ran.status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  if (out[0] >= 0) close(out[0]);
  close(error[0]);
  return ran;
}
