// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/surroundings.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/channel_state.h"
#include "app/teller.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "sources/epics.h"
#include "stream/documents.h"

namespace twin::app {

using sources::ChannelNews;

struct Surroundings::State {
  State(const std::string& file, AcquireSink& to)
      : path(file), sink(to), document(stream::read_channels(file)), teller(to, "epics") {
    for (const auto& [name, channel] : document.channels) channels.emplace_back(name, channel);
  }

  std::string path;
  AcquireSink& sink;
  record::ContextChannels document;
  Teller teller;

  std::mutex mutex;  ///< of all below
  std::condition_variable changed;
  std::vector<ChannelState> channels;  ///< a child knows them by their number here
  std::vector<Error> wrong;            ///< not yet a failure record
  std::exception_ptr failure;          ///< of the first child
  bool hears = false, begun = false, ending = false;
  std::thread thread;  ///< the child ends with the thread that made it

  void tell(const std::string& what, const ChannelState& channel, const std::string& text) {
    record::Event event;
    event.what = what;
    event.first = channel.name();
    event.second = utc_now();
    event.text = channel.name() + ": " + channel.pv() + " " + text;
    teller.event(std::move(event));
  }

  /// With the lock held.
  void lose(ChannelState& channel) {
    const bool told = channel.lost(seconds_now());
    if (told) tell("channel-lost", channel, "is not connected any more; scans go without it");
  }

  /// With the lock held.
  void take(const ChannelNews& news) {
    if (news.channel >= channels.size()) return;
    ChannelState& channel = channels[news.channel];
    if (news.kind == ChannelNews::Kind::down) return lose(channel);
    const std::string before = channel.trouble();
    const auto said = channel.take(news, seconds_now());
    if (!said.empty()) teller.warning("epics: " + channel.name() + ": " + said);
    if (begun && channel.back()) tell("channel-back", channel, "is connected");
    if (!channel.trouble().empty() && channel.trouble() != before)
      wrong.emplace_back(Cause::data, channel.name() + ": " + channel.trouble());
  }

  std::unique_ptr<sources::Epics> child() const {
    auto out = std::make_unique<sources::Epics>();
    for (std::size_t i = 0; i < document.channels.size(); ++i)
      out->watch(static_cast<std::uint32_t>(i), channels[i].pv());
    return out;
  }

  bool rest(double seconds) {
    std::unique_lock lock(mutex);
    return !changed.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return ending; });
  }

  /// News of one child, until it has gone or all ends.
  void listen(sources::Epics& epics) {
    while (!epics.gone()) {
      const auto news = epics.next(0.1);
      const std::lock_guard lock(mutex);
      if (ending) return;
      if (!news) continue;
      take(*news);
      changed.notify_all();
    }
    teller.warning("epics: its child has gone, another one is begun: " + epics.last_words());
    const std::lock_guard lock(mutex);
    for (auto& channel : channels) lose(channel);
  }

  void hear() {
    const std::lock_guard lock(mutex);
    hears = true;
    changed.notify_all();
  }

  void follow() {
    constexpr double pause = 5;  // s, between two children
    for (bool first = true;; first = false) {
      try {
        const auto epics = child();
        hear();
        listen(*epics);
      } catch (const std::exception& error) {  // also no memory: scans go on without it
        if (!first) teller.warning(error.what());
        const std::lock_guard lock(mutex);
        if (first) failure = std::current_exception();
        changed.notify_all();
        if (first) return;
      }
      if (!rest(pause)) return;
    }
  }

  void begin() {
    thread = std::thread([this] { follow(); });
    std::unique_lock lock(mutex);
    const auto all_there = [&] {
      for (const auto& channel : channels)
        if (!channel.settled()) return false;
      return true;
    };
    changed.wait(lock, [&] { return failure || hears; });
    changed.wait_for(lock, std::chrono::duration<double>(document.connect_seconds),
                     [&] { return failure || all_there(); });
    begun = true;
    if (failure) return;
    for (auto& channel : channels)
      if (!channel.settled() && channel.missing())
        tell("channel-missing", channel, "is not connected; scans go without it");
  }
};

Surroundings::Surroundings(const std::string& path, AcquireSink& sink)
    : state_(std::make_unique<State>(path, sink)) {
  state_->begin();
  std::unique_lock lock(state_->mutex);
  auto failure = state_->failure;
  if (!failure && !state_->wrong.empty())
    failure = std::make_exception_ptr(
        Error(Cause::configuration, printable(path) + ": " + state_->wrong.front().what()));
  state_->ending = failure != nullptr;
  state_->changed.notify_all();
  lock.unlock();
  if (!failure) return;
  state_->thread.join();
  std::rethrow_exception(failure);
}

Surroundings::~Surroundings() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
    state_->changed.notify_all();
  }
  state_->thread.join();
}

void Surroundings::add(record::Measurement& measurement) {
  std::vector<Error> wrong;
  {
    const std::lock_guard lock(state_->mutex);
    wrong = std::exchange(state_->wrong, {});
    if (measurement.origin == record::Origin::physical) {
      const auto to = parse_utc(measurement.measured_at).value_or(seconds_now());
      const auto from = parse_utc(measurement.measured_from);
      for (const auto& channel : state_->channels)
        channel.put_into(measurement.context.environment, from, to,
                         state_->document.tolerance_seconds);
    }
  }
  for (const auto& error : wrong) state_->sink.failed(error, state_->path);
}

}  // namespace twin::app
