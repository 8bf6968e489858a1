// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

using namespace twin;

namespace report_test {
using testing::HasSubstr;
using testing::Not;

namespace {

record::Verdict sample() {
  record::Verdict out;
  out.answer = record::Answer::match;
  out.scan = "0412";
  out.alternative = "zhou";
  out.chi2 = 4.13;
  out.dof = 5;
  out.p = 0.53;
  record::Pair pair;
  pair.name = "n:Cu-Cu.1";
  pair.measured = 11.6;
  pair.sigma_measured = pair.sigma_random = 0.3;
  pair.simulated = 11.48;
  pair.sigma_simulated = 0.05;
  pair.z = -0.4;
  pair.fitted = true;
  out.pairs.push_back(pair);
  pair.name = "r:Cu-Cu.1";
  pair.unit = "Å";
  pair.measured = 2.5431;
  pair.sigma_random = 0.0016;
  pair.sigma_systematic = 0.0015;
  pair.sigma_measured = 0.0022;
  pair.simulated = 2.5450;
  pair.sigma_simulated = 0.0003;
  pair.fitted = false;
  pair.tolerance = 0.02;
  pair.z = 0.86;
  out.pairs.push_back(pair);
  out.run = 3;
  out.budget = 12;
  out.lag_seconds = 2.1;
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// The column, in characters, in which \p word begins.
long column(const std::string& line, const std::string& word) {
  return std::count_if(line.begin(), line.begin() + static_cast<long>(line.find(word)),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

TEST(OneLine, IsTheLineOfTheNight) {
  EXPECT_EQ(match::one_line(sample(), "14:02:11"),
            "14:02:11 scan 0412 zhou MATCH χ² 4.1/5 p 0.53 | n:Cu-Cu.1 11.6(3) z-0.4 | r:Cu-Cu.1 "
            "2.5431(22) z+0.9 | run 3 of ≤12, lag 2.1 s");
}

TEST(OneLine, SaysWhyNot) {
  auto verdict = sample();
  verdict.answer = record::Answer::no_match;
  verdict.reason = "beyond doubt";
  EXPECT_THAT(match::one_line(verdict, ""), HasSubstr("| beyond doubt"));
}

TEST(OneLine, StaysOneLine) {
  auto verdict = sample();
  verdict.scan = "a\nb\x1b[2J";
  verdict.alternative = "c\rd";
  verdict.pairs[0].name = "e\nf";
  verdict.answer = record::Answer::inconclusive;
  verdict.reason = "g\nh";
  const auto line = match::one_line(verdict, "1\n2");
  EXPECT_EQ(std::ranges::count_if(line, [](char c) { return c >= 0 && c < ' '; }), 0);
}

TEST(Table, KeepsTheErrorsApartInAlignedColumns) {
  const auto lines = lines_of(match::table(sample()));
  const auto head =
      std::ranges::find_if(lines, [](const auto& line) { return line.rfind("quantity", 0) == 0; });
  ASSERT_NE(head, lines.end());
  const auto& row = *(head + 2);
  EXPECT_THAT(row, HasSubstr("0.0016"));
  EXPECT_THAT(row, HasSubstr("0.0015"));
  EXPECT_THAT(row, HasSubstr("held back"));
  EXPECT_EQ(column(*head, "role"), column(row, "held back"));
  EXPECT_EQ(column(*head, "role"), column(*(head + 1), "fitted"));
}

TEST(Table, ShowsTheAlternativesSideBySide) {
  auto verdict = sample();
  verdict.standings.push_back({"zhou", record::Answer::match, 3.0, 0.0, 5, "agrees", {}});
  verdict.standings.push_back({"mishin", record::Answer::no_match, 30.0, -13.0, 4, "stiff", {}});
  const auto text = match::table(verdict);
  EXPECT_THAT(text, HasSubstr("1:1.0"));
  EXPECT_THAT(text, HasSubstr("1:>10000    -13.0"));
  EXPECT_THAT(text, HasSubstr("NO MATCH  stiff"));
}

TEST(Table, OfAnEmptyVerdictIsShort) {
  const auto text = match::table({});
  EXPECT_THAT(text, HasSubstr("INCONCLUSIVE"));
  EXPECT_THAT(text, Not(HasSubstr("quantity")));
}

}  // namespace report_test
