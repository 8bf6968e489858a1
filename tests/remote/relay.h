// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <thread>

#include "core/descriptor.h"

struct pollfd;

namespace twin::remote {

/// A TCP relay on the loopback, in a thread of its own: as far away as is wanted, as wide as the
/// machine, and it breaks when it is told to.
class Relay {
 public:
  /// \param listen_port  0 = any that is free
  /// \param delay        each way, s
  Relay(int listen_port, int target_port, double delay);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  [[nodiscard]] int port() const { return port_; }

  /// Resets all connections. New ones are taken.
  void cut() { cut_ = true; }

  /// Resets the connection that has brought so many bytes to the client, once.
  void cut_after(std::uint64_t bytes) { cut_after_ = bytes; }
  [[nodiscard]] bool cut_is_due() const { return cut_after_ != never; }

  /// Holds back all that comes from now on; nothing is closed.
  void fall_silent() { silent_ = true; }

  /// Bytes that were brought to clients by now.
  [[nodiscard]] std::uint64_t brought() const { return brought_; }
  [[nodiscard]] int connections() const { return connections_; }  ///< in all
  [[nodiscard]] int open() const { return open_; }                ///< now

 private:
  struct Pair;
  void work();
  std::unique_ptr<Pair> take_one();
  bool serve(Pair& pair, const pollfd* ends);

  int target_port_, port_ = 0;
  double delay_;
  Descriptor listener_;
  std::atomic<bool> ends_ = false, cut_ = false, silent_ = false;
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  std::atomic<std::uint64_t> cut_after_{never}, brought_{0};
  std::atomic<int> connections_{0}, open_{0};
  std::thread thread_;
};

/// A TCP port of the loopback that nothing listens at now.
[[nodiscard]] int free_port();

/// A listening socket of the loopback, and its port.
[[nodiscard]] Descriptor listen_at(int port, int& got);

}  // namespace twin::remote
