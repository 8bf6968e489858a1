// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench.h"

namespace answer_test {
namespace {

using testing::HasSubstr;
using toy::Bench;

TEST(Answer, SaysWhichSideMustTakeLongerAndHowLong) {
  // Room for σ² within the tolerance of 1: (1/1.645)² = 0.370.
  const auto reason = [](double measured, double simulated, double difference) {
    Bench bench({difference}, measured, 1.0);
    bench.simulated.quantities["x0"].sigma = simulated;
    return bench.verdict().reason;
  };
  EXPECT_THAT(reason(0.7, 0.1, 0), HasSubstr("the measurement must take 1.4 times as long"));
  EXPECT_THAT(reason(0.1, 0.7, 0), HasSubstr("the simulation must run 1.4 times as long"));
  EXPECT_THAT(reason(0.7, 0.7, 0),
              HasSubstr("measurement and simulation must each take 2.7 times as long"));
  EXPECT_THAT(reason(1.0, 0.1, 1.2), HasSubstr("the difference itself is larger"));
}

TEST(Answer, AParameterThatTheDataDoNotSeeIsNamed) {
  // x0 = a + 0.01 b, ± 1: a is known to 1 of its 100, of b 100 ± 1/0.01.
  Bench bench({0.0});
  bench.model.fit_to = bench.model.hold_back;
  bench.model.hold_back.clear();
  bench.model.free.push_back({"a", 50, "", 0, 100, 50.0, 20.0});
  bench.model.free.push_back({"b", 5, "", 0, 10, 5.0, 1.0});
  bench.simulated.parameters = {{"a", 50}, {"b", 5}};
  bench.simulated.jacobian = {{"x0"}, {"a", "b"}, {1.0, 0.01}};
  EXPECT_THAT(bench.verdict().unobservable, testing::ElementsAre("b"));
  EXPECT_THAT(bench.verdict().reason, HasSubstr("of b the data say nothing"));
}

}  // namespace
}  // namespace answer_test
