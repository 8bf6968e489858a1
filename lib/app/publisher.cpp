// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/publisher.h"

#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"

namespace twin::app {

namespace {

constexpr process::Seconds longest{3600};
constexpr double rest_after_failure = 60;  // s

}  // namespace

bool Publisher::begin() {
  const bool ended_now = ended();
  if (child_ || monotonic_seconds() < rests_until_) return ended_now;
  began_ = monotonic_seconds();
  try {
    child_.emplace(process::Launch{
        .argv = {"/proc/self/exe", "--quiet", "--publish", "--into", run_}, .niceness = 10});
    child_->close_input();
  } catch (const Error& failed) {
    rests_until_ = began_ + rest_after_failure;
    cli::warning(std::string(failed.what()) + ": not published; all is in the journal");
  }
  return ended_now;
}

bool Publisher::ended() {
  if (!child_ || child_->running()) return false;
  finish(child_->wait(longest));
  return true;
}

void Publisher::wait() {
  if (child_) finish(child_->wait(longest));
}

void Publisher::finish(const process::Ending& ending) {
  child_.reset();
  const double now = monotonic_seconds();
  rests_until_ = now + 9 * (now - began_);
  if (ending.status != 0)
    cli::warning(printable(run_) + ": not published (" + ending.last_lines +
                 "); all is in the journal");
}

}  // namespace twin::app
