// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/host.h"

#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "core/file.h"
#include "message_of.h"
#include "process/child.h"
#include "remote/identity.h"
#include "remote/openssh_words.h"
#include "remote/refusal.h"
#include "remote/remote_shell.h"
#include "remote/world.h"

namespace twin::remote {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Places, AreAHostAndAFolder) {
  const auto parts = [](const std::string& text) {
    const Place place = parse_place(text);
    return place.host + "|" + place.folder;
  };
  EXPECT_EQ(parts("cluster:runs"), "cluster|runs");
  EXPECT_EQ(parts("me@login.example.org:/data/a b"), "me@login.example.org|/data/a b");
  EXPECT_EQ(parts("[::1]:runs"), "::1|runs");
  EXPECT_EQ(parts("me@[fe80::1]:/x:y"), "me@fe80::1|/x:y");
  EXPECT_EQ(parts("cluster:~/runs"), "cluster|runs");
  EXPECT_EQ(parts("cluster:~"), "cluster|.");
  EXPECT_EQ(parts("cluster:a..b"), "cluster|a..b");
}

TEST(Places, OfOtherKindsAreRefused) {
  for (const std::string text :
       {"cluster",  "",          ":runs",        "cluster:", "-oProxyCommand=sh:x",
        "me@-o:x",  "@host:x",   "me@:x",        "a b:x",    "a;b:x",
        "$(id):x",  "a\nb:x",    "host:a/../b",  "host:..",  "host:~other/x",
        "host:-rf", "host:a\nb", "host:\x1b[0m", "[::1]",    "host`id`:x"})
    EXPECT_THAT(message_of([&] { (void)parse_place(text); }, Cause::usage), HasSubstr("; "))
        << text;
}

TEST(Places, SettingsOfAHostThatIsAnOptionAreRefused) {
  for (const std::string host : {"-V", "", "me@-V", "a b"})
    EXPECT_NE(message_of([&] { (void)settings_of(host); }, Cause::usage), "no error") << host;
}

class SettingsOf : public ::testing::Test {
 protected:
  void SetUp() override {
    if (process::find_program("ssh").empty()) GTEST_SKIP() << "no ssh";
    ::setenv("TWIN_SSH_CONFIG", config.c_str(), 1);
  }
  TemporaryFolder folder{"settings"};
  std::string config = folder.path() + "/config";
};

TEST_F(SettingsOf, WhatSshWouldDo) {
  const std::string home = ::getpwuid(::getuid())->pw_dir;
  World::write(config,
               "Host alias\n  HostName Far.Example.ORG\n  User someone\n  Port 2200\n"
               "  IdentityFile ~/keys/one\n  IdentityFile %d/keys/%r@%h-%p%%\n"
               "  UserKnownHostsFile ~/known\n  GlobalKnownHostsFile /etc/known\n"
               "  IdentityAgent /run/agent\n  IdentitiesOnly yes\n  HashKnownHosts yes\n"
               "  HostKeyAlias Nick\n");
  const Settings settings = settings_of("alias");
  EXPECT_EQ(settings.alias, "alias");
  EXPECT_EQ(settings.host, "far.example.org");
  EXPECT_EQ(settings.user, "someone");
  EXPECT_EQ(settings.port, 2200);
  EXPECT_THAT(settings.identities,
              ElementsAre(home + "/keys/one", home + "/keys/someone@far.example.org-2200%"));
  EXPECT_THAT(settings.known_hosts, ElementsAre(home + "/known", "/etc/known"));
  EXPECT_EQ(settings.agent, "/run/agent");
  EXPECT_TRUE(settings.identities_only);
  EXPECT_TRUE(settings.hash_known_hosts);
  EXPECT_EQ(known_name(settings), "nick");
  EXPECT_FALSE(settings.shared);
  EXPECT_EQ(settings.jump, "");
  EXPECT_NE(settings.digest, settings_of("other").digest);
}

TEST_F(SettingsOf, WhatOnlyOpenSshCanDo) {
  World::write(config,
               "Host jump\n  ProxyJump bastion\nHost command\n  ProxyCommand nc %h %p\n"
               "Host shared\n  ControlPath /tmp/%r@%h\n  ControlPersist 60\n"
               "Host master\n  ControlMaster auto\nHost cert\n  CertificateFile ~/cert\n"
               "Host none\n  IdentityAgent none\n");
  EXPECT_EQ(settings_of("jump").jump, "bastion");
  EXPECT_EQ(settings_of("command").jump, "nc %h %p");
  EXPECT_TRUE(settings_of("shared").shared);
  EXPECT_TRUE(settings_of("shared").control_persist);
  EXPECT_THAT(settings_of("me@shared").control_path, "/tmp/me@shared");
  EXPECT_TRUE(settings_of("master").shared);
  EXPECT_EQ(settings_of("cert").beyond, "CertificateFile");
  EXPECT_EQ(settings_of("none").agent, "");
  EXPECT_EQ(known_name(settings_of("none")), "none");
}

TEST_F(SettingsOf, ABrokenConfigurationIsSaid) {
  World::write(config, "Host a\n  NoSuchOption yes\n");
  EXPECT_THAT(message_of([] { (void)settings_of("a"); }, Cause::configuration),
              HasSubstr("nosuchoption"));
}

TEST(Words, OfAShellAreTakenAsTheyAre) {
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_THAT(message_of([] { (void)shell_word(std::string(1, '\0')); }, Cause::usage),
              HasSubstr("NUL"));
}

TEST(Words, OfSftpAreNoPatternsAndNoOptions) {
  EXPECT_EQ(sftp_word("/data/run_1.h5"), "/data/run_1.h5");
  EXPECT_EQ(sftp_word("-r"), "./-r");
  EXPECT_EQ(sftp_word("a b*"), "./a\\ b\\*");
}

TEST(Words, OfSshOnErrorsAreUnderstood) {
  Settings settings;
  settings.alias = "far";
  settings.host = "10.0.0.1";
  settings.user = "me";
  const auto cause = [&](const std::string& text, bool inside = false) {
    return said_by_ssh(settings, text, inside).cause();
  };
  EXPECT_EQ(cause("ssh: connect to host far port 22: Connection refused\r\n"), Cause::unavailable);
  EXPECT_EQ(cause("ssh: Could not resolve hostname far: Name or service not known\r\n"),
            Cause::unavailable);
  EXPECT_EQ(cause("ssh: connect to host far port 22: Connection timed out\r\n"),
            Cause::unavailable);
  EXPECT_EQ(cause("Connection timed out during banner exchange\r\n"), Cause::unavailable);
  EXPECT_EQ(cause("kex_exchange_identification: Connection closed by remote host\r\n"),
            Cause::try_again);
  EXPECT_EQ(cause("client_loop: send disconnect: Broken pipe\r\n", true), Cause::try_again);
  EXPECT_EQ(cause("", true), Cause::try_again);
  EXPECT_EQ(cause("Received disconnect from 10.0.0.1: 2: Too many authentication failures\r\n"),
            Cause::permission);
  EXPECT_EQ(cause("/x/config: line 3: Bad configuration option: nosuch\n"), Cause::configuration);
  EXPECT_EQ(cause("Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. "
                  "Their offer: ssh-rsa\r\n"),
            Cause::unavailable);
  const Error denied = said_by_ssh(
      settings, "me@far: Permission denied (publickey,keyboard-interactive).\r\n", false);
  EXPECT_EQ(denied.cause(), Cause::permission);
  EXPECT_THAT(denied.what(),
              AllOf(HasSubstr("publickey,keyboard-interactive"), HasSubstr("ssh -fNM")));
  EXPECT_THAT(said_by_ssh(settings, "\x1b]0;evil\x07 words\r\n", false).what(),
              AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
}

TEST(Words, TheLastLineOfAScriptIsItsStatus) {
  EXPECT_FALSE(understood("", "").has_value());
  EXPECT_FALSE(understood("text\ntwinline-status 0", "").has_value());
  EXPECT_FALSE(understood("text\ntwinline-status x\n", "").has_value());
  const auto ran = understood("a\ntwinline-status 1\n\ntwinline-status 143\nlate", "e");
  ASSERT_TRUE(ran.has_value());
  EXPECT_EQ(ran->status, 143);
  EXPECT_EQ(ran->out, "a\ntwinline-status 1\nlate");
}

TEST(Identities, WhatTheirFilesSay) {
  if (!World::missing().empty()) GTEST_SKIP() << World::missing();
  const World world;
  world.make_key("plain");
  world.make_key("locked", "ecdsa", "secret");
  world.make_key("rsa", "rsa");
  World::write(world.file("garbage"), "no key");
  Settings settings;
  settings.identities = {world.file("plain"),   world.file("locked"),  world.file("rsa"),
                         world.file("garbage"), world.file("missing"), world.file("plain.pub")};
  const auto found = identities_of(settings);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].type, "ssh-ed25519");
  EXPECT_FALSE(found[0].encrypted || found[0].loose);
  EXPECT_EQ(found[1].type, "ecdsa-sha2-nistp256");
  EXPECT_TRUE(found[1].encrypted);
  EXPECT_THAT(unusable(found[2].type), HasSubstr("RSA"));
  EXPECT_EQ(found[3].type, "");
  EXPECT_EQ(found[4].blob, found[0].blob);
}

}  // namespace
}  // namespace twin::remote
