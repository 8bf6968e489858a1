// SPDX-License-Identifier: GPL-3.0-or-later
// Raw curves are watched by their scores on known ones: spectra through twin-extract's linear
// combination into twin-steer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "core/text.h"
#include "tool.h"

using namespace twin;
using namespace tools;
using testing::HasSubstr;

namespace steer_curves_test {

namespace {

constexpr double e0 = 8979.0;

/// An edge whose white line is as high, and that lies as much higher, as the second state's share.
double mu(double energy, double white_line, double shift) {
  const double above = energy - e0 - shift;
  const double edge = 0.5 + std::atan(above / 2) / std::numbers::pi;
  return 0.5 - 1e-4 * (energy - e0) + edge + white_line * std::exp(-std::pow((above - 3) / 3, 2));
}

std::string spectrum(double share, double noise, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal;
  std::string out = "# energy mu\n";
  const auto point = [&](double e) {
    const double value = (1 - share) * mu(e, 0.2, 0) + share * mu(e, 1.2, 3);
    out += shortest(e) + " " + shortest(value + noise * normal(random)) + "\n";
  };
  for (double e = e0 - 200; e < e0 - 20; e += 5) point(e);
  for (double e = e0 - 20; e < e0 + 60; e += 0.5) point(e);
  for (double e = e0 + 60; e < e0 + 700; e += 10) point(e);
  return out;
}

struct SteerCurves : Tools {
  SteerCurves() {
    put("first.dat", spectrum(0, 0, 0));
    put("second.dat", spectrum(1, 0, 0));
    put("policy.yaml",
        "format: twin-policy/1\nwatch: [fraction:first, fraction:second]\n"
        "baseline: {samples: 20}\nfalse_alarms: {at_most: 5 %, per: 100 samples}\n");
  }

  /// Scans of which the first \p at have one share of the second state, the others another.
  std::vector<record::Event> found(int count, int at, double before, double after,
                                   const std::string& more = "") {
    Words files;
    for (int k = 0; k < count; ++k) {
      files.push_back("s" + std::to_string(100 + k) + ".dat");
      put(files.back(), spectrum(k < at ? before : after, 0.002, static_cast<unsigned>(k + 1)));
    }
    const auto results = extracted_by(
        "format: twin-recipe/1\ntechnique: xas\nedge: Cu K\ncolumns: {energy: energy, mu: mu}\n"
        "reduce: {e0: 8980, pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 1}\n"
        "xanes: {lcf: {standards: [{name: first, file: first.dat}, "
        "{name: second, file: second.dat}]" +
            more + "}}\n",
        files, {"--arrays", "none"});
    EXPECT_EQ(results.status, 0) << results.error;
    const auto said = run({"twin-steer", "--policy", "policy.yaml"}, results.out);
    EXPECT_EQ(said.status, 0) << said.error;
    std::vector<record::Event> out;
    for (auto& event : all<record::Event>(said.out))
      if (event.what != "onset") out.push_back(std::move(event));
    return out;
  }
};

}  // namespace

TEST_F(SteerCurves, SpectraAreWatchedByTheirFractions) {
  const auto events = found(60, 40, 0.3, 0.33);
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events[0].what, "baseline");
  // Fractions add up to one: the second follows from the first, and counts no second time.
  EXPECT_THAT(events[0].text, HasSubstr("fraction:second is left out"));
  EXPECT_EQ(events[1].what, "change");
  EXPECT_LE(events[1].first, "s140");
  EXPECT_GE(events[1].second, "s140");
  EXPECT_EQ(events[1].significant, Words{"fraction:first"});
}

TEST_F(SteerCurves, AStateThatIsNotThereInTheBaselineIsFound) {
  const auto events = found(60, 40, 0.0, 0.02, ", nonnegative: false");
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events[1].what, "change");
  EXPECT_LE(events[1].first, "s140");
  EXPECT_GE(events[1].second, "s140");
}

TEST_F(SteerCurves, WithoutAChangeNothingIsFound) {
  for (const auto& event : found(60, 60, 0.3, 0.3)) EXPECT_NE(event.what, "change") << event.text;
}

}  // namespace steer_curves_test
