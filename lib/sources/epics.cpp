// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/epics.h"

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "sources/epics_child.h"

namespace twin::sources {

namespace {

/// Without $PATH libca starts no caRepeater, which would outlive us; one that runs is used.
process::Launch epics_launch(const std::string& program) {
  return {.argv = {program.empty() ? "/proc/self/exe" : program, epics_child_mark},
          .environment = {{"PATH", "/var/empty"}, {"MALLOC_ARENA_MAX", "2"}}};
}

}  // namespace

Epics::Epics(const std::string& program, double seconds) : child_(epics_launch(program)) {
  const auto first = next(seconds);
  if (first && first->kind == ChannelNews::Kind::ready) return;
  throw Error(Cause::unavailable, first && first->kind == ChannelNews::Kind::missing
                                      ? "EPICS: " + first->text
                                      : "EPICS: its child did not begin: " + last_words());
}

void Epics::order(const std::string& line) {
  if (gone_) throw Error(Cause::unavailable, "EPICS: its child has gone");
  try {
    child_.write(line + "\n", process::Seconds(2));
  } catch (const Error&) {
    gone_ = true;
    throw;
  }
}

void Epics::watch(std::uint32_t channel, const std::string& name) {
  order("watch " + std::to_string(channel) + " " + name);
}

std::uint32_t Epics::ask(std::uint32_t channel) {
  order("ask " + std::to_string(channel) + " " + std::to_string(++requests_));
  return requests_;
}

std::uint32_t Epics::put(std::uint32_t channel, double value) {
  order("put " + std::to_string(channel) + " " + std::to_string(++requests_) + " " +
        shortest(value));
  return requests_;
}

void Epics::leave_behind(std::uint32_t channel, double value) {
  order("last " + std::to_string(channel) + " " + shortest(value));
}

void Epics::leave_nothing_behind() { order("last"); }

std::string Epics::last_words() const {
  const std::string last = printable(trim(said_));
  return last.empty() ? "it said nothing" : last;
}

std::optional<ChannelNews> Epics::taken() {
  const auto message = messages_.next();
  if (!message) return std::nullopt;
  if (message->kind != Message::Kind::channel)
    throw Error(Cause::data, "EPICS: its child said what it was not asked for");
  return decode_news(message->body);
}

std::optional<ChannelNews> Epics::next(double seconds) {
  const double end = monotonic_seconds() + seconds;
  int chatter = 0;  // that is for people
  try {
    while (!gone_) {
      if (auto news = taken()) return news;
      const auto chunk = child_.read(process::Seconds(end - monotonic_seconds()));
      if (!chunk && child_.timed_out()) return std::nullopt;
      gone_ = !chunk;
      if (!chunk) break;
      if (chunk->channel == process::Channel::out) {
        messages_.add(chunk->bytes);
        continue;
      }
      said_ += chunk->bytes;
      if (said_.size() > 300) said_.erase(0, said_.size() - 300);
      if (++chatter > 100 && monotonic_seconds() > end) return std::nullopt;
    }
  } catch (const Error&) {
    gone_ = true;  // nothing of it is believed any more
  }
  return std::nullopt;
}

}  // namespace twin::sources
