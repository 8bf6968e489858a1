// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/time.h"

namespace twin::remote {

namespace {

constexpr std::size_t most_under_way = 64U << 20;

sockaddr_in loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void at_once(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/// One way: what was read and is not yet due at the other end.
struct Way {
  struct Parcel {
    double due;
    std::string bytes;
    std::size_t sent = 0;
  };
  std::deque<Parcel> parcels;
  std::size_t held = 0;
  bool ended = false;  ///< its source will send no more

  /// \return false when the source is broken
  bool take(int source, double delay) {
    if (ended || held > most_under_way) return true;
    std::string bytes(1U << 18, '\0');
    const ssize_t got = ::recv(source, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    ended = got == 0;
    bytes.resize(static_cast<std::size_t>(got));
    held += bytes.size();
    if (!bytes.empty()) parcels.push_back({monotonic_seconds() + delay, std::move(bytes)});
    return true;
  }

  [[nodiscard]] bool due() const {
    return !parcels.empty() && parcels.front().due <= monotonic_seconds();
  }

  /// \return bytes sent, or -1 when the sink is broken
  ssize_t give(int sink, std::uint64_t most) {
    ssize_t all = 0;
    while (due() && most > 0) {
      Parcel& first = parcels.front();
      const std::size_t left = std::min<std::uint64_t>(first.bytes.size() - first.sent, most);
      const ssize_t put =
          ::send(sink, first.bytes.data() + first.sent, left, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put < 0) return errno == EAGAIN || errno == EINTR ? all : -1;
      first.sent += static_cast<std::size_t>(put);
      held -= static_cast<std::size_t>(put);
      most -= static_cast<std::uint64_t>(put);
      all += put;
      if (first.sent == first.bytes.size()) parcels.pop_front();
    }
    if (ended && parcels.empty()) ::shutdown(sink, SHUT_WR);
    return all;
  }
};

}  // namespace

Descriptor listen_at(int port, int& got) {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = loopback(port);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener.number(), generic, size) != 0 || ::listen(listener.number(), 64) != 0 ||
      ::getsockname(listener.number(), generic, &size) != 0)
    throw std::runtime_error(std::string("no port to listen at: ") + std::strerror(errno));
  got = ntohs(address.sin_port);
  return listener;
}

int free_port() {
  int port = 0;
  const Descriptor listener = listen_at(0, port);
  return port;
}

struct Relay::Pair {
  Descriptor client, target;
  Way up, down;
  std::uint64_t brought = 0;

  void reset() {
    const linger at_once_lost{1, 0};
    setsockopt(client.number(), SOL_SOCKET, SO_LINGER, &at_once_lost, sizeof at_once_lost);
    client.close();
    target.close();
  }

  [[nodiscard]] bool over() const {
    return !client.open() || (up.ended && down.ended && up.parcels.empty() && down.parcels.empty());
  }

  /// What to wait for at both ends.
  void ask(std::vector<pollfd>& polled, bool silent) const {
    const auto wanted = [&](const Way& in, const Way& out) {
      const bool room = !in.ended && in.held <= most_under_way;
      return static_cast<short>(silent ? 0 : (room ? POLLIN : 0) | (out.due() ? POLLOUT : 0));
    };
    polled.push_back({client.number(), wanted(up, down), 0});
    polled.push_back({target.number(), wanted(down, up), 0});
  }

  /// Until when to wait at most.
  [[nodiscard]] double next(double latest) const {
    for (const Way* way : {&up, &down})
      if (!way->parcels.empty() && !way->due()) latest = std::min(latest, way->parcels.front().due);
    return latest;
  }

  /// Moves what can be moved, to the client at most so much in all.
  /// \return bytes brought to the client, or -1 when an end is broken
  ssize_t move(const pollfd* ends, double delay, std::uint64_t most) {
    if (ends[0].revents != 0 && !up.take(client.number(), delay)) return -1;
    if (ends[1].revents != 0 && !down.take(target.number(), delay)) return -1;
    if (up.give(target.number(), ~std::uint64_t{0}) < 0) return -1;
    return down.give(client.number(), most - brought);
  }
};

Relay::Relay(int listen_port, int target_port, double delay)
    : target_port_(target_port),
      delay_(delay),
      listener_(listen_at(listen_port, port_)),
      thread_([this] { work(); }) {}

Relay::~Relay() {
  ends_ = true;
  thread_.join();
}

std::unique_ptr<Relay::Pair> Relay::take_one() {
  auto pair = std::make_unique<Pair>();
  pair->client = Descriptor(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
  pair->target = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(target_port_);
  if (::connect(pair->target.number(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0)
    return nullptr;
  at_once(pair->client.number());
  at_once(pair->target.number());
  ++connections_;
  return pair;
}

/// \return false when the connection is to be reset
bool Relay::serve(Pair& pair, const pollfd* ends) {
  if (silent_) return true;
  const std::uint64_t most = cut_after_;
  const ssize_t put = pair.move(ends, delay_, most);
  if (put < 0) return false;
  pair.brought += static_cast<std::uint64_t>(put);
  brought_ += static_cast<std::uint64_t>(put);
  if (pair.brought < most) return true;
  cut_after_ = never;
  return false;
}

void Relay::work() {
  std::vector<std::unique_ptr<Pair>> pairs;
  while (!ends_) {
    open_ = static_cast<int>(pairs.size());
    std::vector<pollfd> polled{{listener_.number(), POLLIN, 0}};
    double next = monotonic_seconds() + 0.02;
    for (const auto& pair : pairs) {
      pair->ask(polled, silent_);
      next = pair->next(next);
    }
    const double wait = std::max(0.0, next - monotonic_seconds());
    const timespec time{0, static_cast<long>(wait * 1e9)};
    ::ppoll(polled.data(), polled.size(), &time, nullptr);
    const bool cut_now = cut_.exchange(false);
    for (std::size_t i = 0; i < pairs.size(); ++i)
      if (cut_now || !serve(*pairs[i], &polled[2 * i + 1])) pairs[i]->reset();
    std::erase_if(pairs, [](const auto& pair) { return pair->over(); });
    if (polled[0].revents == 0) continue;
    if (auto pair = take_one()) pairs.push_back(std::move(pair));
  }
  for (const auto& pair : pairs) pair->reset();
}

}  // namespace twin::remote
