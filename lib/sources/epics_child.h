// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin::sources {

/// What a program of ours is called with, alone, to be the child that speaks Channel Access.
inline constexpr const char* epics_child_mark = "--epics-child";

/// Whether it was called so.
[[nodiscard]] bool is_epics_child(int argc, char** argv);

/// That child: the only place where libca is loaded, whose threads, crashes and waiting are nobody
/// else's then. It reads orders from stdin, a line each, until that ends:
///
///     watch N NAME         from now on, the value and the properties of this process variable
///     ask N REQUEST        its properties now
///     put N REQUEST VALUE  put with callback
///     last N VALUE         to be put when stdin ends: whoever gave the orders has died
///     last                 takes that back
///
/// and writes messages of ChannelNews to stdout. It outlives a parent that is killed, until its
/// last put has an answer: for 60 s at most.
/// \return  its exit status
int be_epics_child();

}  // namespace twin::sources
