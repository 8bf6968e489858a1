// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

namespace twin::store {

/// Publishes a run in a thread of its own while its journal grows: whoever measures does not wait.
class Publisher {
 public:
  /// \param run  its file, the journal beside it
  explicit Publisher(std::string run) : run_(std::move(run)) {}
  ~Publisher() { wait(); }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Begins to publish what the journal has; not while one is under way.
  void begin();

  [[nodiscard]] bool busy() const { return busy_; }

  /// Waits for one that is under way.
  /// \return  the last sequence that it published; nothing where none was begun since, or it failed
  std::optional<std::int64_t> wait();

  /// Why the last one failed, once; "" where it did not.
  [[nodiscard]] std::string failure();

 private:
  void work();

  std::string run_;
  std::thread thread_;
  std::atomic<bool> busy_ = false;
  std::optional<std::int64_t> done_;  ///< the thread's until it has ended
  std::string failure_;
};

}  // namespace twin::store
