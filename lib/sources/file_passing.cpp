// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/file_passing.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace twin::sources {

namespace {

constexpr std::size_t most_bytes = 8192;

/// A message with room for one descriptor.
struct Packet {
  Packet(char* bytes, std::size_t size) : part{bytes, size} {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
  }
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  iovec part;
  msghdr message{};
};

}  // namespace

bool pass_file(int socket, int file, const std::string& text) {
  std::string bytes = text.substr(0, most_bytes);
  Packet packet(bytes.data(), bytes.size());
  cmsghdr* const head = CMSG_FIRSTHDR(&packet.message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(head), &file, sizeof file);
  ssize_t sent = 0;
  do sent = ::sendmsg(socket, &packet.message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

std::pair<Descriptor, std::string> receive_file(int socket) {
  std::string bytes(most_bytes, '\0');
  Packet packet(bytes.data(), bytes.size());
  ssize_t got = 0;
  do got = ::recvmsg(socket, &packet.message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return {};
  bytes.resize(static_cast<std::size_t>(got));
  const cmsghdr* const head = CMSG_FIRSTHDR(&packet.message);
  if (head == nullptr || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
      head->cmsg_len != CMSG_LEN(sizeof(int)))
    return {};
  int file = -1;
  std::memcpy(&file, CMSG_DATA(head), sizeof file);
  return {Descriptor(file), std::move(bytes)};
}

std::pair<Descriptor, Descriptor> socket_pair() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(Cause::unavailable, std::string("no sockets: ") + std::strerror(errno));
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace twin::sources
