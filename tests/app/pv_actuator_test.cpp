// SPDX-License-Identifier: GPL-3.0-or-later
// A process variable as actuator: what is made of a child that dies, floods or lies. A program in
// its place answers each order with what it is to say.
#include "app/pv_actuator.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <functional>

#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "message_of.h"
#include "sources/channel_news.h"
#include "sources/scan_message.h"

namespace twin::app::pv_actuator_test {
namespace {

using sources::ChannelNews;
using testing::HasSubstr;
using Kind = ChannelNews::Kind;

class PvActuators : public testing::Test {
 protected:
  PvActuators() : folder_("pv"), program_(folder_.path() + "/child") {
    actuator_.pv = actuator_.read_back_pv = "T:mode";
    actuator_.pv_values = {{"quiet", 0}, {"track", 2}};
    actuator_.pv_seconds = 2;
    says("begin", {{.kind = Kind::ready}});
    says("watch0", {up(0)});
    says("watch1", {up(1), value(0)});
    for (std::uint32_t i = 1; i < 20; ++i) {
      says("ask" + std::to_string(i),
           {{.kind = Kind::properties, .request = i, .upper = 2, .writable = true}});
      says("put" + std::to_string(i), {{.kind = Kind::answer, .request = i}});
    }
    behaves("");
  }

  static ChannelNews up(std::uint32_t channel) {
    return {.kind = Kind::up, .channel = channel, .type = 6, .elements = 1};
  }
  static ChannelNews value(double value) {
    return {.kind = Kind::value, .channel = 1, .value = value};
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  void says(const std::string& file, const std::vector<ChannelNews>& all) {
    std::string bytes;
    for (const auto& news : all)
      bytes += sources::encode({sources::Message::Kind::channel, sources::encode_news(news)});
    write_file_atomically(path(file), bytes);
  }

  /// \param more  of the shell, for each order: $what, $number and $request
  void behaves(const std::string& more) {
    write_file_atomically(program_, "#!/bin/sh\ncd " + folder_.path() +
                                        "\nPATH=/usr/bin:/bin\necho $$ > pid\ncat begin\n"
                                        "while read -r what number request value; do\n" +
                                        more +
                                        "\n  echo $what $number $request $value >> orders\n"
                                        "  case $what in\n    watch) cat watch$number ;;\n"
                                        "    ask|put) cat $what$request ;;\n  esac\ndone\n");
    ::chmod(program_.c_str(), 0700);
  }

  [[nodiscard]] std::string orders() const { return read_file(path("orders"), 1 << 20); }

  bool until(const std::function<bool()>& so) const {
    const double end = monotonic_seconds() + 20;
    while (!so())
      if (monotonic_seconds() > end) return false;
    return true;
  }
  bool is_in(PvActuator& pv, const std::string& mode) const {
    return until([&] { return pv.mode() == mode; });
  }

  void kill_child() {
    const auto pid = parse_integer(trim(read_file(path("pid"), 100)));
    ASSERT_TRUE(pid);
    ::kill(static_cast<pid_t>(*pid), SIGKILL);
    const std::string status = "/proc/" + std::to_string(*pid) + "/stat";
    ASSERT_TRUE(until([&] { return read_file(status, 4096).find(") Z") != std::string::npos; }));
  }

  TemporaryFolder folder_;
  std::string program_;
  record::Actuator actuator_;
};

TEST_F(PvActuators, AModeIsPutAndTheSafeOneLeftBehind) {
  PvActuator pv(actuator_, "quiet", program_);
  pv.begin();
  EXPECT_TRUE(is_in(pv, "quiet"));
  pv.tell("track");
  EXPECT_THAT(orders(), HasSubstr("last 0 0\nput 0 3 2\n"));
}

TEST_F(PvActuators, AfterADeathNothingIsPutOverWhatAHandSet) {
  PvActuator pv(actuator_, "quiet", program_);
  pv.begin();
  pv.tell("track");
  says("watch1", {up(1), value(1)});
  kill_child();
  EXPECT_TRUE(is_in(pv, "1"));  // another one hears it
  EXPECT_THAT(message_of([&] { pv.tell("quiet"); }, Cause::unavailable),
              HasSubstr("T:mode: it was away, and is in 1 now"));
  EXPECT_EQ(pv.by_hand(), "1");
  EXPECT_THAT(orders(), testing::Not(HasSubstr("put 0 2")));
  pv.forget();  // it is his, until he gives it back
  pv.tell("quiet");
  EXPECT_FALSE(pv.by_hand());
}

TEST_F(PvActuators, AfterADeathWhatItWasToldIsPutOnAndLeftBehind) {
  PvActuator pv(actuator_, "quiet", program_);
  pv.begin();
  pv.tell("track");
  says("watch1", {up(1), value(2)});
  kill_child();
  EXPECT_TRUE(is_in(pv, "track"));
  write_file_atomically(path("orders"), "");
  kill_child();
  pv.tell("quiet");  // at once
  EXPECT_EQ(orders(), "watch 0 T:mode\nwatch 1 T:mode\nlast 0 0\nask 0 1\nlast 0 0\nput 0 2 0\n");
  // Of one that is never read back again nobody knows.
  says("watch1", {up(1)});
  kill_child();
  EXPECT_THAT(message_of([&] { pv.tell("track"); }, Cause::unavailable),
              HasSubstr("is not read back"));
  EXPECT_FALSE(pv.by_hand());
}

TEST_F(PvActuators, AFloodAndAHangHaveAnEnd) {
  PvActuator pv(actuator_, "quiet", program_);
  pv.begin();
  behaves("[ $what = put ] && while :; do cat watch1; done");
  kill_child();
  EXPECT_TRUE(is_in(pv, "quiet"));
  EXPECT_THAT(message_of([&] { pv.tell("quiet"); }, Cause::unavailable),
              HasSubstr("T:mode: its IOC gave no answer within 2 s"));
  EXPECT_EQ(pv.mode(), "quiet");
}

TEST_F(PvActuators, ALieIsADeath) {
  write_file_atomically(path("watch1"), "TwS1\x0a" + std::string("\0\0\0\x10\0\0\0\0abcd", 12));
  PvActuator pv(actuator_, "quiet", program_);
  EXPECT_THAT(message_of([&] { pv.begin(); }, Cause::unavailable), HasSubstr("T:mode: "));
  says("watch0", {{.kind = Kind::up, .type = 6, .elements = 7}});
  EXPECT_THAT(message_of([&] { pv.begin(); }, Cause::configuration),
              HasSubstr("T:mode has 7 elements; one number is expected"));
}

}  // namespace
}  // namespace twin::app::pv_actuator_test
