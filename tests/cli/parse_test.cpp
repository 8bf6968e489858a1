// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>

#include "cli/command.h"
#include "core/error.h"
#include "example_command.h"

namespace parse_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using twin::cli::Parsed;

namespace {

struct Outcome {
  ExampleSettings set;
  Parsed parsed;
};

Outcome parse(std::vector<const char*> words) {
  Outcome outcome;
  words.insert(words.begin(), "/anywhere/twin-example");
  outcome.parsed =
      twin::cli::parse(example_command(outcome.set), static_cast<int>(words.size()), words.data());
  return outcome;
}

/// The message of the usage error that \p words must give.
std::string refusal(std::vector<const char*> words) {
  try {
    parse(std::move(words));
  } catch (const twin::Error& error) {
    EXPECT_EQ(error.cause(), twin::Cause::usage) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(Parse, NothingGivenLeavesDefaults) {
  const auto outcome = parse({});
  EXPECT_EQ(outcome.set.max_time_ps, 20.0);
  EXPECT_EQ(outcome.set.engine, "lammps");
  EXPECT_EQ(outcome.parsed.common.format, "jsonl");
  EXPECT_THAT(outcome.parsed.inputs, IsEmpty());
  EXPECT_FALSE(outcome.parsed.leave);
  EXPECT_THAT(outcome.parsed.recorded, ElementsAre("twin-example"));
}

TEST(Parse, EveryKindIsSet) {
  const auto outcome = parse({"--max-time", "30", "--jobs=4", "--follow", "--engine", "gromacs",
                              "a", "--window", "sine", "b", "--since", "-7"});
  EXPECT_EQ(outcome.set.max_time_ps, 30.0);
  EXPECT_EQ(outcome.set.jobs, 4);
  EXPECT_EQ(outcome.set.since, -7);
  EXPECT_TRUE(outcome.set.follow);
  EXPECT_EQ(outcome.set.engine, "gromacs");
  EXPECT_EQ(outcome.set.window, "sine");
  EXPECT_THAT(outcome.parsed.inputs, ElementsAre("a", "b"));
}

TEST(Parse, NumbersCarryUnits) {
  EXPECT_DOUBLE_EQ(parse({"--max-time", "2 ns"}).set.max_time_ps, 2000.0);
  EXPECT_DOUBLE_EQ(parse({"--max-time=1500 fs"}).set.max_time_ps, 1.5);
  EXPECT_DOUBLE_EQ(parse({"--max-time", "7"}).set.max_time_ps, 7.0);
  EXPECT_THAT(refusal({"--max-time", "2 K"}), HasSubstr("--max-time"));
  EXPECT_THAT(refusal({"--max-time", "soon"}), HasSubstr("--max-time"));
  EXPECT_THAT(refusal({"--max-time", "nan"}), HasSubstr("--max-time"));
  EXPECT_THAT(refusal({"--tolerance", "5 K"}), HasSubstr("--tolerance"));
}

TEST(Parse, TheLocaleNeverTouchesNumbers) {
  const char* comma = std::setlocale(LC_ALL, "de_DE.UTF-8");
  EXPECT_DOUBLE_EQ(parse({"--tolerance", "0.25"}).set.tolerance, 0.25);
  EXPECT_THAT(refusal({"--tolerance", "0,25"}), HasSubstr("0,25"));
  if (comma) std::setlocale(LC_ALL, "C");
}

TEST(Parse, ValuesMayBeginWithADash) {
  EXPECT_THAT(refusal({"--tolerance", "-1e-3"}), HasSubstr("-0.001 is too small; give at least 0"));
  EXPECT_EQ(parse({"--since", "-12"}).set.since, -12);
  EXPECT_EQ(parse({"--engine", "--odd"}).set.engine, "--odd");
  EXPECT_EQ(parse({"--engine", "-x=y"}).set.engine, "-x=y");
  EXPECT_EQ(parse({"--engine=-"}).set.engine, "-");
}

TEST(Parse, AnEmptyValueIsAValue) {
  const auto outcome = parse({"--engine=", "file"});
  EXPECT_EQ(outcome.set.engine, "");
  EXPECT_THAT(outcome.parsed.inputs, ElementsAre("file"));
}

TEST(Parse, RangesAreToldWithTheirUnit) {
  EXPECT_THAT(refusal({"--max-time", "100 fs"}),
              HasSubstr("0.1 is too small; give from 1 to 1e+06 ps"));
  EXPECT_THAT(refusal({"--jobs", "65"}), HasSubstr("too large"));
  EXPECT_THAT(refusal({"--jobs", "1.5"}), HasSubstr("whole number"));
}

TEST(Parse, TheLastOfTwoCounts) { EXPECT_EQ(parse({"--jobs", "3", "--jobs", "5"}).set.jobs, 5); }

TEST(Parse, ListsAddUpAndReplaceTheirDefault) {
  ExampleSettings set;
  set.context = {"from=default"};
  const auto command = example_command(set);
  const char* words[] = {"x", "--context", "a=1", "--context", "[b,c]"};
  const auto parsed = twin::cli::parse(command, 5, words);
  EXPECT_THAT(set.context, ElementsAre("a=1", "[b,c]"));
}

TEST(Parse, ColumnsAreCutAtCommas) {
  EXPECT_THAT(parse({"--columns", "time, r:Cu-Cu.1", "--columns", "p"}).parsed.common.columns,
              ElementsAre("time", "r:Cu-Cu.1", "p"));
}

TEST(Parse, StdinAndOddNamesAreInputs) {
  EXPECT_THAT(parse({"-", "[a,b]", ""}).parsed.inputs, ElementsAre("-", "[a,b]", ""));
  EXPECT_THAT(parse({"a", "--", "--follow", "-x", "--"}).parsed.inputs,
              ElementsAre("a", "--follow", "-x", "--"));
  EXPECT_FALSE(parse({"--", "--follow"}).set.follow);
}

TEST(Parse, UnknownOptionsAreRefusedWithASuggestion) {
  EXPECT_THAT(refusal({"--max-tme", "3"}),
              HasSubstr("--max-tme: no such option; perhaps --max-time"));
  EXPECT_THAT(refusal({"--formt=yaml"}), HasSubstr("--formt: no such option; perhaps --format"));
  EXPECT_EQ(refusal({"--zzzzzzzzzzzz"}), "--zzzzzzzzzzzz: no such option");
  EXPECT_THAT(refusal({"-x"}), HasSubstr("-x: no such option"));
  EXPECT_THAT(refusal({"--\x1b[2J"}), testing::Not(HasSubstr("\x1b")));
}

TEST(Parse, AbbreviationsAreNotGuessed) {
  EXPECT_THAT(refusal({"--max", "3"}), HasSubstr("--max"));
}

TEST(Parse, ChoicesAreRefusedWithASuggestion) {
  EXPECT_THAT(refusal({"--window", "haning"}), HasSubstr("perhaps hanning"));
  EXPECT_THAT(refusal({"--format", "xml"}), HasSubstr("not one of jsonl, yaml, table, tsv"));
}

TEST(Parse, AMissingValueAndAValueTooManyAreRefused) {
  EXPECT_EQ(refusal({"--engine"}), "--engine: a value is missing: --engine COMMAND");
  EXPECT_EQ(refusal({"--follow=3"}), "--follow: takes no value");
}

TEST(Parse, AnInputWhereNoneIsTaken) {
  ExampleSettings set;
  auto command = example_command(set);
  command.inputs = "";
  const char* words[] = {"x", "surplus"};
  EXPECT_THROW((void)twin::cli::parse(command, 2, words), twin::Error);
}

TEST(Parse, RecordedLeavesOutJobsAndVerbosity) {
  EXPECT_THAT(parse({"--jobs", "4", "--quiet", "--max-time=3", "--verbose", "--jobs=2", "f", "--",
                     "--quiet"})
                  .parsed.recorded,
              ElementsAre("twin-example", "--max-time", "3", "f", "--", "--quiet"));
  // a value that looks like such an option stays
  EXPECT_THAT(parse({"--engine", "--quiet"}).parsed.recorded,
              ElementsAre("twin-example", "--engine", "--quiet"));
}

TEST(Parse, HelpAndVersionLeaveAtOnce) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(parse({"--help", "--no-such-thing", "--max-time", "bad"}).parsed.leave, 0);
  ExampleSettings set;
  EXPECT_EQ(testing::internal::GetCapturedStdout(), help_text(example_command(set)));
  testing::internal::CaptureStdout();
  EXPECT_EQ(parse({"--version"}).parsed.leave, 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "twin-example (Twinline) " TWINLINE_VERSION "\n");
}

}  // namespace

}  // namespace parse_test
