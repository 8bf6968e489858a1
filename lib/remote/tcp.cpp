// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/tcp.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"

namespace twin::remote {

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses addresses_of(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int rc = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (rc == 0) return {found, freeaddrinfo};
  throw Error(Cause::unavailable,
              printable(host) + ": no such host (" + gai_strerror(rc) + "); is its name right?");
}

/// Waits for a connection under way. \return 0, or what went wrong.
int finish(int number, process::Seconds limit) {
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(limit);
  while (true) {
    const process::Seconds left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return ETIMEDOUT;
    if (interrupted() != 0) throw Error(Cause::unavailable, "interrupted");
    pollfd polled{number, POLLOUT, 0};
    if (::poll(&polled, 1, static_cast<int>(std::ceil(left.count() * 1e3))) <= 0) continue;
    int trouble = 0;
    socklen_t size = sizeof trouble;
    getsockopt(number, SOL_SOCKET, SO_ERROR, &trouble, &size);
    return trouble;
  }
}

}  // namespace

Descriptor connect_tcp(const std::string& host, int port, process::Seconds limit) {
  const Addresses addresses = addresses_of(host, port);
  const auto count = std::max<std::ptrdiff_t>(1, [&] {
    std::ptrdiff_t all = 0;
    for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) ++all;
    return all;
  }());
  int trouble = 0;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    Descriptor socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.open()) continue;
    const int rc = ::connect(socket.number(), one->ai_addr, one->ai_addrlen);
    trouble = rc == 0 ? 0 : errno;
    // A dead address leaves time for the next.
    if (trouble == EINPROGRESS)
      trouble = finish(socket.number(), limit / static_cast<double>(count));
    if (trouble != 0) continue;
    const int yes = 1;
    setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return socket;
  }
  throw Error(Cause::unavailable, printable(host) + ", port " + std::to_string(port) + ": " +
                                      std::strerror(trouble) + "; is it up, and the port right?");
}

}  // namespace twin::remote
