// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "core/descriptor.h"
#include "core/interrupt.h"
#include "core/time.h"

namespace twin::remote {

namespace {

constexpr std::string_view request_identities{"\0\0\0\1\x0b", 5};

bool readable(int number, double until) {
  while (interrupted() == 0) {
    const double left = until - monotonic_seconds();
    if (left <= 0) return false;
    pollfd polled{number, POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(std::ceil(left * 1e3))) > 0) return true;
  }
  return false;
}

}  // namespace

bool agent_answers(const std::string& socket, process::Seconds limit) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket.data(), socket.size());
  const double until = monotonic_seconds() + limit.count();
  const Descriptor agent(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  // One whose queue is full (EAGAIN) does not come to answering.
  if (!agent.open() || ::connect(agent.number(), generic, sizeof address) != 0) return false;
  const auto sent =
      ::send(agent.number(), request_identities.data(), request_identities.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request_identities.size())) return false;
  char first = 0;
  return readable(agent.number(), until) && ::recv(agent.number(), &first, 1, 0) == 1;
}

}  // namespace twin::remote
