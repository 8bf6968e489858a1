// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/text.h"
#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "stream/codec.h"
#include "stream/yaml.h"
#include "tool.h"

/// twin-acquire that obeys: what it is told, and what it tells the beamline.
namespace tools {

namespace fs = std::filesystem;

inline const std::string obey_bounds =
    "format: twin-bounds/1\nevery: {least: 10 s, most: 1 h}\n"
    "modes:\n  quiet: {scan: exafs-full, every: 10 min}\n"
    "  track: {scan: xanes-quick, every: 20 s, at_most: 30 min}\nsafe_mode: quiet\n"
    "slew: {factor: 1000, per: 1e-3 s}\ndwell: 1e-3 s\nresume_after: 0.5 s\nconfirm_within: 3 s\n"
    "token: token\naudit: audit.jsonl\noverride: operator\nsuspend: no-beam\n";

class TwinAcquireObey : public Tools {
 protected:
  void start(const std::string& more = "actuator: {file: mode.yaml}\n", bool arm = true) {
    put("bounds.yaml", bounds_ + more);
    Words argv{twin::tools_dir() + "/twin-acquire", "--obey", "rate.yaml", "--bounds",
               "bounds.yaml"};
    if (arm) argv.emplace_back("--arm");
    said_.clear();
    out_.clear();
    child_ = std::make_unique<twin::process::Child>(
        twin::process::Launch{.argv = argv, .folder = path(""), .environment = environment()});
    child_->close_input();
  }

  void arm(double seconds = 3600) {
    put("token", twin::utc_of(twin::seconds_now() + seconds) + "\n");
  }

  /// As twin-steer puts it there.
  void command(const std::string& mode, double ttl = 60, double age = 0) {
    twin::record::Command one;
    one.header.id = "command" + std::to_string(++sequence_);
    one.header.by = "steer";
    one.header.time = twin::utc_of(twin::seconds_now() - age);
    one.sequence = sequence_;
    one.mode = mode;
    one.ttl_seconds = ttl;
    one.reason = "it changes";
    put("next", twin::stream::dump_yaml(twin::stream::encode(twin::record::Record(one))));
    fs::rename(path("next"), path("rate.yaml"));
  }

  [[nodiscard]] std::string mode(const std::string& file = "mode.yaml") const {
    if (!exists(file)) return "";
    const std::string text = get(file);
    for (const auto line : twin::split(text, '\n'))
      if (line.starts_with("mode: ")) return std::string(line.substr(6));
    return text;
  }

  /// Whether something comes to be so.
  bool until(const std::function<bool()>& so, double seconds = 30) {
    const double end = twin::monotonic_seconds() + seconds;
    while (!so()) {
      if (twin::monotonic_seconds() > end) return false;
      read(0.02);
    }
    return true;
  }

  void read(double seconds) {
    if (const auto chunk = child_->read(twin::process::Seconds(seconds)))
      (chunk->channel == twin::process::Channel::out ? out_ : said_) += chunk->bytes;
    else if (!child_->timed_out())
      ::usleep(20000);
  }

  /// What has been told by events so far, and what now.
  Words events() {
    Words out;
    for (const auto& event : all<twin::record::Event>(out_.substr(0, out_.rfind('\n') + 1)))
      out.push_back(event.what);
    return out;
  }
  bool told(const std::string& what) {
    return until([&] { return std::ranges::count(events(), what) > 0; });
  }

  int end(int signal = SIGTERM) {
    ::kill(child_->pid(), signal);
    while (const auto chunk = child_->read(twin::process::Seconds(20)))
      (chunk->channel == twin::process::Channel::out ? out_ : said_) += chunk->bytes;
    return child_->wait(twin::process::Seconds(20)).status;
  }

  std::string bounds_ = obey_bounds;  ///< but for the actuator
  std::unique_ptr<twin::process::Child> child_;
  std::string out_, said_;
  int sequence_ = 0;
};

}  // namespace tools
