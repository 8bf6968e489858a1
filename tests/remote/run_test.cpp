// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include "message_of.h"
#include "remote/host.h"
#include "remote/relay.h"
#include "remote/world.h"

namespace twin::remote {
namespace {

using process::Seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class Scripts : public BothTransports {};

INSTANTIATE_TEST_SUITE_P(On, Scripts, ::testing::Values(Transport::libssh2, Transport::openssh),
                         name_of_transport);

TEST_P(Scripts, TellTheirStatusAndBothOutputs) {
  const auto far = reach();
  const Ran ran = far->run("echo out; echo error >&2; exit 3\n", Seconds(20));
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(ran.out, "out\n");
  EXPECT_EQ(ran.error, "error\n");
  EXPECT_EQ(far->run("printf 'no end of line'", Seconds(20)).out, "no end of line");
  EXPECT_EQ(far->run("", Seconds(20)).status, 0);
  EXPECT_EQ(far->run("if", Seconds(20)).status, 2) << "a script with an error";
}

TEST_P(Scripts, EndWithAnyStatusOrSignal) {
  const auto far = reach();
  EXPECT_EQ(far->run("exit 255", Seconds(20)).status, 255) << "not ssh's own";
  EXPECT_EQ(far->run("kill -TERM $$; sleep 10", Seconds(20)).status, 128 + 15);
}

TEST_P(Scripts, HandOverEveryByte) {
  const std::string bytes = noise(5000000) + "\ntwinline-status 7\n\n";
  World::write(here("far/big"), bytes);
  const auto far = reach();
  const std::string file = shell_word(here("far/big"));
  const Ran ran = far->run("cat " + file + "; head -c 300000 " + file + " >&2", Seconds(30));
  EXPECT_TRUE(ran.out == bytes) << ran.out.size();
  EXPECT_TRUE(ran.error == bytes.substr(0, 300000)) << ran.error.size();
}

TEST_P(Scripts, AreTakenAsTheyAre) {
  const std::string nasty = "it's \"$HOME\" `id` $(id) \\ * ? \xc3\xa9 ! # ; & | <\n>";
  const auto far = reach();
  EXPECT_EQ(far->run("printf %s " + shell_word(nasty), Seconds(20)).out, nasty);
  const std::string longest = ": " + std::string(300000, 'x') + "\necho whole\n";
  EXPECT_EQ(far->run(longest, Seconds(20)).out, "whole\n");
}

/// Whoever lists the processes there or here sees nothing of it.
TEST_P(Scripts, StandInNoArgv) {
  const Ran ran = reach()->run(
      "word=pass\nword=${word}word-of-mine # password-of-mine\n"
      "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c 'passwor[d]-of-mine'\n",
      Seconds(20));
  EXPECT_EQ(ran.out, "0\n");
}

TEST_P(Scripts, PastTheirLimitAreTriedAgain) {
  const auto far = reach();
  EXPECT_THAT(message_of([&] { (void)far->run("sleep 60", Seconds(0.5)); }, Cause::try_again),
              HasSubstr("far: "));
  EXPECT_EQ(far->run("echo again", Seconds(20)).out, "again\n");
}

TEST_P(Scripts, AnswerAfterACutConnection) {
  Relay relay(0, port, 0);
  World::write(here("known_hosts"), world->known_line(relay.port(), "sshd_ed25519"));
  world->add_host("cut", relay.port());
  const auto far = reach("cut");
  relay.cut_after(relay.brought() + 200000);
  EXPECT_THAT(
      message_of([&] { (void)far->run("head -c 9000000 /dev/zero; sleep 20", Seconds(30)); },
                 Cause::try_again),
      HasSubstr("cut: "));
  EXPECT_EQ(far->run("echo again", Seconds(20)).out, "again\n");
}

TEST_P(Scripts, NothingComesForTheIdleTime) {
  idle_time = Seconds(3);
  connect_time = Seconds(2);  // OpenSSH connects anew by itself
  Relay relay(0, port, 0);
  World::write(here("known_hosts"), world->known_line(relay.port(), "sshd_ed25519"));
  world->add_host("mute", relay.port());
  const auto far = reach("mute");
  EXPECT_EQ(far->run("sleep 3.5; echo alive", Seconds(20)).out, "alive\n")
      << "a silent script on a connection that is alive";
  relay.fall_silent();
  EXPECT_THAT(message_of([&] { (void)far->run("echo lost", Seconds(30)); }, Cause::try_again),
              HasSubstr("mute: "));
}

/// One connection, whatever is asked for.
TEST_P(Scripts, AndFilesShareOneConnection) {
  Relay relay(0, port, 0);
  World::write(here("known_hosts"), world->known_line(relay.port(), "sshd_ed25519"));
  world->add_host("one", relay.port());
  World::write(here("far/a"), "a");
  const auto far = reach("one");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(far->run("echo yes", Seconds(20)).out, "yes\n");
  far->fetch(here("far/a"), here("a"), nullptr);
  EXPECT_EQ(relay.connections(), 1);
}

TEST_P(Scripts, AreNotRunByAHostForFilesAlone) {
  const int files = world->start_sshd("files", {"ed25519"}, "ForceCommand internal-sftp\n");
  World::write(here("known_hosts"), world->known_line(files, "files_ed25519"));
  world->add_host("files", files);
  const std::string said =
      message_of([&] { (void)reach("files")->run("echo hello", Seconds(20)); }, Cause::unavailable);
  EXPECT_THAT(said, HasSubstr("runs no commands"));
}

TEST_P(Scripts, ConnectionsSayWhatTheyAre) {
  EXPECT_THAT(reach()->description(),
              HasSubstr(GetParam() == Transport::libssh2
                            ? "ssh-ed25519, aes256-ctr, ed25519 key " + here("id")
                            : "OpenSSH, shared connection"));
}

}  // namespace
}  // namespace twin::remote
