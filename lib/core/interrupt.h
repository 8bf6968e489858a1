// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin {

/// From now on SIGINT, SIGTERM and SIGHUP raise a flag that long loops poll; a second signal kills
/// at once. A read or wait under way is cut short (EINTR). SIGPIPE is ignored: writing tells
/// instead.
void watch_signals();

/// The signal that asked this program to end (SIGINT, SIGTERM, SIGHUP), or 0. Cheap: poll it often,
/// and after each EINTR.
[[nodiscard]] int interrupted() noexcept;

}  // namespace twin
