// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"

#include <gmock/gmock.h>

#include "core/error.h"

namespace twin::text_test {
namespace {

using testing::ElementsAre;

TEST(Printable, LeavesTextAndEscapesWhatCommandsATerminal) {
  EXPECT_EQ(printable("χ² 4.1 Å"), "χ² 4.1 Å");
  EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a\\x1b[2Jb\\x0ac\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // CSI as one character of C1
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(Printable, IsStableAndAlwaysUtf8) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string once =
          printable(std::string{static_cast<char>(first), static_cast<char>(second)});
      EXPECT_TRUE(is_utf8(once));
      EXPECT_EQ(printable(once), once);
    }
}

// The boundaries of RFC 3629, section 4.
TEST(Utf8, RefusesOverlongSurrogatesAndTruncation) {
  for (const char* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good)) << printable(good);
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"})
    EXPECT_FALSE(is_utf8(bad)) << printable(bad);
}

TEST(Words, AndSplitAndTrim) {
  EXPECT_THAT(words("  a\tbc  d "), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(words(""), ElementsAre());
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_EQ(lower("AbÅ"), "abÅ");  // ASCII only
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join(std::vector<std::string>{}, ", "), "");
}

TEST(Nearest, FindsWhatWasMeantAndNothingFar) {
  const std::vector<std::string> names = {"kweight", "window", "rbkg"};
  EXPECT_EQ(nearest("kwieght", names), "kweight");
  EXPECT_EQ(nearest("Window", names), "window");
  EXPECT_EQ(nearest("temperature", names), std::nullopt);
  EXPECT_EQ(nearest("", names), std::nullopt);
  EXPECT_EQ(perhaps("rbkq", names), "; perhaps rbkg");
  EXPECT_EQ(perhaps("xyz", names), "");
}

TEST(SplitArguments, AsAShellDoes) {
  EXPECT_THAT(split_arguments("twin-simulate --serve  -n 2"),
              ElementsAre("twin-simulate", "--serve", "-n", "2"));
  EXPECT_THAT(split_arguments("a 'b c' \"d e\" f\\ g ''"),
              ElementsAre("a", "b c", "d e", "f g", ""));
  EXPECT_THAT(split_arguments("\"a\\\"b\\n\" '\\'"), ElementsAre("a\"b\\n", "\\"));
  EXPECT_THAT(split_arguments("$HOME `id` *"), ElementsAre("$HOME", "`id`", "*"));
  EXPECT_THAT(split_arguments("x'y'\"z\""), ElementsAre("xyz"));
  for (const char* open : {"'a", "\"a", "a \"b\\\""})
    EXPECT_THROW((void)split_arguments(open), Error) << open;
}

}  // namespace
}  // namespace twin::text_test
