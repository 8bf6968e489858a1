// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace twin {

namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void remember_signal(int number) {
  caught = number;
  // signal() is async-signal-safe: the next one of either kind ends the process.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void watch_signals() {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  std::signal(SIGPIPE, SIG_IGN);
  action.sa_handler = remember_signal;  // no SA_RESTART: a blocked read returns and can ask
  for (int number : {SIGINT, SIGTERM}) {
    struct sigaction now = {};
    sigaction(number, nullptr, &now);
    // Whoever started us with SIGINT ignored (nohup, a shell's background) wants it so.
    if (now.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
}

int interrupted() noexcept { return caught; }

}  // namespace twin
