// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --epics: what process variables say goes with each scan, and an IOC stops nothing.
#include <gmock/gmock.h>

#include <algorithm>

#include "core/time.h"
#include "epics.h"
#include "scans.h"
#include "watching.h"

using namespace twin;
using namespace tools;

namespace acquire_epics_test {
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

class TwinAcquireEpics : public Watching {
 protected:
  void conditions(const std::string& channels, const std::string& more = "") {
    put("epics.yaml", "format: twin-epics/1\n" + more + "channels:\n" + channels);
  }

  /// A scan whose header says when it was measured.
  static std::string timed(double from, double to) {
    std::string out = xdi();
    return out.replace(
        out.find("# ---"), 0,
        "# Scan.start_time: " + utc_of(from) + "\n# Scan.end_time: " + utc_of(to) + "\n");
  }

  record::Quantity temperature_of_next() {
    const auto scan = next<record::Measurement>();
    const auto found = scan.context.environment.find("temperature");
    return found == scan.context.environment.end() ? record::Quantity{} : found->second;
  }

  static std::string text_in(const record::Quantity& quantity, const char* key) {
    const auto* found = quantity.extra.find(key);
    return found != nullptr && found->is_string() ? found->string() : "";
  }

  record::Event next_event(const std::string& what) {
    while (true)
      if (auto event = next<record::Event>(); event.what == what || event.what.empty()) {
        ::usleep(50000);  // a file system stamps by a clock that stands still for some ms
        return event;
      }
  }

  /// The status of a look at one channel, and what is said.
  Said look(const std::string& channel) {
    conditions("  temperature: {" + channel + "}\n");
    put("scan.xdi", xdi());
    return run({"twin-acquire", "scan.xdi", "--epics", "epics.yaml"});
  }

  Ioc ioc_;
};

constexpr auto temperature = "  temperature: {pv: 'T:temperature', unit: K, sigma_sys: 1 °C}\n";

TEST_F(TwinAcquireEpics, WithoutLibcaItIsSaidAndNothingElseChanges) {
  put("scan.xdi", xdi());
  conditions(temperature);
  const auto said = run({"twin-acquire", "scan.xdi", "--epics", "epics.yaml"}, "",
                        {{"TWIN_LIBCA", path("nothing.so")}});
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(said.error, HasSubstr("libca, EPICS Channel Access, is not there"));
  EXPECT_THAT(all<record::Measurement>(said.out), SizeIs(0));
  put("libca.so", "no library");
  EXPECT_EQ(run({"twin-acquire", "scan.xdi", "--epics", "epics.yaml"}, "",
                {{"TWIN_LIBCA", path("libca.so")}})
                .status,
            69);
  const auto without = run({"twin-acquire", "scan.xdi"}, "", {{"TWIN_LIBCA", path("nothing.so")}});
  EXPECT_EQ(without.status, 0);
  EXPECT_EQ(without.error, "");
}

TEST_F(TwinAcquireEpics, ADocumentThatIsWrongIsToldWithItsLine) {
  put("scan.xdi", xdi());
  for (const auto& [channel, word] : std::initializer_list<std::pair<const char*, const char*>>{
           {"unit: K", "pv"},
           {"pv: 'T:x'", "unit: is missing"},
           {"pv: 'T x', unit: K", "no blanks"},
           {"pv: 'T:x', unit: kelvins", "twin-units"},
           {"pv: 'T:x', unit: K, sigma: 1 eV", "sigma"},
           {"pv: 'T:x', unit: K, over: time", "scan, end"}}) {
    const auto said = look(channel);
    EXPECT_EQ(said.status, 78) << channel;
    EXPECT_THAT(said.error, HasSubstr("epics.yaml:3"));
    EXPECT_THAT(said.error, HasSubstr(word));
  }
}

TEST_F(TwinAcquireEpics, WhatAVariableSaysGoesWithTheScan) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  put("scan.xdi", xdi());
  conditions(temperature + std::string("  current: {pv: 'T:current', unit: mA, sigma: 0.5 mA}\n"));
  const Words taking{"twin-acquire", "scan.xdi", "--epics", "epics.yaml", "--into", "run.nxs"};
  const auto said = run(taking);
  ASSERT_EQ(said.status, 0) << said.error;
  const auto scans = all<record::Measurement>(said.out);
  ASSERT_THAT(scans, SizeIs(1));
  const auto& t = scans[0].context.environment.at("temperature");
  EXPECT_EQ(t.value, 300);
  EXPECT_EQ(t.unit, "K");
  EXPECT_EQ(t.sigma_sys, 1);
  EXPECT_EQ(text_in(t, "pv"), "T:temperature");
  const auto stamp = parse_utc(text_in(t, "stamp"));
  ASSERT_TRUE(stamp);
  EXPECT_NEAR(*stamp, seconds_now(), 300);
  EXPECT_EQ(scans[0].context.environment.at("current").value, 200);
  EXPECT_EQ(scans[0].context.environment.at("current").sigma, 0.5);
  // It is the same scan, whatever the conditions are now; a person's word comes before an IOC's.
  ioc_.say("temperature.set(310)");
  EXPECT_EQ(all<record::Event>(run(taking).out).at(0).what, "duplicate");
  auto stated = taking;
  stated.insert(stated.end(), {"--context", "temperature=77 K", "--run", "other"});
  EXPECT_EQ(
      all<record::Measurement>(run(stated).out).at(0).context.environment.at("temperature").value,
      77);
}

TEST_F(TwinAcquireEpics, AMeanIsWeightedByTime) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  conditions(temperature);
  start({"--into", "run.nxs", "--epics", "epics.yaml"});
  add("first.xdi", xdi());
  EXPECT_EQ(temperature_of_next().value, 300);
  const double from = seconds_now();
  ::usleep(300000);
  ioc_.say("temperature.set(310)");
  const double change = seconds_now();
  ::usleep(300000);
  add("second.xdi", timed(from, seconds_now()));
  const auto mean = temperature_of_next();
  ASSERT_TRUE(mean.value);
  EXPECT_GT(*mean.value, 301);
  EXPECT_LT(*mean.value, 309);
  // For two values, σ² = (x - 300)(310 - x), whatever the weights are.
  EXPECT_NEAR(*mean.sigma, std::sqrt((*mean.value - 300) * (310 - *mean.value)), 1e-6);
  EXPECT_EQ(mean.method, "epics-mean");
  add("third.xdi", timed(change + 0.05, seconds_now()));
  EXPECT_EQ(temperature_of_next().value, 310);
  // Long before anybody listened.
  add("fourth.xdi", timed(from - 4000, from - 3000));
  const auto unknown = temperature_of_next();
  EXPECT_FALSE(unknown.value);
  EXPECT_THAT(text_in(unknown, "reason"), HasSubstr("nothing is known of it"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireEpics, AnIocThatDiesIsAGapAndComesBackByItself) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  conditions(temperature);
  start({"--into", "run.nxs", "--epics", "epics.yaml"});
  add("a.xdi", xdi(0));
  EXPECT_EQ(temperature_of_next().value, 300);
  ioc_.kill();
  EXPECT_EQ(next_event("channel-lost").first, "temperature");
  for (int i = 1; i < 4; ++i) {  // nobody waits for it
    add("b" + std::to_string(i) + ".xdi", xdi(i));
    const auto gap = temperature_of_next();
    EXPECT_FALSE(gap.value);
    EXPECT_EQ(gap.unit, "K");
    EXPECT_THAT(text_in(gap, "reason"), HasSubstr("T:temperature: it was not connected"));
  }
  ioc_.start();
  EXPECT_EQ(next_event("channel-back").first, "temperature");
  ioc_.say("temperature.set(333)");
  ::usleep(100000);
  add("c.xdi", xdi(9));
  EXPECT_EQ(temperature_of_next().value, 333);
  EXPECT_EQ(end(), 143);
  const auto times = [&](const std::string& word) {
    std::size_t n = 0;
    for (auto at = said_.find(word); at != said_.npos; at = said_.find(word, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(times("is not connected any more"), 1U) << said_;
  EXPECT_EQ(times("channel-back"), 1U) << said_;
  EXPECT_THAT(stored(), SizeIs(5));
}

TEST_F(TwinAcquireEpics, AnIocThatHangsIsMissedInTime) {
  SKIP_WITHOUT_IOC();
  ioc_.set("EPICS_CA_CONN_TMO", "1");
  ioc_.start();
  conditions(temperature);
  start({"--epics", "epics.yaml"});
  add("a.xdi", xdi(0));
  EXPECT_EQ(temperature_of_next().value, 300);
  ioc_.hang();
  EXPECT_EQ(next_event("channel-lost").first, "temperature");
  add("b.xdi", xdi(1));
  EXPECT_FALSE(temperature_of_next().value);
  ioc_.wake();
  EXPECT_EQ(next_event("channel-back").first, "temperature");
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireEpics, NoIocAtAllIsSaidOnce) {
  SKIP_WITHOUT_IOC();
  conditions(temperature, "connect_within: 0.2 s\n");
  start({"--epics", "epics.yaml"});
  EXPECT_EQ(next_event("channel-missing").first, "temperature");
  std::string cold = xdi();
  cold.replace(cold.find("# ---"), 0, "# Sample.temperature: 10 K\n");
  add("a.xdi", xdi());
  EXPECT_FALSE(temperature_of_next().value);
  // What the file says itself is no worse for it.
  add("b.xdi", cold);
  const auto own = temperature_of_next();
  EXPECT_EQ(own.value, 10);
  EXPECT_THAT(text_in(own, "not_by_epics"), HasSubstr("nothing is known of it"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireEpics, WhatIsNoNumberInItsUnitIsRefused) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  for (const auto& [channel, word] : std::initializer_list<std::pair<const char*, const char*>>{
           {"pv: 'T:temperature', unit: °C", "T:temperature is in \"K\"; \"°C\" is expected"},
           {"pv: 'T:temperature', unit: ''", "is in \"K\"; none is expected"},
           {"pv: 'T:mode', unit: K", "has no unit; \"K\" is expected"},
           {"pv: 'T:wave', unit: ''", "T:wave has 3 elements; one number is expected"},
           {"pv: 'T:states', unit: ''", "T:states is one of several states"},
           {"pv: 'T:text', unit: ''", "T:text is a text; a number is expected"}}) {
    const auto said = look(channel);
    EXPECT_EQ(said.status, 78) << channel << said.error;
    EXPECT_THAT(said.error, HasSubstr(word));
  }
  EXPECT_EQ(look("pv: 'T:temperature', unit: °C, egu: K").status,
            0);  // its record lies, it is said
}

TEST_F(TwinAcquireEpics, AlarmsAndNonsenseAreNoValues) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  conditions(temperature);
  start({"--epics", "epics.yaml"});
  int mark = 0;
  const auto after = [&](const std::string& statement) {
    EXPECT_THAT(ioc_.say(statement), Not(HasSubstr("failed")));
    ::usleep(200000);
    ++mark;
    add("s" + std::to_string(mark) + ".xdi", xdi(mark));
    return temperature_of_next();
  };
  const auto major = after("temperature.set(301, severity=2, alarm=3)");
  EXPECT_EQ(major.value, 301);
  EXPECT_EQ(text_in(major, "alarm"), "MAJOR HIHI");
  const auto invalid = after("temperature.set(302, severity=3, alarm=9)");
  EXPECT_FALSE(invalid.value);
  EXPECT_THAT(text_in(invalid, "reason"), HasSubstr("alarm INVALID COMM"));
  const auto nan = after("temperature.set(float('nan'), severity=0, alarm=0)");
  EXPECT_FALSE(nan.value);
  EXPECT_EQ(after("temperature.set(303, severity=0, alarm=0)").value, 303);
  // Its unit becomes another one while all goes on: from then on it is none.
  const auto other = after("temperature.set_field('EGU', '\\x1b[2J')");
  EXPECT_FALSE(other.value);
  EXPECT_THAT(text_in(other, "reason"), HasSubstr("\"\\x1b[2J\"; \"K\" is expected"));
  EXPECT_EQ(after("temperature.set_field('EGU', 'K')").value, 303);
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(said_, HasSubstr("epics.yaml: temperature: T:temperature is in"));
}

}  // namespace

}  // namespace acquire_epics_test
