// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>

namespace twin::md {

/// As many as there are processors that this process may use; 1 where that is not known.
[[nodiscard]] unsigned processors();

/// Calls \p work(i) for every i below \p count, in up to \p threads threads at once, this one among
/// them, and returns when all calls are over. Outcomes are the same whatever the number of threads
/// where the calls share nothing that any of them changes.
///
/// \throws what the call with the lowest i of those that threw did; calls that had not begun by
/// then
///         may be left out
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace twin::md
