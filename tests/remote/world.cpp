// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/world.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "core/error.h"
#include "message_of.h"
#include "remote/relay.h"
#include "remote/tcp.h"

/// libssh2 1.10 loses the first list of methods when it is asked again, and its key of an exchange
/// that is cut; both are not ours to free.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libssh2\nleak:CRYPTO_zalloc\n";
}

namespace twin::remote {

namespace fs = std::filesystem;

namespace {

std::string sshd_program() {
  const std::string found = process::find_program("sshd");
  return found.empty() ? "/usr/sbin/sshd" : found;
}

bool answers(int port) {
  try {
    return connect_tcp("127.0.0.1", port, process::Seconds(1)).open();
  } catch (const Error&) {
    return false;
  }
}

std::string user_here() {
  const std::string line = World::must({"id", "-un"});
  return line.substr(0, line.find('\n'));
}

}  // namespace

World::World() : folder_("ssh") {
  fs::create_directory(file("run"));
  fs::permissions(file("run"), fs::perms::owner_all);
  fs::create_directory(file("far"));
  ::setenv("XDG_RUNTIME_DIR", file("run").c_str(), 1);
  ::setenv("TWIN_SSH_CONFIG", file("config").c_str(), 1);
  ::unsetenv("SSH_AUTH_SOCK");
  if (::getuid() == 0) ::mkdir("/run/sshd", 0755);  // sshd wants it
  write(file("config"), "");
  write(file("authorized_keys"), "");
}

/// Masters of shared connections would live on for their minute.
World::~World() {
  for (const auto& entry : fs::directory_iterator(file("run")))
    if (fs::is_socket(entry.path()))
      static_cast<void>(process::run(
          {.argv = {"ssh", "-F", "none", "-S", entry.path().string(), "-O", "exit", "all"}},
          process::Seconds(10)));
}

std::string World::missing() {
  for (const char* program : {"ssh", "sftp", "ssh-keygen"})
    if (process::find_program(program).empty()) return std::string("no ") + program;
  const passwd* user = ::getpwuid(::getuid());
  const std::string shell = user != nullptr ? user->pw_shell : "";
  if (shell.ends_with("nologin") || shell.ends_with("/false")) return "sshd lets this user not in";
  return ::access(sshd_program().c_str(), X_OK) == 0 ? "" : "no sshd";
}

void World::make_key(const std::string& name, const std::string& type,
                     const std::string& passphrase) const {
  must({"ssh-keygen", "-q", "-t", type, "-b", type == "rsa" ? "2048" : "256", "-N", passphrase,
        "-C", "test", "-f", file(name)});
}

int World::start_sshd(const std::string& name, const std::vector<std::string>& key_types,
                      const std::string& more) {
  const int port = free_port();
  std::string config = more + "Port " + std::to_string(port) +
                       "\nListenAddress 127.0.0.1\nPidFile none\n" + "AuthorizedKeysFile " +
                       file("authorized_keys") +
                       "\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n"
                       "StrictModes no\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
                       "LogLevel ERROR\n";
  for (const std::string& type : key_types) {
    const std::string key = name + "_" + type;
    if (!fs::exists(file(key))) make_key(key, type);
    config += "HostKey " + file(key) + "\n";
  }
  write(file(name + ".conf"), config);
  auto child = std::make_unique<process::Child>(
      process::Launch{.argv = {sshd_program(), "-D", "-e", "-f", file(name + ".conf")}});
  for (int attempt = 0; attempt < 500 && child->running() && !answers(port); ++attempt)
    std::this_thread::sleep_for(process::Seconds(0.01));
  if (!child->running())
    throw std::runtime_error("sshd: " + child->wait(process::Seconds(1)).last_lines);
  running_.emplace_back(name, std::move(child));
  return port;
}

void World::stop_sshd(const std::string& name) {
  std::erase_if(running_, [&](const auto& one) { return one.first == name; });
}

std::string World::known_line(int port, const std::string& key) const {
  return "[127.0.0.1]:" + std::to_string(port) + " " + read_file(file(key + ".pub"));
}

void World::add_host(const std::string& alias, int port, const std::string& more) const {
  std::ofstream config(file("config"), std::ios::app);
  config << "Host " << alias << "\n  HostName 127.0.0.1\n  Port " << port << "\n" << more;
  if (more.find("IdentityFile") == std::string::npos)
    config << "  IdentityFile " << file("id") << "\n";
  if (more.find("UserKnownHostsFile") == std::string::npos)
    config << "  UserKnownHostsFile " << file("known_hosts") << "\n";
  config << "  GlobalKnownHostsFile none\n  User " << user_here() << "\n";
}

std::string World::must(const std::vector<std::string>& argv, const std::string& input) {
  const process::Finished done = process::run({.argv = argv}, process::Seconds(60), input);
  if (done.ending.status != 0) throw std::runtime_error(argv.front() + ": " + done.error);
  return done.out;
}

void World::write(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (!file.flush()) throw std::runtime_error(path + ": not written");
}

void InWorld::SetUp() {
  if (const std::string missing = World::missing(); !missing.empty()) GTEST_SKIP() << missing;
  world = std::make_unique<World>();
  world->make_key("id");
  World::write(here("authorized_keys"), read_file(here("id.pub")));
  port = world->start_sshd("sshd");
  World::write(here("known_hosts"), world->known_line(port, "sshd_ed25519"));
  world->add_host("far", port);
}

std::unique_ptr<Connection> InWorld::reach(Transport transport, const std::string& host,
                                           bool accept_new) const {
  return connect(settings_of(host), {transport, accept_new, connect_time, idle_time});
}

std::string InWorld::refused(Transport transport, Cause cause, const std::string& host,
                             bool accept_new) const {
  return message_of([&] { static_cast<void>(reach(transport, host, accept_new)); }, cause);
}

std::string name_of_transport(const ::testing::TestParamInfo<Transport>& info) {
  return info.param == Transport::libssh2 ? "Libssh2" : "OpenSsh";
}

std::string noise(std::size_t size) {
  std::mt19937_64 random(20);
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t eight = random();
    std::memcpy(bytes.data() + at, &eight, std::min<std::size_t>(8, size - at));
  }
  return bytes;
}

}  // namespace twin::remote
