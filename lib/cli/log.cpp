// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "cli/wrap.h"
#include "core/text.h"

namespace twin::cli {

namespace {

struct Log {
  std::mutex mutex;
  std::string tool = "twinline";
  Level level = Level::normal;
  bool live = false;        ///< stderr is a terminal that can be written over
  bool line_shown = false;  ///< a progress line stands there now
  std::chrono::steady_clock::time_point last_progress;
  std::unique_ptr<spdlog::logger> sink;
};

Log& log() {
  static Log instance;
  return instance;
}

bool terminal_can_rewrite() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term && *term && std::string_view(term) != "dumb";
}

std::size_t terminal_columns() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::unique_ptr<spdlog::logger> make_sink() {
  auto logger =
      std::make_unique<spdlog::logger>("stderr", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  logger->set_error_handler([](const std::string&) {});  // stderr has gone: nobody to tell
  return logger;
}

void wipe(Log& state) {
  if (!state.line_shown) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  state.line_shown = false;
}

void write_line(spdlog::level::level_enum severity, std::string_view label,
                std::string_view message) {
  Log& state = log();
  const std::lock_guard lock(state.mutex);
  wipe(state);
  if (!state.sink) state.sink = make_sink();
  state.sink->log(severity, printable(state.tool) + ": " + std::string(label) + printable(message));
}

Level level_now() {
  Log& state = log();
  const std::lock_guard lock(state.mutex);
  return state.level;
}

}  // namespace

void start_log(std::string_view tool, Level level) {
  Log& state = log();
  const std::lock_guard lock(state.mutex);
  state.tool = tool;
  state.level = level;
  state.live = level != Level::quiet && terminal_can_rewrite();
  state.last_progress = {};
}

void error(std::string_view message) { write_line(spdlog::level::err, "error: ", message); }

void warning(std::string_view message) { write_line(spdlog::level::warn, "warning: ", message); }

void note(std::string_view message) {
  if (level_now() != Level::quiet) write_line(spdlog::level::info, "", message);
}

void block(std::string_view lines) {
  if (level_now() == Level::quiet) return;
  Log& state = log();
  const std::lock_guard lock(state.mutex);
  wipe(state);
  if (!state.sink) state.sink = make_sink();
  while (!lines.empty() && lines.back() == '\n') lines.remove_suffix(1);
  for (const auto line : split(lines, '\n')) state.sink->info(printable(line));
}

void detail(std::string_view message) {
  if (level_now() == Level::verbose) write_line(spdlog::level::debug, "", message);
}

void progress(std::string_view text) {
  using namespace std::chrono_literals;
  Log& state = log();
  const std::lock_guard lock(state.mutex);
  const auto now = std::chrono::steady_clock::now();
  if (!state.live || now - state.last_progress < 250ms) return;
  state.last_progress = now;
  const std::string line = state.tool + ": " + printable(text);
  const auto shown = first_columns(line, terminal_columns() - 1);  // a full line would wrap
  std::fprintf(stderr, "\r%.*s\033[K", static_cast<int>(shown.size()), shown.data());
  std::fflush(stderr);
  state.line_shown = true;
}

void end_progress() {
  Log& state = log();
  const std::lock_guard lock(state.mutex);
  wipe(state);
  state.last_progress = {};
}

}  // namespace twin::cli
