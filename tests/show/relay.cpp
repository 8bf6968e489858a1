// SPDX-License-Identifier: GPL-3.0-or-later
// A TCP relay on the loopback, as far away as is wanted: for measuring, and for trying how a tool
// takes a broken line.
#include "remote/relay.h"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>

#include "core/text.h"

int main(int argc, char** argv) {
  const auto number = [&](int at) { return twin::parse_double(at < argc ? argv[at] : ""); };
  const auto listen = number(1), target = number(2), delay = number(3);
  const auto most_cuts = number(4), most_bytes = number(5);
  if (!listen || !target || !delay) {
    std::fputs(
        "usage: show_relay LISTEN_PORT TARGET_PORT DELAY_MS [CUTS MOST_BYTES]\n"
        "DELAY_MS is added each way. Prints the port it listens at (LISTEN_PORT 0: any).\n"
        "CUTS connections are reset, each after a random number of bytes of at most MOST_BYTES.\n"
        "SIGUSR1 resets all connections; at SIGTERM it prints the bytes brought to clients.\n",
        stderr);
    return 64;
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGUSR1, SIGTERM, SIGINT}) sigaddset(&signals, one);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // in its thread too
  try {
    twin::remote::Relay relay(static_cast<int>(*listen), static_cast<int>(*target), *delay * 1e-3);
    std::printf("%d\n", relay.port());
    std::fflush(stdout);
    std::mt19937_64 random(6);
    std::uniform_real_distribution<double> part(0.0, 1.0);
    const timespec soon{0, 500000};
    for (int came = 0, cuts = 0; came != SIGTERM && came != SIGINT;) {
      if (cuts < most_cuts.value_or(0) && !relay.cut_is_due()) {
        relay.cut_after(1 + static_cast<std::uint64_t>(part(random) * most_bytes.value_or(0)));
        ++cuts;
      }
      came = sigtimedwait(&signals, nullptr, &soon);
      if (came == SIGUSR1) relay.cut();
    }
    std::printf("%llu\n", static_cast<unsigned long long>(relay.brought()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "show_relay: %s\n", error.what());
    return 69;
  }
}
