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
  for (int each : {SIGINT, SIGTERM, SIGHUP}) std::signal(each, SIG_DFL);
}

}  // namespace

void watch_signals() {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);        // writing tells instead
  action.sa_handler = remember_signal;  // no SA_RESTART: a blocked read returns and can ask
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now = {};
    sigaction(number, nullptr, &now);
    // Whoever started us with a signal ignored (nohup, a shell's background) wants it so.
    if (now.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
}

int interrupted() noexcept { return caught; }

}  // namespace twin
