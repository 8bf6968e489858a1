// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "message_of.h"
#include "remote/known_hosts.h"
#include "remote/relay.h"
#include "remote/world.h"

namespace twin::remote {
namespace {

using process::Seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Trust : public BothTransports {};

INSTANTIATE_TEST_SUITE_P(In, Trust, ::testing::Values(Transport::libssh2, Transport::openssh),
                         name_of_transport);

TEST_P(Trust, AHostKeyThatChangedIsRefused) {
  world->make_key("other");
  World::write(here("known_hosts"), "# keys\n" + world->known_line(port, "other"));
  for (const bool accept_new : {false, true})
    EXPECT_THAT(refused(Cause::permission, "far", accept_new),
                AllOf(HasSubstr("far: its host key is not the one that is known (" +
                                here("known_hosts:2") + ")"),
                      HasSubstr("ssh-keygen -R '[127.0.0.1]:" + std::to_string(port) + "' -f ")));
}

TEST_P(Trust, AnUnknownHostKeyIsRefused) {
  World::write(here("known_hosts"), "");
  EXPECT_THAT(refused(Cause::permission),
              AllOf(HasSubstr("far: its host key is not known"), HasSubstr("--accept-new")));
  EXPECT_EQ(read_file(here("known_hosts")), "");
}

TEST_P(Trust, AnUnknownHostKeyIsAcceptedAndRemembered) {
  World::write(here("known_hosts"), "");
  EXPECT_EQ(reach("far", true)->run("echo in", Seconds(20)).out, "in\n");
  EXPECT_THAT(read_file(here("known_hosts")),
              HasSubstr("[127.0.0.1]:" + std::to_string(port) + " ssh-ed25519 "));
  world->add_host("again", port);  // by another name: no shared connection answers for it
  EXPECT_EQ(reach("again")->run("echo in", Seconds(20)).out, "in\n");
}

TEST_P(Trust, HashedNamesAreKnown) {
  World::must({"ssh-keygen", "-H", "-f", here("known_hosts")});
  ASSERT_THAT(read_file(here("known_hosts")), HasSubstr("|1|"));
  EXPECT_EQ(reach()->run("echo in", Seconds(20)).out, "in\n");
}

TEST_P(Trust, NewNamesAreHashedWhereTheUserWantsIt) {
  world->add_host("hashed", port,
                  "  UserKnownHostsFile " + here("new") + "\n  HashKnownHosts yes\n");
  EXPECT_EQ(reach("hashed", true)->run("echo in", Seconds(20)).out, "in\n");
  EXPECT_THAT(read_file(here("new")), AllOf(HasSubstr("|1|"), Not(HasSubstr("127.0.0.1"))));
  const std::string name = "[127.0.0.1]:" + std::to_string(port);
  EXPECT_THAT(World::must({"ssh-keygen", "-F", name, "-f", here("new")}), HasSubstr("ssh-ed25519"));
}

TEST_P(Trust, ARevokedKeyIsRefused) {
  World::write(here("known_hosts"), world->known_line(port, "sshd_ed25519") + "@revoked * " +
                                        read_file(here("sshd_ed25519.pub")));
  EXPECT_THAT(refused(Cause::permission, "far", true), HasSubstr("has been revoked"));
}

TEST_P(Trust, AnAliasOfTheKeyStandsForTheHost) {
  World::write(here("known_hosts"), "nickname " + read_file(here("sshd_ed25519.pub")));
  EXPECT_THAT(refused(Cause::permission), HasSubstr("not known"));
  world->add_host("aliased", port, "  HostKeyAlias nickname\n");
  EXPECT_EQ(reach("aliased")->run("echo in", Seconds(20)).out, "in\n");
}

TEST_P(Trust, ASecondFileIsRead) {
  World::write(here("second"), world->known_line(port, "sshd_ed25519"));
  world->add_host("two", port,
                  "  UserKnownHostsFile " + here("missing") + " " + here("second") + "\n");
  EXPECT_EQ(reach("two")->run("echo in", Seconds(20)).out, "in\n");
}

TEST_P(Trust, OfSeveralKeysThatWhichIsKnownIsAskedFor) {
  const int many = world->start_sshd("many", {"rsa", "ed25519", "ecdsa"});
  World::write(here("known_hosts"), world->known_line(many, "many_ecdsa"));
  world->add_host("many", many);
  EXPECT_EQ(reach("many")->run("echo in", Seconds(20)).out, "in\n");
}

class TrustOfEither : public InWorld {};

TEST_F(TrustOfEither, AHostWithAnRsaKeyAlone) {
  const int old = world->start_sshd("old", {"rsa"});
  World::write(here("known_hosts"), world->known_line(old, "old_rsa"));
  world->add_host("old", old);
  EXPECT_THAT(InWorld::refused(Transport::libssh2, Cause::unavailable, "old"),
              AllOf(HasSubstr("RSA"), HasSubstr("openssh transport")));
  EXPECT_THAT(InWorld::reach(Transport::automatic, "old")->description(),
              AllOf(HasSubstr("OpenSSH"), HasSubstr("RSA")));
}

TEST_F(TrustOfEither, AHostWithAnRsaKeyAloneThatIsNotKnownYet) {
  const int old = world->start_sshd("old", {"rsa"});
  World::write(here("known_hosts"), "");
  world->add_host("old", old);
  EXPECT_THAT(InWorld::refused(Transport::libssh2, Cause::unavailable, "old", true),
              AllOf(HasSubstr("RSA"), HasSubstr("openssh transport")));
  EXPECT_THAT(InWorld::refused(Transport::automatic, Cause::permission, "old"),
              HasSubstr("not known"));
  EXPECT_THAT(InWorld::reach(Transport::automatic, "old", true)->description(),
              HasSubstr("OpenSSH"));
  EXPECT_THAT(read_file(here("known_hosts")), HasSubstr("ssh-rsa"));
}

TEST_F(TrustOfEither, AnAuthorityIsLeftToOpenSsh) {
  world->make_key("ca");
  World::must({"ssh-keygen", "-q", "-s", here("ca"), "-I", "host", "-h", "-n", "127.0.0.1",
               here("sshd_ed25519.pub")});
  const int signed_port = world->start_sshd(
      "sshd", {"ed25519"}, "HostCertificate " + here("sshd_ed25519-cert.pub") + "\n");
  World::write(here("known_hosts"), "@cert-authority * " + read_file(here("ca.pub")));
  world->add_host("signed", signed_port);
  EXPECT_THAT(InWorld::refused(Transport::libssh2, Cause::unavailable, "signed"),
              HasSubstr("authority"));
  EXPECT_EQ(InWorld::reach(Transport::automatic, "signed")->run("echo in", Seconds(20)).out,
            "in\n");
}

TEST_F(TrustOfEither, AutomaticIsLibssh2WhereThatCan) {
  EXPECT_THAT(InWorld::reach(Transport::automatic)->description(), HasSubstr("libssh2"));
}

TEST(KnownHosts, LinesOfEveryKind) {
  const TemporaryFolder folder("known");
  const std::string file = folder.path() + "/known_hosts";
  const std::string blob = std::string("\0\0\0\x0bssh-ed25519", 15) + "key", key = to_base64(blob);
  const auto known = [&](const std::string& line, const std::string& name) {
    World::write(file, line + " ssh-ed25519 " + key + " a comment\n");
    return known_keys(std::vector{file}, name).size();
  };
  EXPECT_EQ(known("host", "host"), 1U);
  EXPECT_EQ(known("HOST,other", "host"), 1U);
  EXPECT_EQ(known("host", "hosts"), 0U);
  EXPECT_EQ(known("*.example.org,!bad.example.org", "a.example.org"), 1U);
  EXPECT_EQ(known("*.example.org,!bad.example.org", "bad.example.org"), 0U);
  EXPECT_EQ(known("h?st", "host"), 1U);
  EXPECT_EQ(known("[host]:2200", "[host]:2200"), 1U);
  EXPECT_EQ(known("[host]:2200", "host"), 0U);
  EXPECT_EQ(known("@revoked host", "host"), 1U);
  EXPECT_EQ(known("@unheard-of host", "host"), 0U);
  EXPECT_EQ(known("#host", "host"), 0U);
  EXPECT_EQ(known("|1|broken", "host"), 0U);
  EXPECT_EQ(known("*a*a*a*a*a*a*a*a*a*a*b", std::string(3000, 'a')), 0U) << "and soon";
  for (const char* line : {"host", "host ssh-ed25519", "host ssh-ed25519 !!!!", "host ssh-rsa AAAA",
                           "host ssh-ed25519 AAAA", "host 1024 35 1234", "", "\x01\x02"}) {
    World::write(file, std::string(line) + "\n");
    EXPECT_TRUE(known_keys(std::vector{file}, "host").empty()) << line;
  }
}

TEST(KnownHosts, AnotherKeyIsAChangedOne) {
  const auto key = [](const std::string& type, const std::string& rest) {
    return KnownKey{.type = type,
                    .blob = std::string("\0\0\0", 3) + static_cast<char>(type.size()) + type + rest,
                    .place = "file:1"};
  };
  const KnownKey one = key("ssh-ed25519", "1"), two = key("ssh-ed25519", "2"),
                 rsa = key("ssh-rsa", "3");
  KnownKey revoked = one, bare = two, authority = two;
  revoked.revoked = bare.bare = authority.authority = true;
  const auto standing = [&](const std::vector<KnownKey>& known) {
    return judge(known, one.blob).standing;
  };
  EXPECT_EQ(standing({}), Standing::unknown);
  EXPECT_EQ(standing({one}), Standing::known);
  EXPECT_EQ(standing({two}), Standing::changed);
  EXPECT_EQ(standing({two, one}), Standing::known);
  EXPECT_EQ(standing({rsa}), Standing::changed);
  EXPECT_EQ(standing({one, revoked}), Standing::revoked);
  EXPECT_EQ(standing({bare}), Standing::unknown);
  EXPECT_EQ(standing({authority}), Standing::unknown);
}

TEST(KnownHosts, ALineWithoutItsEndIsEnded) {
  const TemporaryFolder folder("known");
  const std::string file = folder.path() + "/new/known_hosts";
  const std::string blob = std::string("\0\0\0\x0bssh-ed25519", 15) + "key";
  remember(file, "First", false, blob);
  struct stat status = {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  World::write(file, read_file(file) + "# no end");
  remember(file, "second", true, blob);
  EXPECT_EQ(known_keys(std::vector{file}, "first").size(), 1U);
  EXPECT_EQ(known_keys(std::vector{file}, "second").size(), 1U);
}

}  // namespace
}  // namespace twin::remote
