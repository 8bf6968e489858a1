// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "message_of.h"
#include "remote/relay.h"
#include "remote/world.h"

namespace twin::remote {
namespace {

using process::Seconds;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class Login : public BothTransports {
 protected:
  /// An ssh-agent for the hosts that name it: "IdentityAgent".
  void start_agent() {
    agent_ = std::make_unique<process::Child>(
        process::Launch{.argv = {"ssh-agent", "-D", "-a", here("agent")}});
    for (int attempt = 0; attempt < 500 && !fs::exists(here("agent")); ++attempt)
      std::this_thread::sleep_for(Seconds(0.01));
  }

  void add_to_agent(const std::string& key, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> argv{"env", "SSH_AUTH_SOCK=" + here("agent"), "ssh-add", "-q"};
    argv.insert(argv.end(), more.begin(), more.end());
    argv.push_back(here(key));
    World::must(argv);
  }

  [[nodiscard]] std::string agent_line() const { return "  IdentityAgent " + here("agent") + "\n"; }
  [[nodiscard]] std::string key_line(const std::string& key) const {
    return "  IdentityFile " + here(key) + "\n  IdentitiesOnly yes\n";
  }

 private:
  std::unique_ptr<process::Child> agent_;
};

INSTANTIATE_TEST_SUITE_P(By, Login, ::testing::Values(Transport::libssh2, Transport::openssh),
                         name_of_transport);

TEST_P(Login, AKeyThatIsNotTaken) {
  world->make_key("wrong");
  world->add_host("wrong", port, key_line("wrong"));
  EXPECT_THAT(refused(Cause::permission, "wrong"),
              AllOf(HasSubstr("wrong: "), HasSubstr("is not let in"),
                    HasSubstr("the host would take: publickey"), Not(HasSubstr("by hand"))));
}

TEST_P(Login, AKeyOfEcdsa) {
  world->make_key("ec", "ecdsa");
  World::write(here("authorized_keys"), read_file(here("ec.pub")));
  world->add_host("ec", port, key_line("ec"));
  EXPECT_EQ(reach("ec")->run("echo in", Seconds(20)).out, "in\n");
}

TEST_P(Login, AKeyThatOthersMayReadIsRefused) {
  ::chmod(here("id").c_str(), 0644);
  EXPECT_THAT(refused(Cause::permission),
              AllOf(HasSubstr(here("id") + " (refused: others may read it"),
                    HasSubstr("chmod 600 " + here("id"))));
}

TEST_P(Login, AKeyWithAPassphraseNeedsAnAgent) {
  world->make_key("locked", "ed25519", "five-secret-words");
  World::write(here("authorized_keys"), read_file(here("locked.pub")));
  world->add_host("locked", port, key_line("locked"));
  const std::string said = refused(Cause::permission, "locked");
  EXPECT_THAT(said, Not(HasSubstr("five-secret-words")));
  EXPECT_THAT(said, HasSubstr(GetParam() == Transport::libssh2 ? "ssh-add " + here("locked") : ""));
}

TEST_P(Login, TheAgentHasTheKey) {
  start_agent();
  add_to_agent("id");
  fs::remove(here("id"));  // what is left says which of the agent's keys is meant
  world->add_host("agent", port, key_line("id") + agent_line());
  EXPECT_EQ(reach("agent")->run("echo in", Seconds(20)).out, "in\n");
}

TEST_P(Login, OfAnAgentWithManyKeysTheNamedOneIsOfferedFirst) {
  start_agent();
  for (int i = 0; i < 7; ++i) {  // more than a host lets one try
    world->make_key("k" + std::to_string(i));
    add_to_agent("k" + std::to_string(i));
  }
  add_to_agent("id");
  world->add_host("many", port, "  IdentityFile " + here("id") + "\n" + agent_line());
  EXPECT_EQ(reach("many")->run("echo in", Seconds(20)).out, "in\n");
  fs::remove(here("id"));
  fs::remove(here("id.pub"));
  world->add_host("blind", port, "  IdentityFile " + here("id") + "\n" + agent_line());
  EXPECT_THAT(refused(Cause::permission, "blind"), HasSubstr("IdentitiesOnly"));
}

TEST_P(Login, AnAgentWhoseKeyHasExpired) {
  start_agent();
  add_to_agent("id", {"-t", "1"});
  std::this_thread::sleep_for(Seconds(2.1));
  fs::remove(here("id"));
  world->add_host("expired", port, key_line("id") + agent_line());
  const std::string said = refused(Cause::permission, "expired");
  EXPECT_THAT(said, HasSubstr(GetParam() == Transport::libssh2 ? "none of the identities" : ""));
}

TEST_P(Login, NoAgentAnswers) {
  world->add_host("dead", port, key_line("id") + agent_line());
  EXPECT_EQ(reach("dead")->run("echo in", Seconds(20)).out, "in\n") << "the file serves";
}

class LoginByLibssh2 : public Login {};
INSTANTIATE_TEST_SUITE_P(By, LoginByLibssh2, ::testing::Values(Transport::libssh2),
                         name_of_transport);

TEST_P(LoginByLibssh2, AnAgentThatHangsIsPassedOver) {
  const Descriptor hangs(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  here("agent").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(hangs.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(hangs.number(), 8), 0);
  world->add_host("hung", port, key_line("id") + agent_line());
  connect_time = Seconds(2);
  EXPECT_EQ(reach("hung")->run("echo in", Seconds(20)).out, "in\n") << "the file serves";
  world->make_key("wrong");
  world->add_host("hung-too", port, key_line("wrong") + agent_line());
  EXPECT_THAT(refused(Cause::permission, "hung-too"), HasSubstr("the agent (none answers)"));
}

TEST_P(Login, APasswordIsForTheUserToGive) {
  const int strict =
      world->start_sshd("strict", {"ed25519"},
                        "PasswordAuthentication yes\nAuthenticationMethods publickey,password\n");
  World::write(here("known_hosts"), world->known_line(strict, "strict_ed25519"));
  world->add_host("strict", strict);
  EXPECT_THAT(refused(Cause::permission, "strict"),
              AllOf(HasSubstr("the host would take: password"), HasSubstr("by hand first"),
                    HasSubstr("ssh -fNM -o ControlPersist=8h -S "), HasSubstr(" strict")));
}

TEST_P(Login, AClosedPort) {
  world->add_host("closed", free_port());
  EXPECT_THAT(refused(Cause::unavailable, "closed"), HasSubstr("port"));
}

TEST_P(Login, NoSuchHost) {
  World::write(here("config"), "Host none\n  HostName no-such-host.invalid\n  BatchMode yes\n");
  EXPECT_THAT(refused(Cause::unavailable, "none"), HasSubstr("no such host"));
}

TEST_P(Login, AHostThatNeverAnswers) {
  int silent = 0;
  const Descriptor listener = listen_at(0, silent);
  world->add_host("silent", silent);
  connect_time = Seconds(1);
  EXPECT_THAT(refused(Cause::unavailable, "silent"), HasSubstr("no answer"));
}

TEST_P(Login, AHostThatHangsUp) {
  int busy = 0;
  const Descriptor listener = listen_at(0, busy);
  world->add_host("busy", busy);
  std::thread hangs_up(
      [&] { const Descriptor come(::accept(listener.number(), nullptr, nullptr)); });
  EXPECT_THAT(refused(Cause::try_again, "busy"), HasSubstr("too many connections"));
  hangs_up.join();
}

/// In the handshake, in the login, wherever: nobody takes it for a refusal.
TEST_P(Login, ACutInTheMiddleIsTriedAgain) {
  Relay relay(0, port, 0);
  World::write(here("known_hosts"), world->known_line(relay.port(), "sshd_ed25519"));
  world->add_host("cut", relay.port());
  for (const std::uint64_t bytes : {20U, 600U, 1000U, 1200U, 1400U, 1600U}) {
    relay.cut_after(bytes);
    EXPECT_THAT(refused(Cause::try_again, "cut"), HasSubstr("cut: ")) << bytes;
  }
}

class LoginByEither : public Login {};
INSTANTIATE_TEST_SUITE_P(By, LoginByEither, ::testing::Values(Transport::automatic),
                         [](const auto&) { return "Automatic"; });

TEST_P(LoginByEither, RsaKeysAreLeftToOpenSsh) {
  world->make_key("rsa", "rsa");
  World::write(here("authorized_keys"), read_file(here("rsa.pub")));
  world->add_host("rsa", port, key_line("rsa"));
  EXPECT_THAT(InWorld::refused(Transport::libssh2, Cause::permission, "rsa"),
              HasSubstr("libssh2 1.10 cannot use RSA keys with OpenSSH 8.8 and newer; use ed25519, "
                        "or the openssh transport"));
  EXPECT_THAT(reach("rsa")->description(), AllOf(HasSubstr("OpenSSH"), HasSubstr("RSA")));
  start_agent();
  add_to_agent("rsa");
  world->add_host("agent", port, key_line("rsa") + agent_line());
  EXPECT_THAT(reach("agent")->description(), AllOf(HasSubstr("OpenSSH"), HasSubstr("RSA")));
}

TEST_P(LoginByEither, AJumpHostIsLeftToOpenSsh) {
  const int inner = world->start_sshd("inner");
  World::write(here("known_hosts"),
               world->known_line(port, "sshd_ed25519") + world->known_line(inner, "inner_ed25519"));
  world->add_host("inner", inner, "  ProxyJump far\n");
  // The jump's ssh reads the same configuration by itself.
  const auto far = reach("inner");
  EXPECT_THAT(far->description(), AllOf(HasSubstr("OpenSSH"), HasSubstr("jump")));
  EXPECT_EQ(far->run("echo in", Seconds(20)).out, "in\n");
  World::write(here("far/file"), "content");
  EXPECT_EQ(far->fetch(here("far/file"), here("file"), nullptr), 7U);
  EXPECT_THAT(InWorld::refused(Transport::libssh2, Cause::usage, "inner"), HasSubstr("jump host"));
}

TEST_P(LoginByEither, AnUnknownJumpHostAsksNothing) {
  const int inner = world->start_sshd("inner");
  World::write(here("known_hosts"), world->known_line(inner, "inner_ed25519"));
  world->add_host("inner", inner, "  ProxyJump far\n");
  EXPECT_THAT(refused(Cause::permission, "inner"), HasSubstr("host key"));
}

TEST_P(LoginByEither, AConnectionOpenedByHandIsShared) {
  const int strict = world->start_sshd("strict", {"ed25519"}, "MaxAuthTries 1\n");
  World::write(here("known_hosts"), world->known_line(strict, "strict_ed25519"));
  world->add_host("strict", strict, "  ControlPath " + here("run/mine") + "\n");
  World::must({"ssh", "-F", here("config"), "-o", "ControlMaster=yes", "-o", "ControlPersist=20",
               "strict", "true"});
  World::write(here("authorized_keys"), "");  // nobody else gets in
  const auto far = reach("strict");
  EXPECT_THAT(far->description(), HasSubstr("shared"));
  EXPECT_EQ(far->run("echo in", Seconds(20)).out, "in\n");
}

}  // namespace
}  // namespace twin::remote
