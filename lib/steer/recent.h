// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace twin::steer {

/// What was kept last under names, the oldest forgotten.
template <class T>
class Recent {
 public:
  /// \param most  that are kept
  explicit Recent(std::size_t most = 2000) : most_(most) {}

  /// Nothing under "".
  void put(const std::string& name, T value) {
    if (name.empty() || !all_.insert_or_assign(name, std::move(value)).second) return;
    order_.push_back(name);
    if (order_.size() <= most_) return;
    all_.erase(order_.front());
    order_.pop_front();
  }

  [[nodiscard]] const T* find(const std::string& name) const {
    const auto found = all_.find(name);
    return found == all_.end() ? nullptr : &found->second;
  }

  void clear() {
    all_.clear();
    order_.clear();
  }

 private:
  std::size_t most_;
  std::map<std::string, T> all_;
  std::deque<std::string> order_;
};

}  // namespace twin::steer
