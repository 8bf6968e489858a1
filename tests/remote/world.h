// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "process/child.h"
#include "remote/connection.h"

namespace twin::remote {

using Transport = ConnectSettings::Transport;

/// A folder with keys, a client's configuration and hosts of its own: sshd on the loopback, ended
/// with it. Keys are made when it begins.
class World {
 public:
  World();
  ~World();

  /// "" when there is all that is needed, else what is not.
  static std::string missing();

  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  /// Makes a key pair: FILE and FILE.pub.
  void make_key(const std::string& name, const std::string& type = "ed25519",
                const std::string& passphrase = "") const;

  /// Starts an sshd that shows these host keys, which are made, and takes the users' keys in
  /// "authorized_keys". \return its port
  int start_sshd(const std::string& name, const std::vector<std::string>& key_types = {"ed25519"},
                 const std::string& more = "");
  void stop_sshd(const std::string& name);

  /// A line of known_hosts for a host's key.
  [[nodiscard]] std::string known_line(int port, const std::string& key) const;

  /// Adds a host to the client's configuration.
  void add_host(const std::string& alias, int port, const std::string& more = "") const;

  /// One command, which must succeed. \return what it wrote on stdout
  static std::string must(const std::vector<std::string>& argv, const std::string& input = "");

  static void write(const std::string& path, const std::string& content);

 private:
  TemporaryFolder folder_;
  std::vector<std::pair<std::string, std::unique_ptr<process::Child>>> running_;
};

/// Tests with a world in which the host "far" is known and takes the key "id".
class InWorld : public ::testing::Test {
 protected:
  void SetUp() override;

  [[nodiscard]] std::unique_ptr<Connection> reach(Transport transport,
                                                  const std::string& host = "far",
                                                  bool accept_new = false) const;

  /// The message of what reach() throws.
  [[nodiscard]] std::string refused(Transport transport, Cause cause,
                                    const std::string& host = "far", bool accept_new = false) const;

  [[nodiscard]] std::string here(const std::string& name) const { return world->file(name); }

  std::unique_ptr<World> world;
  int port = 0;
  process::Seconds connect_time{10}, idle_time{20};
};

/// The same, once for each transport.
class BothTransports : public InWorld, public ::testing::WithParamInterface<Transport> {
 protected:
  [[nodiscard]] std::unique_ptr<Connection> reach(const std::string& host = "far",
                                                  bool accept_new = false) const {
    return InWorld::reach(GetParam(), host, accept_new);
  }
  [[nodiscard]] std::string refused(Cause cause, const std::string& host = "far",
                                    bool accept_new = false) const {
    return InWorld::refused(GetParam(), cause, host, accept_new);
  }
};

/// For INSTANTIATE_TEST_SUITE_P.
[[nodiscard]] std::string name_of_transport(const ::testing::TestParamInfo<Transport>& info);

/// Bytes without a pattern, the same each time.
[[nodiscard]] std::string noise(std::size_t size);

}  // namespace twin::remote
