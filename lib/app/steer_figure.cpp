// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_figure.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "app/steer_picture.h"
#include "cli/log.h"
#include "core/text.h"
#include "plot/figure.h"

namespace twin::app {

namespace {

/// Signals cut the waiting of the thread that reads short, not this one's.
template <class Work>
std::thread without_signals(Work work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread out(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return out;
}

}  // namespace

struct SteerFigure::State {
  State(const std::string& file, const record::Policy& policy, std::optional<double> log_threshold)
      : path(file), picture(policy, log_threshold), thread(without_signals([this] { work(); })) {}

  ~State() {
    {
      const std::lock_guard lock(mutex);
      over = true;
    }
    woken.notify_one();
    thread.join();
  }

  template <typename... What>
  void take(const What&... what) {
    const std::lock_guard lock(mutex);
    picture.take(what...);
    news = true;
  }

 private:
  // gnuplot ends with the thread that started it: it is this one, which outlives it.
  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      woken.wait_for(lock, std::chrono::seconds(3), [this] { return over; });
      if (news) {
        news = false;
        const SteerPicture now = picture;
        lock.unlock();
        draw(now);
        lock.lock();
      }
      if (over && !news) return;
    }
  }

  void draw(const SteerPicture& now) {
    std::string wrong;
    try {
      plot::draw(now.figure(), path);
    } catch (const std::exception& error) {
      wrong = error.what();
    }
    if (!wrong.empty() && wrong != told) cli::warning("--plot: " + printable(wrong));
    told = wrong;
  }

  const std::string path;
  std::mutex mutex;
  std::condition_variable woken;
  SteerPicture picture;
  bool news = false, over = false;
  std::string told;
  std::thread thread;  // last: it uses all of the above
};

SteerFigure::SteerFigure(const std::string& path, const record::Policy& policy,
                         std::optional<double> log_threshold) {
  if (path.empty()) return;
  plot::check_target(path);
  state_ = std::make_unique<State>(path, policy, log_threshold);
}

SteerFigure::~SteerFigure() = default;

void SteerFigure::take(const record::Result& result, long long sample, double log_sum) {
  if (state_) state_->take(result, sample, log_sum);
}

void SteerFigure::take(const record::Event& event) {
  if (state_) state_->take(event);
}

void SteerFigure::take(const record::Command& command) {
  if (state_) state_->take(command);
}

}  // namespace twin::app
