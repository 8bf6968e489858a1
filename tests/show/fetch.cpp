// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches one file as the tools do, tried again where the connection breaks, and says what that
// took.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

#include "core/error.h"
#include "remote/connection.h"

namespace {

using Transport = twin::remote::ConnectSettings::Transport;

/// Tries again where that may help, at most so often.
template <typename Action>
int patiently(int most, Action action) {
  for (int again = 0;; ++again) try {
      action();
      return again;
    } catch (const twin::Error& error) {
      if (error.cause() != twin::Cause::try_again || again >= most) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

int run(const std::string& host, const std::string& remote, const std::string& local,
        Transport transport) {
  using Clock = std::chrono::steady_clock;
  twin::remote::ConnectSettings how;
  how.transport = transport;
  std::unique_ptr<twin::remote::Connection> connection;
  int broken = patiently(
      100, [&] { connection = twin::remote::connect(twin::remote::settings_of(host), how); });
  const auto begin = Clock::now();
  std::uint64_t before = 0, now = 0;
  broken += patiently(100, [&] {
    before += now;
    now = 0;
    connection->fetch(remote, local, [&](std::uint64_t so_far) {
      now = so_far;
      return true;
    });
  });
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::printf("bytes\t%llu\nseconds\t%.3f\nbroken\t%d\ntransport\t%s\n",
              static_cast<unsigned long long>(before + now), seconds, broken,
              connection->description().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string named = argc == 6 && std::string(argv[4]) == "--transport" ? argv[5] : "";
  if (argc != 4 && named != "libssh2" && named != "openssh" && named != "automatic") {
    std::fputs("usage: show_fetch HOST REMOTE LOCAL [--transport automatic|libssh2|openssh]\n",
               stderr);
    return 64;
  }
  const Transport transport = named == "libssh2"   ? Transport::libssh2
                              : named == "openssh" ? Transport::openssh
                                                   : Transport::automatic;
  try {
    return run(argv[1], argv[2], argv[3], transport);
  } catch (const twin::Error& error) {
    std::fprintf(stderr, "show_fetch: %s\n", error.what());
    return static_cast<int>(error.cause());
  }
}
