// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <variant>

#include "places.h"
#include "process/child.h"
#include "tool.h"

namespace tools {

/// twin-acquire that follows "spool", and the records that it prints, one by one.
class Watching : public Tools {
 protected:
  Watching() { std::filesystem::create_directory(path("spool")); }

  void start(Words more = {"--into", "run.nxs"}) {
    Words argv{twin::tools_dir() + "/twin-acquire", "--watch", "spool", "--poll", "0.05"};
    argv.insert(argv.end(), more.begin(), more.end());
    lines_ = {};
    child_ = std::make_unique<twin::process::Child>(
        twin::process::Launch{.argv = argv, .folder = path(""), .environment = environment()});
    child_->close_input();
  }

  /// The next record of a kind; fails when none comes for long.
  template <typename Kind>
  Kind next() {
    while (true) {
      while (const auto text = lines_.next())
        for (auto& record : records(*text))
          if (auto* one = std::get_if<Kind>(&record)) return *one;
      const auto chunk = child_->read(twin::process::Seconds(60));
      if (!chunk) {
        ADD_FAILURE() << "nothing came: " << said_;
        return {};
      }
      if (chunk->channel == twin::process::Channel::out)
        lines_.add(chunk->bytes);
      else
        said_ += chunk->bytes;
    }
  }

  /// Whether a measurement comes within a time in which others have.
  bool silent(double seconds) {
    const auto chunk = child_->read(twin::process::Seconds(seconds));
    if (!chunk) return true;
    if (chunk->channel == twin::process::Channel::out)
      lines_.add(chunk->bytes);
    else
      said_ += chunk->bytes;
    return chunk->channel != twin::process::Channel::out;
  }

  /// Tells it to end: its status.
  int end(int signal = SIGTERM) {
    ::kill(child_->pid(), signal);
    while (const auto chunk = child_->read(twin::process::Seconds(20)))
      if (chunk->channel == twin::process::Channel::error)
        said_ += chunk->bytes;
      else
        lines_.add(chunk->bytes);
    return child_->wait(twin::process::Seconds(20)).status;
  }

  void add(const std::string& name, const std::string& text) const {
    std::ofstream(path("spool/" + name), std::ios::app | std::ios::binary) << text;
  }

  Words stored() {
    Words out;
    for (const auto& m : all<twin::record::Measurement>(
             run({"twin-acquire", "--into", "run.nxs", "--since", "0"}).out))
      out.push_back(m.context.scan + (m.revision > 0 ? "/" + std::to_string(m.revision) : ""));
    return out;
  }

  std::unique_ptr<twin::process::Child> child_;
  twin::process::LineBuffer lines_;
  std::string said_;
};

}  // namespace tools
