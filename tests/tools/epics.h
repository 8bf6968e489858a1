// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/text.h"
#include "places.h"
#include "process/child.h"

namespace tools {

/// An IOC of softioc, by the Python of $EPICS_PYTHON, at a port of its own on this machine, and the
/// variables by which everything that is started finds that one alone.
class Ioc {
 public:
  Ioc() : port_(free_port()) {
    set("EPICS_CA_SERVER_PORT", std::to_string(port_));
    set("EPICS_CAS_SERVER_PORT", std::to_string(port_));
    set("EPICS_CA_REPEATER_PORT", std::to_string(free_port()));
    set("EPICS_CA_ADDR_LIST", "127.0.0.1");
    set("EPICS_CA_AUTO_ADDR_LIST", "NO");
    set("EPICS_CAS_INTF_ADDR_LIST", "127.0.0.1");
    set("EPICS_CAS_BEACON_ADDR_LIST", "127.0.0.1");
    set("EPICS_CAS_AUTO_BEACON_ADDR_LIST", "NO");
    set("PVXS_QSRV_ENABLE", "NO");
    if (const auto library = libca(); !library.empty()) set("TWIN_LIBCA", library);
  }
  ~Ioc() {
    for (const auto& name : names_) ::unsetenv(name.c_str());
  }
  Ioc(const Ioc&) = delete;
  Ioc& operator=(const Ioc&) = delete;

  static std::string python() {
    const char* out = std::getenv("EPICS_PYTHON");
    return out == nullptr ? "" : out;
  }

  /// \param mode  that it begins in
  void start(const std::string& mode = "0") {
    child_ = std::make_unique<twin::process::Child>(twin::process::Launch{
        .argv = {python(), twin::source_dir() + "/tests/tools/epics_ioc.py", mode}});
    ASSERT_EQ(answer(), "+ up") << child_->last_lines();
  }

  /// A variable of the environment, for as long as this lives.
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }

  /// As a power cut.
  void kill() { child_.reset(); }

  /// It stays, and says nothing.
  void hang() { ::kill(child_->pid(), SIGSTOP); }
  void wake() { ::kill(child_->pid(), SIGCONT); }

  /// A statement of Python there: what it answered.
  std::string say(const std::string& statement) {
    child_->write(statement + "\n", twin::process::Seconds(20));
    return answer();
  }

 private:
  /// The library beside softioc; Debian's, or whatever there is, without.
  static std::string libca() {
    if (python().empty()) return "";
    const auto said = twin::process::run(
        {.argv = {python(), "-c", "from epicscorelibs.path import get_lib; print(get_lib('ca'))"}},
        twin::process::Seconds(60));
    return std::string(twin::trim(said.out));
  }

  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket, any, size), 0);
    EXPECT_EQ(::getsockname(socket, any, &size), 0);
    ::close(socket);
    return ntohs(address.sin_port);
  }

  std::string answer() {
    while (true) {
      while (const auto line = lines_.next())
        if (line->starts_with("+")) return *line;
      const auto chunk = child_->read(twin::process::Seconds(60));
      if (!chunk) return "";
      if (chunk->channel == twin::process::Channel::out) lines_.add(chunk->bytes);
    }
  }

  int port_;
  std::vector<std::string> names_;
  std::unique_ptr<twin::process::Child> child_;
  twin::process::LineBuffer lines_;
};

/// Skips the test that it stands in where there is no such Python.
#define SKIP_WITHOUT_IOC() \
  if (tools::Ioc::python().empty()) GTEST_SKIP() << "skipped: no softioc ($EPICS_PYTHON)"

}  // namespace tools
