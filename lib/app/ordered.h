// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

namespace twin::app {

/// Work done by several threads, its outcomes handed on one at a time, in the order in which the
/// work came, and as soon as all before are there.
class Ordered {
 public:
  using Outcome = std::function<void()>;
  using Work = std::function<Outcome()>;

  /// \param jobs  threads; 1 = the caller's own, and push() returns when the outcome is handed on
  explicit Ordered(int jobs);
  ~Ordered();  ///< waits for work that has begun; outcomes that are left are dropped
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;

  /// Waits while eight pieces of work a thread are under way: memory stays bounded.
  /// \throws what work or an outcome threw, one call late; nothing is handed on after that
  void push(Work work);

  /// Waits until all is handed on.  \throws as push()
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
