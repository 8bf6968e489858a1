// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/teller.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/log.h"

namespace twin::app {

struct Teller::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;
  bool ending = false, gone = false;
  std::thread thread;

  void push(std::function<void()> one) {
    const std::lock_guard lock(mutex);
    if (waiting.size() < 1000) waiting.push_back(std::move(one));
    changed.notify_all();
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return !waiting.empty() || ending; });
      if (waiting.empty()) break;
      const auto one = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      try {
        one();
      } catch (const std::exception&) {
        // Nothing can be printed or stored: whoever does that says so, and ends.
      }
      lock.lock();
    }
    gone = true;
    changed.notify_all();
  }
};

Teller::Teller(AcquireSink& sink, std::string who)
    : state_(std::make_shared<State>()), sink_(sink), who_(std::move(who)) {
  state_->thread = std::thread([state = state_] { state->work(); });
}

Teller::~Teller() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  const bool gone =
      state_->changed.wait_for(lock, std::chrono::seconds(3), [&] { return state_->gone; });
  lock.unlock();
  if (gone)
    state_->thread.join();
  else
    state_->thread.detach();
}

void Teller::note(std::string text) {
  state_->push([text = std::move(text)] { cli::note(text); });
}

void Teller::warning(std::string text) {
  state_->push([text = std::move(text)] { cli::warning(text); });
}

void Teller::event(record::Event event) {
  state_->push([&sink = sink_, who = who_, event = std::move(event)] {
    cli::note(who + ": " + event.what + ": " + event.text);
    sink.take(event);
  });
}

}  // namespace twin::app
