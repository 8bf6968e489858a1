// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/lanes.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace twin::md {

namespace {

/// What a thread hands over: a sample, the end (neither), or what went wrong.
struct Item {
  std::optional<Row> row = {};
  DumpFrame frame = {};
  std::exception_ptr error = {};
};

/// The thread of one replica and its queue.
class Lane {
 public:
  explicit Lane(Replica& replica) : replica_(replica) { start(); }

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }

  /// The next item; nothing when none has come for half a second.
  std::optional<Item> pop() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, std::chrono::milliseconds(500), [&] { return !queue_.empty(); }))
      return std::nullopt;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    room_.notify_one();
    return item;
  }

  Replica& replica() { return replica_; }
  bool finished = false;

 private:
  void work(const std::stop_token& stop) {
    Item last;
    try {
      replica_.collect(
          [&](const Row& row, DumpFrame&& frame) {
            push({row, std::move(frame)}, stop);
          },
          stop);
    } catch (...) {
      last.error = std::current_exception();
    }
    push(std::move(last), stop);
  }

  void push(Item item, const std::stop_token& stop) {
    constexpr std::size_t longest = 32;
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop, [&] { return queue_.size() < longest; });
    queue_.push_back(std::move(item));
    arrived_.notify_one();
  }

  Replica& replica_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable_any room_;
  std::deque<Item> queue_;
  std::jthread thread_;  // last: it is stopped and joined before the rest goes
};

using Warnings = std::vector<std::string>;

/// In this thread: a child lives as long as the thread that made it.
void begin_again(Replica& replica, const Crash& crash, Warnings& warnings) {
  replica.begin_again(crash);
  warnings.push_back(std::string("begun again after a crash: ") + crash.what());
}

void begin(Replica& replica, const Stage& stage, Warnings& warnings) {
  try {
    replica.begin(stage);
  } catch (const Crash& crash) {
    begin_again(replica, crash, warnings);
  }
}

/// Goes on when that is what the error allows.
void recover(Lane& lane, const std::exception_ptr& error, Warnings& warnings) {
  try {
    std::rethrow_exception(error);
  } catch (const Crash& crash) {
    begin_again(lane.replica(), crash, warnings);
    lane.start();
  }
}

void serve(Lane& lane, int number, const Sink& sink, const std::function<void()>& tick,
           Warnings& warnings) {
  auto item = lane.pop();
  for (; !item; item = lane.pop()) tick();
  if (item->error) return recover(lane, item->error, warnings);
  if (item->row) return sink(number, *item->row, item->frame);
  lane.finished = true;
}

}  // namespace

void run_stage(std::vector<Replica>& replicas, const Stage& stage, const Sink& sink,
               const std::function<void()>& tick, std::vector<std::string>& warnings) {
  try {
    for (Replica& replica : replicas) begin(replica, stage, warnings);
    std::vector<std::unique_ptr<Lane>> lanes;
    for (Replica& replica : replicas) lanes.push_back(std::make_unique<Lane>(replica));
    for (bool all = false; !all;) {
      all = true;
      for (std::size_t i = 0; i < lanes.size(); ++i) {
        if (!lanes[i]->finished) serve(*lanes[i], static_cast<int>(i), sink, tick, warnings);
        all = all && lanes[i]->finished;
      }
    }
  } catch (...) {
    for (Replica& replica : replicas) replica.abandon();
    throw;
  }
}

}  // namespace twin::md
