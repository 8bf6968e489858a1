// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include <bit>
#include <clocale>
#include <cmath>
#include <limits>
#include <random>

#include "core/text.h"

namespace twin::numbers_test {
namespace {

TEST(ParseDouble, UnderstandsWhatInstrumentsAndFortranWrite) {
  EXPECT_EQ(parse_double("1"), 1.0);
  EXPECT_EQ(parse_double("+1.5"), 1.5);
  EXPECT_EQ(parse_double("-.5"), -0.5);
  EXPECT_EQ(parse_double(".878E+04"), 8780.0);
  EXPECT_EQ(parse_double("1.0D+3"), 1000.0);
  EXPECT_EQ(parse_double("-2.5d-1"), -0.25);
  EXPECT_TRUE(std::isnan(parse_double("nan").value_or(0)));
  EXPECT_EQ(parse_double("-inf"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("1e-400"), 0.0);
}

TEST(ParseDouble, RefusesTheRest) {
  for (const char* bad :
       {"", " 1", "1 ", "1,5", "0x10", "1e", "--1", "+-1", "1.2.3", "d3", "D", "1e999", "abc"})
    EXPECT_EQ(parse_double(bad), std::nullopt) << bad;
}

TEST(ParseInteger, TakesWholeTextsThatFit) {
  EXPECT_EQ(parse_integer("-42"), -42);
  EXPECT_EQ(parse_integer("+7"), 7);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", "9223372036854775808", "1.0", "1e3", "+-1", "4 "})
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
}

TEST(Shortest, ReadsBackExactly) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1e-7), "1e-07");
  EXPECT_EQ(shortest(std::nan("")), "nan");
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (std::isfinite(value)) {
      EXPECT_EQ(parse_double(shortest(value)), value);
    }
  }
}

TEST(Shortest, DoesNotAskTheLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr)
    GTEST_SKIP() << "skipped: no de_DE locale";
  EXPECT_EQ(shortest(1.5), "1.5");
  EXPECT_EQ(parse_double("1.5"), 1.5);
  std::setlocale(LC_NUMERIC, before.c_str());
}

TEST(Significant, KeepsTheDigitsAskedFor) {
  EXPECT_EQ(significant(2.5431, 3), "2.54");
  EXPECT_EQ(significant(12, 3), "12.0");
  EXPECT_EQ(significant(0.00863, 2), "0.0086");
  EXPECT_EQ(significant(9.996, 3), "10.0");
  EXPECT_EQ(significant(0, 3), "0.00");
  EXPECT_EQ(significant(1.5e-9, 2), "1.5e-09");
  EXPECT_EQ(significant(8980, 2), "8980");
}

TEST(WithUncertainty, PrintsAsTheFieldDoes) {
  EXPECT_EQ(with_uncertainty(2.54312, 0.0022), "2.5431(22)");
  EXPECT_EQ(with_uncertainty(0.00863, 0.00028), "0.00863(28)");
  EXPECT_EQ(with_uncertainty(12.0, 0.4), "12.0(4)");
  EXPECT_EQ(with_uncertainty(295, 15), "295(15)");
  EXPECT_EQ(with_uncertainty(295, 40), "300(40)");
  EXPECT_EQ(with_uncertainty(-1.26, 0.3), "-1.3(3)");  // 30: one digit
  EXPECT_EQ(with_uncertainty(1, 0.00095), "1.0000(10)");
  EXPECT_EQ(with_uncertainty(2.5431, 0), "2.5431");
  EXPECT_EQ(with_uncertainty(0, 0.1), "0.00(10)");
  EXPECT_EQ(with_uncertainty(8.63e-15, 2e-16), "8.63(20)e-15");
}

}  // namespace
}  // namespace twin::numbers_test
