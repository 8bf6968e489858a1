// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "message_of.h"
#include "remote/relay.h"
#include "remote/world.h"

namespace twin::remote {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class Fetch : public BothTransports {
 protected:
  /// The same through a relay.
  std::unique_ptr<Connection> reach_through(const Relay& relay) const {
    World::write(here("known_hosts"), world->known_line(relay.port(), "sshd_ed25519"));
    world->add_host("relayed", relay.port());
    return reach("relayed");
  }
};

INSTANTIATE_TEST_SUITE_P(By, Fetch, ::testing::Values(Transport::libssh2, Transport::openssh),
                         name_of_transport);

TEST_P(Fetch, BringsAWholeFile) {
  const std::string bytes = noise(7654321);
  World::write(here("far/file"), bytes);
  std::uint64_t told = 0;
  const std::uint64_t fetched =
      reach()->fetch(here("far/file"), here("file"), [&](std::uint64_t so_far) {
        EXPECT_GE(so_far, told);
        told = so_far;
        return true;
      });
  EXPECT_EQ(fetched, bytes.size());
  EXPECT_EQ(told, bytes.size());
  EXPECT_TRUE(read_file(here("file")) == bytes);
}

TEST_P(Fetch, BringsAnEmptyFile) {
  World::write(here("far/file"), "");
  EXPECT_EQ(reach()->fetch(here("far/file"), here("file"), nullptr), 0U);
  EXPECT_TRUE(fs::exists(here("file")));
}

TEST_P(Fetch, GoesOnWhereItWas) {
  const std::string bytes = noise(300000);
  World::write(here("far/file"), bytes);
  World::write(here("file"), bytes.substr(0, 100001));
  const auto far = reach();
  EXPECT_EQ(far->fetch(here("far/file"), here("file"), nullptr), 199999U);
  EXPECT_TRUE(read_file(here("file")) == bytes);
  EXPECT_EQ(far->fetch(here("far/file"), here("file"), nullptr), 0U) << "nothing new";
  EXPECT_TRUE(read_file(here("file")) == bytes);
}

TEST_P(Fetch, FollowsAFileThatGrows) {
  const std::string bytes = noise(2000000);
  const auto far = reach();
  for (const std::size_t size : {1U, 29999U, 30000U, 30001U, 900000U, 2000000U}) {
    World::write(here("far/file"), bytes.substr(0, size));
    far->fetch(here("far/file"), here("file"), nullptr);
    EXPECT_TRUE(read_file(here("file")) == bytes.substr(0, size)) << size;
  }
}

TEST_P(Fetch, OfAFileThatIsNotThere) {
  const auto far = reach();
  const auto fetch = [&] { far->fetch(here("far/gone"), here("gone"), nullptr); };
  EXPECT_THAT(message_of(fetch, Cause::no_input),
              HasSubstr("far:" + here("far/gone") + ": not there"));
  World::write(here("far/there"), "is");
  EXPECT_EQ(far->fetch(here("far/there"), here("there"), nullptr), 2U) << "the next goes on";
}

TEST_P(Fetch, OfAFileThatVanishedAfterItsBeginning) {
  World::write(here("far/file"), "beginning");
  const auto far = reach();
  far->fetch(here("far/file"), here("file"), nullptr);
  fs::remove(here("far/file"));
  EXPECT_THAT(
      message_of([&] { far->fetch(here("far/file"), here("file"), nullptr); }, Cause::no_input),
      HasSubstr("not there"));
  EXPECT_EQ(read_file(here("file")), "beginning");
}

TEST_P(Fetch, OfAFileShorterThanWhatIsHere) {
  World::write(here("far/file"), "short");
  World::write(here("file"), "longer than that");
  EXPECT_THAT(
      message_of([&] { reach()->fetch(here("far/file"), here("file"), nullptr); }, Cause::no_input),
      HasSubstr("shorter than what is here"));
  EXPECT_EQ(read_file(here("file")), "longer than that");
}

TEST_P(Fetch, OfAFolder) {
  fs::create_directory(here("far/folder"));
  EXPECT_THAT(message_of([&] { reach()->fetch(here("far/folder"), here("file"), nullptr); },
                         Cause::no_input),
              HasSubstr("not a file"));
}

TEST_P(Fetch, OfAFileThatMayNotBeRead) {
  if (::getuid() == 0) GTEST_SKIP() << "root may read everything";
  World::write(here("far/file"), "mine");
  ::chmod(here("far/file").c_str(), 0);
  EXPECT_THAT(
      message_of([&] { reach()->fetch(here("far/file"), here("file"), nullptr); }, Cause::no_input),
      HasSubstr("ermission denied"));
}

TEST_P(Fetch, OntoAFullDisk) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  World::write(here("far/file"), noise(500000));
  const auto far = reach();
  EXPECT_EQ(message_of([&] { far->fetch(here("far/file"), "/dev/full", nullptr); }, Cause::output),
            "/dev/full: No space left on device");
  EXPECT_EQ(far->fetch(here("far/file"), here("file"), nullptr), 500000U);
}

TEST_P(Fetch, IntoAFolderThatIsNotThere) {
  World::write(here("far/file"), "x");
  EXPECT_THAT(message_of([&] { reach()->fetch(here("far/file"), here("no/file"), nullptr); },
                         Cause::output),
              HasSubstr("No such file or directory"));
}

TEST_P(Fetch, TakesAnyName) {
  const auto far = reach();
  int count = 0;
  for (const std::string name :
       {"two words", "it's",  "say \"so\"", "back\\slash",
        "star*",     "wh?t",  "[ab]",       "{a,b}",
        "#1",        "-n",    "--",         "\xc3\xa9t\xc3\xa9 \xe4\xb8\xad",
        "~",         "a\\*b", "$HOME",      "end ",
        " begin",    "!x",    "\\",         "'\"\\*"}) {
    World::write(here("far/" + name), "content " + name);
    const std::string local = here(name + ".part");
    EXPECT_EQ(far->fetch(here("far/" + name), local, nullptr), 8 + name.size()) << name;
    EXPECT_EQ(read_file(local), "content " + name);
    ++count;
  }
  EXPECT_EQ(count, 20);
  // Nothing else was taken by a pattern, nothing written besides.
  EXPECT_EQ(std::distance(fs::directory_iterator(here("far")), fs::directory_iterator()), 20);
}

TEST_P(Fetch, RefusesNamesWithControlCharacters) {
  const auto far = reach();
  for (const std::string name : {"a\nb", "a\rb", "\x1b[31m", ""})
    EXPECT_THAT(message_of([&] { far->fetch(name, here("x"), nullptr); }, Cause::data),
                HasSubstr("control characters"))
        << name;
}

TEST_P(Fetch, EndsEarlyAndGoesOn) {
  const std::string bytes = noise(15000000);
  World::write(here("far/file"), bytes);
  Relay relay(0, port, 0.02);
  const auto far = reach_through(relay);
  const std::uint64_t first =
      far->fetch(here("far/file"), here("file"), [](std::uint64_t) { return false; });
  EXPECT_EQ(first, fs::file_size(here("file")));
  EXPECT_LT(first, bytes.size());
  const std::uint64_t second = far->fetch(here("far/file"), here("file"), nullptr);
  EXPECT_EQ(first + second, bytes.size());
  EXPECT_TRUE(read_file(here("file")) == bytes);
}

TEST_P(Fetch, ResumesAfterCutsWithoutReadingTwice) {
  const std::string bytes = noise(16000000);
  World::write(here("far/file"), bytes);
  Relay relay(0, port, 0);
  const auto far = reach_through(relay);
  std::uint64_t fetched = 0;
  int cuts = 0;
  for (bool whole = false; !whole && cuts < 10;) {
    relay.cut_after(cuts < 3 ? 4000000 + 7 * static_cast<std::uint64_t>(cuts) : ~0ULL);
    std::uint64_t now = 0;
    const auto count = [&](std::uint64_t so_far) {
      now = so_far;
      return true;
    };
    try {
      EXPECT_EQ(far->fetch(here("far/file"), here("file"), count), now);
      whole = true;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::try_again) << error.what();
      ++cuts;
    }
    fetched += now;
    EXPECT_EQ(fetched, fs::file_size(here("file")));
  }
  EXPECT_EQ(cuts, 3);
  EXPECT_TRUE(read_file(here("file")) == bytes);
}

class FetchByEither : public Fetch {
 protected:
  /// A file that takes no room, as big as OpenSSH is left.
  void put_big() const {
    World::write(here("far/file"), "begins");
    fs::resize_file(here("far/file"), 129U << 20);
  }
  void expect_whole() const { EXPECT_EQ(World::must({"cmp", here("far/file"), here("file")}), ""); }
};
INSTANTIATE_TEST_SUITE_P(By, FetchByEither, ::testing::Values(Transport::automatic),
                         [](const auto&) { return "Automatic"; });

TEST_P(FetchByEither, BigFilesThatAreNearAreLeftToOpenSsh) {
  Relay relay(0, port, 0);
  const auto far = reach_through(relay);
  World::write(here("far/small"), "small");
  far->fetch(here("far/small"), here("small"), nullptr);
  EXPECT_THAT(far->description(), Not(HasSubstr("OpenSSH")));
  put_big();
  World::write(here("file"), "beg");
  EXPECT_EQ(far->fetch(here("far/file"), here("file"), nullptr), (129U << 20) - 3);
  EXPECT_THAT(far->description(), AllOf(HasSubstr("libssh2"), HasSubstr("OpenSSH")));
  expect_whole();
  EXPECT_EQ(far->run("echo on", process::Seconds(20)).out, "on\n");
  EXPECT_EQ(far->fetch(here("far/small"), here("again"), nullptr), 5U);
  EXPECT_EQ(relay.connections(), 2);
  for (int i = 0; relay.open() > 1 && i < 200; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(relay.open(), 1);  // one connection a host
}

TEST_P(FetchByEither, BigFilesFarAwayAreNot) {
  Relay relay(0, port, 0.01);
  const auto far = reach_through(relay);
  put_big();
  EXPECT_EQ(far->fetch(here("far/file"), here("file"), nullptr), 129U << 20);
  EXPECT_THAT(far->description(), Not(HasSubstr("OpenSSH")));
  expect_whole();
}

TEST_P(FetchByEither, WhereOpenSshIsNotTheyAreNot) {
  const auto far = reach();
  put_big();
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", here("far").c_str(), 1);
  const std::uint64_t fetched = far->fetch(here("far/file"), here("file"), nullptr);
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(fetched, 129U << 20);
  EXPECT_THAT(far->description(), Not(HasSubstr("OpenSSH")));
  expect_whole();
}

}  // namespace
}  // namespace twin::remote
