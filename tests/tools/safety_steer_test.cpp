// SPDX-License-Identifier: GPL-3.0-or-later
// What twin-steer makes of input that is none: see the table in safety_test.cpp.
#include <gmock/gmock.h>

#include <functional>
#include <random>
#include <regex>

#include "obey.h"
#include "scans.h"

using namespace twin;
using namespace tools;

namespace safety_steer_test {
using ::testing::HasSubstr;

namespace {

class TwinSafetySteer : public TwinAcquireObey {
 protected:
  /// What twin-steer makes of a whole stream: the modes that it asks for, and why.
  Words asked(const std::string& input) {
    Words out;
    for (const auto& one :
         all<record::Command>(run({"twin-steer", "--policy", "policy.yaml"}, input).out))
      out.push_back(std::to_string(one.sequence) + " " + one.mode + ": " + one.reason);
    return out;
  }
};

/// Results of a length, which rises from number \p at on; measured now.
class Rising {
 public:
  explicit Rising(int at, double from = 2.54, double step = 0.01)
      : at_(at), from_(from), step_(step) {}

  record::Result next() {
    ++number_;
    return once_more();
  }
  /// The same length by another scan.
  record::Result once_more() {
    const int k = number_;
    auto out = result("", from_ + step_ * std::max(0, k - at_) + normal_(random_), 0.002);
    out.context.scan = shortest(from_) + "-" + std::to_string(++scans_);
    out.header.time = utc_now();
    return out;
  }
  std::string next(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += line(next());
    return out;
  }

 private:
  int at_, number_ = -1, scans_ = 0;
  double from_, step_;
  std::mt19937_64 random_{4};
  std::normal_distribution<> normal_{0, 0.002};
};

const std::string policy_text =
    "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 30}\nmodes:\n"
    "  quiet: {scan: exafs-full, every: 10 min}\n  track: {scan: xanes-quick, every: 1 s}\n"
    "safe_mode: quiet\ncommands: {file: rate.yaml, ttl: 2 s}\n";

// 3: while what comes is of no use the newest command is held, and then expires.
TEST_F(TwinSafetySteer, WhatIsOfNoUseRenewsNoCommand) {
  put("policy.yaml", policy_text);
  bounds_ = std::regex_replace(bounds_, std::regex("least: 10 s"), "least: 1 s");
  bounds_ = std::regex_replace(bounds_, std::regex("every: 20 s"), "every: 1 s");
  arm();
  start();
  process::Child steer({.argv = {tools_dir() + "/twin-steer", "--quiet", "--policy", "policy.yaml"},
                        .folder = path(""),
                        .environment = environment()});
  int given = 0;
  const auto give = [&](const std::string& lines) {  // until that is behind it
    record::Gap mark;
    mark.reason = "mark " + std::to_string(++given) + ".";
    steer.write(lines + line(mark), process::Seconds(20));
    std::string said;
    while (said.find(mark.reason) == said.npos)
      if (const auto chunk = steer.read(process::Seconds(20)))
        said += chunk->bytes;
      else
        return ADD_FAILURE() << said;
  };
  Rising rising(40);
  give(rising.next(45));
  const auto changed = [&](auto change) {
    auto out = rising.once_more();
    change(out);
    return line(out);
  };
  const std::string twice = line(rising.next());
  give(twice);
  const std::vector<std::function<std::string()>> useless{
      [&] { return changed([](auto& r) { r.converged = false; }); },
      [&] { return changed([](auto& r) { r.quantities.at("r:Cu-Cu.1").value.reset(); }); },
      [&] { return changed([](auto& r) { r.status = record::Completeness::partial; }); },
      [&] { return changed([](auto& r) { r.measured_at = utc_of(seconds_now() - 100); }); },
      [&] {
        return std::regex_replace(line(rising.once_more()), std::regex("\"value\":[0-9.]+"),
                                  "\"value\":NaN");
      },
      [&] { return twice; }};
  for (std::size_t i = 0; i < useless.size(); ++i) {
    EXPECT_TRUE(until([&] {
      give(rising.next(1));
      return mode() == "track";
    })) << i;
    const std::string held = get("rate.yaml");
    EXPECT_TRUE(until([&] {
      give(useless[i]());
      return mode() == "quiet";
    })) << i;
    EXPECT_EQ(get("rate.yaml"), held) << i;
  }
  EXPECT_EQ(end(), 143);
}

// 7: what is measured without a beam is no sample, and behind it another mean is learnt.
TEST_F(TwinSafetySteer, ABeamThatWasAwayIsNoChange) {
  put("policy.yaml", policy_text);
  for (const bool told : {false, true}) {
    Rising before(1000), away(1000, 3.5), after(1000, 2.6);
    std::string input = before.next(60);
    record::Event lost, back;
    lost.what = "no-beam";
    back.what = "beam-back";
    lost.second = utc_now();
    if (told) input += line(lost);
    input += away.next(5);
    back.second = utc_now();
    if (told) input += line(back);
    input += after.next(60);
    const auto said = run({"twin-steer", "--policy", "policy.yaml"}, whole_stream(input));
    Words what;
    for (const auto& event : all<record::Event>(said.out)) what.push_back(event.what);
    EXPECT_EQ(std::ranges::count(what, "change") > 0, !told);
    EXPECT_EQ(
        std::ranges::count_if(all<record::Gap>(said.out),
                              [](const auto& gap) { return gap.reason == "there was no beam"; }),
        told ? 6 : 0);
  }
}

// 14
TEST_F(TwinSafetySteer, AMatchRaisesNothing) {
  put("policy.yaml",
      std::regex_replace(policy_text, std::regex("every: (1 s|10 min)"), "every: 1 s, dose: 1 Gy") +
          "dose: {budget: 70 Gy, reserve: 10 %}\n");
  put("policy.yaml", std::regex_replace(get("policy.yaml"), std::regex("safe_mode: quiet"),
                                        "  closed: {scan: none, every: 1 h}\nsafe_mode: closed"));
  using record::Answer;
  for (const Answer answer : {Answer::match, Answer::no_match, Answer::inconclusive}) {
    Rising rising(50);
    std::string without, with;
    for (int k = 0; k < 80; ++k) {
      const std::string one = line(rising.next());
      record::Verdict told;
      told.scan = "s" + std::to_string(k);
      told.answer = answer;
      without += one;
      with += one + line(told);
    }
    const auto modes = asked(whole_stream(with));
    EXPECT_EQ(modes, asked(whole_stream(without)));
    ASSERT_GE(modes.size(), 3U);
    EXPECT_THAT(modes[modes.size() - 2], HasSubstr("track"));
    EXPECT_THAT(modes.back(), HasSubstr("closed: the dose is spent"));
  }
}

}  // namespace

}  // namespace safety_steer_test
