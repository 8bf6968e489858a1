// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/describe.h"
#include "core/file.h"
#include "example_command.h"
#include "shell.h"

namespace manual_test {

using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Manual, IsAsciiAndSaysWhatHelpSays) {
  ExampleSettings set;
  const auto page = twin::cli::manual_page(example_command(set));
  for (const char byte : page) ASSERT_GT(byte, 0);
  EXPECT_THAT(page, HasSubstr(".Dt TWIN-EXAMPLE 1\n"));
  EXPECT_THAT(page, HasSubstr(".It Fl Fl max\\-time"));
  EXPECT_THAT(page, HasSubstr(".Xr twin\\-match 1 ,\n.Xr twin\\-stream 5\n"));
  EXPECT_THAT(page, HasSubstr("[u00C5]"));
}

TEST(Manual, TextNeverBecomesAMacro) {
  ExampleSettings set;
  const auto page = twin::cli::manual_page(example_command(set));
  EXPECT_THAT(page, HasSubstr("\n\\&.Sh is no macro here, and \\efBthis\\efP is no bold."));
}

TEST(Manual, IsCleanUnderMandoc) {
  if (!installed("mandoc")) GTEST_SKIP() << "skipped: no mandoc";
  const twin::TemporaryFolder folder("manual");
  const auto file = folder.path() + "/twin-example.1";
  ExampleSettings set;
  twin::create_file(file, twin::cli::manual_page(example_command(set)));
  const auto lint = shell("mandoc -T lint -W warning " + file + " 2>&1");
  EXPECT_EQ(lint.status, 0) << lint.out;
  EXPECT_EQ(lint.out, "");
  const auto shown =
      shell("mandoc -T utf8 " + file + " | col -bx 2>/dev/null || mandoc -T utf8 " + file);
  for (const char* text :
       {"--max-time", "--context", "--format", ".Sh is no macro", "Å", "default 20 ps"})
    EXPECT_THAT(shown.out, HasSubstr(text));
}

/// What bash offers for \p words, the last one being typed.
std::string offered(const std::string& script, const std::string& words) {
  const std::string line = "bash -c 'source " + script + "; COMP_WORDS=(" + words +
                           "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _twin_example; "
                           "printf \"%s\\n\" \"${COMPREPLY[@]}\"' 2>&1";
  return shell(line).out;
}

TEST(Completion, OffersOptionsChoicesAndFiles) {
  if (!installed("bash")) GTEST_SKIP() << "skipped: no bash";
  const twin::TemporaryFolder folder("completion");
  const auto file = folder.path() + "/twin-example.bash";
  ExampleSettings set;
  twin::create_file(file, twin::cli::bash_completion(example_command(set)));
  twin::create_file(folder.path() + "/scan one.xdi", "");
  EXPECT_EQ(offered(file, "twin-example --max"), "--max-time\n");
  EXPECT_EQ(offered(file, "twin-example --window k"), "kaiser\n");
  EXPECT_EQ(offered(file, "twin-example --format = y"), "yaml\n");
  EXPECT_EQ(offered(file, "twin-example --format ="), "jsonl\nyaml\ntable\ntsv\n");
  EXPECT_EQ(offered(file, "twin-example " + folder.path() + "/scan"),
            folder.path() + "/scan one.xdi\n");
  EXPECT_EQ(offered(file, "twin-example --plot " + folder.path() + "/scan"),
            folder.path() + "/scan one.xdi\n");
  EXPECT_EQ(offered(file, "twin-example --engine x"), "\n");
}

TEST(Completion, OfZshNamesEveryOption) {
  ExampleSettings set;
  const auto script = twin::cli::zsh_completion(example_command(set));
  EXPECT_THAT(script, HasSubstr("#compdef twin-example\n"));
  EXPECT_THAT(script, HasSubstr("'--window=[window of the transform]:WORD:(hanning kaiser sine)'"));
  EXPECT_THAT(script, HasSubstr("'*--context=["));
}

}  // namespace

}  // namespace manual_test
