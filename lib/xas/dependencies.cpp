// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/dependencies.h"

namespace twin::xas {

namespace {

enum class Mark { none, open, done };

struct Walk {
  const std::vector<std::vector<std::size_t>>& on;
  std::vector<Mark> marks;
  Dependencies out;

  // Depth first, with a stack of our own: how deep is for the recipe to say.
  void from(std::size_t root) {
    struct Level {
      std::size_t at, next;
    };
    std::vector<Level> stack;
    const auto open = [&](std::size_t at) {
      if (marks[at] == Mark::open) out.circular = at;
      if (marks[at] != Mark::none) return;
      marks[at] = Mark::open;
      stack.push_back({at, 0});
    };
    open(root);
    while (!stack.empty() && !out.circular) {
      Level& top = stack.back();
      if (top.next < on[top.at].size()) {
        open(on[top.at][top.next++]);
        continue;
      }
      marks[top.at] = Mark::done;
      out.order.push_back(top.at);
      stack.pop_back();
    }
  }
};

}  // namespace

Dependencies in_order(const std::vector<std::vector<std::size_t>>& on,
                      const std::vector<std::size_t>& roots) {
  Walk walk{on, std::vector<Mark>(on.size(), Mark::none), {}};
  for (const std::size_t root : roots)
    if (!walk.out.circular) walk.from(root);
  return walk.out;
}

}  // namespace twin::xas
