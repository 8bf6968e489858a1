// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/wrap.h"
#include "core/text.h"
#include "example_command.h"

namespace help_test {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string help_with(const ExampleSettings& given) {
  ExampleSettings set = given;
  return twin::cli::help_text(example_command(set));
}

TEST(Help, FitsEightyColumns) {
  const auto help = help_with({});
  for (const auto line : twin::split(help, '\n'))
    EXPECT_LE(twin::cli::columns_of(line), 80u) << line;
}

TEST(Help, DefaultsArePrintedFromTheVariables) {
  ExampleSettings set;
  set.max_time_ps = 35.5;
  set.engine = "other-engine";
  EXPECT_THAT(help_with(set), HasSubstr("default 35.5 ps"));
  EXPECT_THAT(help_with(set), HasSubstr("default other-engine"));
  EXPECT_THAT(help_with({}), HasSubstr("default 20 ps"));
}

TEST(Help, SaysRangeChoicesAndUnits) {
  const auto help = help_with({});
  EXPECT_THAT(help, HasSubstr("from 1 to 64"));
  EXPECT_THAT(help, HasSubstr("--window hanning|kaiser|sine"));
  EXPECT_THAT(help, HasSubstr("A number may carry any unit"));
  EXPECT_THAT(help, HasSubstr("--format jsonl|yaml|table|tsv"));
  EXPECT_THAT(help, Not(HasSubstr("--generate")));
}

TEST(Help, AnOwnMeaningOfAStatusReplacesTheCommonOne) {
  const auto help = help_with({});
  EXPECT_THAT(help, HasSubstr("an own meaning of two"));
  EXPECT_THAT(help, Not(HasSubstr("some records failed")));
  EXPECT_LT(help.find("not at equilibrium\n"), help.find("whoever read the output"));
}

TEST(Wrap, BreaksAtWordsAndKeepsLongOnes) {
  EXPECT_EQ(twin::cli::wrap("aa bb cc", 5, 0), "aa bb\ncc\n");
  EXPECT_EQ(twin::cli::wrap("aa bb", 5, 1), " aa\n bb\n");
  EXPECT_EQ(twin::cli::wrap("a waylongerthanthat b", 5, 0), "a\nwaylongerthanthat\nb\n");
  EXPECT_EQ(twin::cli::wrap("", 5, 2), "  \n");
}

TEST(Wrap, CountsCharactersNotBytes) {
  EXPECT_EQ(twin::cli::columns_of("Å²"), 2u);
  EXPECT_EQ(twin::cli::wrap("ÅÅ ÅÅ", 5, 0), "ÅÅ ÅÅ\n");
  EXPECT_EQ(twin::cli::first_columns("aÅb", 2), "aÅ");
  EXPECT_EQ(twin::cli::first_columns("aÅb", 9), "aÅb");
}

}  // namespace

}  // namespace help_test
