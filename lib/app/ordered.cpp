// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/ordered.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace twin::app {

namespace {
constexpr std::size_t most_a_thread = 8;
}

struct Ordered::State {
  struct Slot {
    Work work;
    std::optional<Outcome> outcome;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Slot>> line;     // in the order of push(); the head is handed on next
  std::deque<std::shared_ptr<Slot>> waiting;  // not begun
  std::exception_ptr trouble;
  bool handing = false;  // somebody is handing outcomes on
  bool leaving = false;
  std::vector<std::thread> threads;

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return leaving || !waiting.empty(); });
      if (leaving) return;
      const auto slot = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      Outcome outcome = [] {};
      std::exception_ptr thrown;
      try {
        outcome = slot->work();
      } catch (...) {
        thrown = std::current_exception();
      }
      lock.lock();
      if (thrown && !trouble) trouble = thrown;
      slot->outcome = std::move(outcome);
      hand_on(lock);
      changed.notify_all();
    }
  }

  // The outcomes at the head, by one thread at a time; the lock is not held meanwhile.
  void hand_on(std::unique_lock<std::mutex>& lock) {
    if (handing) return;
    handing = true;
    while (!line.empty() && line.front()->outcome) {
      const auto slot = line.front();
      if (!trouble) {
        lock.unlock();
        std::exception_ptr thrown;
        try {
          (*slot->outcome)();
        } catch (...) {
          thrown = std::current_exception();
        }
        lock.lock();
        if (thrown && !trouble) trouble = thrown;
      }
      line.pop_front();
      changed.notify_all();
    }
    handing = false;
  }

  void raise() {
    if (trouble) std::rethrow_exception(trouble);
  }
};

Ordered::Ordered(int jobs) : state_(std::make_unique<State>()) {
  if (jobs < 2) return;
  for (int i = 0; i < jobs; ++i) state_->threads.emplace_back([this] { state_->serve(); });
}

Ordered::~Ordered() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->leaving = true;
  }
  state_->changed.notify_all();
  for (auto& thread : state_->threads) thread.join();
}

void Ordered::push(Work work) {
  if (state_->threads.empty()) return work()();
  std::unique_lock lock(state_->mutex);
  const std::size_t most = most_a_thread * state_->threads.size();
  state_->changed.wait(lock, [&] { return state_->trouble || state_->line.size() < most; });
  state_->raise();
  auto slot = std::make_shared<State::Slot>();
  slot->work = std::move(work);
  state_->line.push_back(slot);
  state_->waiting.push_back(std::move(slot));
  state_->changed.notify_all();
}

void Ordered::finish() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->line.empty(); });
  state_->raise();
}

}  // namespace twin::app
