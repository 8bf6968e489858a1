// SPDX-License-Identifier: GPL-3.0-or-later
// What the parent makes of a child that dies, hangs or lies: programs in its place do each.
#include "sources/contained.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cmath>
#include <functional>

#include "core/descriptor.h"
#include "core/file.h"
#include "message_of.h"
#include "places.h"
#include "sources/scan_message.h"

namespace twin::sources::contained_test {
namespace {

using formats::ScanFile;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

ScanFile scan() {
  ScanFile out;
  out.name = "a.h5";
  out.label = "one";
  out.format = "nexus";
  out.names = {"energy", "mu"};
  out.units = {"eV", ""};
  out.columns = {{1, 2, 3}, {4, 5, 6}};
  out.metadata = {{"sample.name", "Cu"}};
  out.warnings = {"a warning"};
  return out;
}

TEST(ScanMessage, AScanComesBackAsItWas) {
  MessageBuffer buffer;
  const std::string bytes = encode({Message::Kind::scan, encode_scan(scan())});
  for (const char byte : bytes) {
    EXPECT_FALSE(buffer.next());
    buffer.add({&byte, 1});
  }
  const auto message = buffer.next();
  ASSERT_TRUE(message);
  const auto back = decode_scan(message->body, "a.h5");
  EXPECT_EQ(back.label, "one");
  EXPECT_EQ(back.columns, scan().columns);
  EXPECT_EQ(back.names, scan().names);
  EXPECT_EQ(back.units, scan().units);
  EXPECT_EQ(back.metadata, scan().metadata);
  EXPECT_EQ(back.warnings, scan().warnings);
  EXPECT_TRUE(buffer.empty());
}

TEST(ScanMessage, CutOrChangedItIsNone) {
  const std::string body = encode_scan(scan());
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_THROW((void)decode_scan(body.substr(0, size), "a"), Error) << size;
  EXPECT_THROW((void)decode_scan(body + "x", "a"), Error);
  const std::string bytes = encode({Message::Kind::scan, body});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    MessageBuffer buffer;
    buffer.add(bad);
    try {
      EXPECT_FALSE(buffer.next()) << i;  // a longer one: it is waited for
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data);
    }
  }
}

TEST(ScanMessage, OfOneThatIsTooLongNothingIsWaitedFor) {
  const std::string bytes = encode({Message::Kind::channel, std::string(1001, 'x')});
  MessageBuffer enough(1001), less(1000);
  enough.add(bytes);
  EXPECT_TRUE(enough.next());
  less.add(bytes.substr(0, 20));
  EXPECT_THAT(message_of([&] { (void)less.next(); }), HasSubstr("too much"));
}

TEST(ScanMessage, WhatNoReaderPromisesIsRefused) {
  const auto refused = [](const std::function<void(ScanFile&)>& spoil) {
    auto bad = scan();
    spoil(bad);
    return message_of([&] { (void)decode_scan(encode_scan(bad), "a"); });
  };
  EXPECT_THAT(refused([](auto& s) { s.columns[1][1] = NAN; }), HasSubstr("not finite"));
  EXPECT_THAT(refused([](auto& s) { s.names[1] = "energy"; }), HasSubstr("a column's name"));
  EXPECT_THAT(refused([](auto& s) { s.names[1] = "Mu"; }), HasSubstr("a column's name"));
  EXPECT_THAT(refused([](auto& s) { s.units[1] = "furlong"; }), HasSubstr("a column's unit"));
  EXPECT_THAT(refused([](auto& s) { s.label = "\033[2J"; }), HasSubstr("control bytes"));
  EXPECT_THAT(refused([](auto& s) { s.format = "xdi"; }), HasSubstr("its format"));
  EXPECT_THAT(refused([](auto& s) { s.columns = {{1}, {2}}; }), HasSubstr("fewer than two"));
}

class Contained : public testing::Test {
 protected:
  Contained() : folder_("contained"), path_(folder_.path() + "/a.h5") {
    write_file_atomically(path_, "\x89HDF\r\n\x1a\n");
  }

  /// A program that does what the shell says instead of reading.
  Containment by(const std::string& script, double patience = 20) {
    const std::string program = folder_.path() + "/child";
    write_file_atomically(program, "#!/bin/sh\n" + script + "\n");
    ::chmod(program.c_str(), 0700);
    return {patience, program};
  }
  std::string says(const std::vector<Message>& messages) {
    std::string bytes;
    for (const auto& message : messages) bytes += encode(message);
    write_file_atomically(folder_.path() + "/said", bytes);
    return "cat " + folder_.path() + "/said";
  }
  std::vector<ScanFile> read(const Containment& how, std::vector<Error>* refused = nullptr) {
    const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    return read_contained(file.number(), "a.h5", refused, how);
  }
  std::string error(const Containment& how, Cause cause = Cause::data) {
    return message_of([&] { (void)read(how); }, cause);
  }

  TemporaryFolder folder_;
  std::string path_;
};

using Kind = Message::Kind;

TEST_F(Contained, WhatItHandsOver) {
  const Message one{Kind::scan, encode_scan(scan())};
  EXPECT_THAT(read(by(says({one, {Kind::done, ""}}))), SizeIs(1));
  std::vector<Error> refused;
  EXPECT_THAT(read(by(says({one, {Kind::refused, "a.h5: bad"}, {Kind::done, ""}})), &refused),
              SizeIs(1));
  EXPECT_THAT(refused, SizeIs(1));
  EXPECT_EQ(error(by(says({{Kind::failed, "a.h5: no"}}))), "a.h5: no");
  EXPECT_EQ(error(by(says({{Kind::open, "a.h5: later"}})), Cause::try_again), "a.h5: later");
}

TEST_F(Contained, DeathIsAnErrorThatNamesTheFile) {
  const Message one{Kind::scan, encode_scan(scan())};
  EXPECT_THAT(error(by("kill -SEGV $$")), AllOf(HasSubstr("a.h5: "), HasSubstr("signal 11")));
  EXPECT_THAT(error(by("echo it crashed at /entry/data >&2; exit 139")),
              HasSubstr("a.h5: HDF5 that can't be read: it crashed at /entry/data"));
  EXPECT_THAT(error(by(says({one}) + "; exit 0")), HasSubstr("left with status 0"));
  EXPECT_THAT(error(by(says({one, {Kind::done, ""}}) + "; exit 3")), HasSubstr("status 3"));
  EXPECT_THAT(error(by("exit 0")), HasSubstr("a.h5: "));
  EXPECT_THAT(error(by(says({{Kind::done, ""}}))), HasSubstr("found nothing"));
}

TEST_F(Contained, AHangHasAnEnd) {
  EXPECT_THAT(error(by("exec sleep 1000", 0.2)), HasSubstr("came to no end within 0.2"));
  const Message one{Kind::scan, encode_scan(scan())};
  EXPECT_THAT(error(by(says({one}) + "; exec sleep 1000", 0.2)), HasSubstr("came to no end"));
}

TEST_F(Contained, LiesAreErrors) {
  auto bad = scan();
  bad.columns[1][1] = INFINITY;
  const Message one{Kind::scan, encode_scan(scan())}, lie{Kind::scan, encode_scan(bad)},
      end{Kind::done, ""};
  EXPECT_THAT(error(by("echo 5 scans")), HasSubstr("a.h5: what a child of ours handed over"));
  EXPECT_THAT(error(by(says({lie, end}))), HasSubstr("not finite"));
  EXPECT_THAT(error(by(says({one, one, end}))), HasSubstr("two scans of one name"));
  EXPECT_THAT(error(by(says({one, end, one}))), HasSubstr("behind its end"));
  EXPECT_THAT(error(by(says({{Kind::alive, "7"}, end}))), HasSubstr("not asked for"));
  EXPECT_THAT(error(by("exec yes >&2", 0.5)), HasSubstr("a.h5: "));
}

TEST_F(Contained, WithoutAProgramItIsForLater) {
  EXPECT_THAT(error({20, folder_.path() + "/none"}, Cause::try_again),
              HasSubstr("a.h5: no program"));
}

}  // namespace
}  // namespace twin::sources::contained_test
