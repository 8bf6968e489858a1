// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/perl_literal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.h"

namespace twin::formats::perl_literal_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = PerlStatement::Kind;

std::vector<PerlStatement> all(const std::string& text) {
  PerlReader reader(text, "a.prj");
  std::vector<PerlStatement> out;
  while (auto statement = reader.next()) out.push_back(std::move(*statement));
  return out;
}

std::vector<std::string> texts(const PerlValue& value) {
  std::vector<std::string> out;
  for (const auto& item : value.items) out.push_back(item.text);
  return out;
}

std::string error_of(const std::string& text) {
  return message_of([&] { (void)all(text); });
}

TEST(PerlLiteral, StatementsInTheirOrder) {
  const auto s = all("# made up\n$old_group = 'abc';\n@x = ('1','2.5',3);\n[record] # next\n1;\n");
  ASSERT_EQ(s.size(), 4u);
  EXPECT_EQ(s[0].variable, "$old_group");
  EXPECT_EQ(s[0].value.text, "abc");
  EXPECT_EQ(s[0].line, 2u);
  EXPECT_EQ(s[1].variable, "@x");
  EXPECT_TRUE(s[1].value.is_list);
  EXPECT_THAT(texts(s[1].value), ElementsAre("1", "2.5", "3"));
  EXPECT_EQ(s[2].kind, Kind::record);
  EXPECT_EQ(s[3].kind, Kind::end);
  EXPECT_EQ(s[3].line, 5u);
}

TEST(PerlLiteral, QuotesAndEscapes) {
  const auto value = [](const std::string& literal) {
    return all("$a = " + literal + ";").at(0).value.text;
  };
  EXPECT_EQ(value(R"('C:\\data\run')"), R"(C:\data\run)");
  EXPECT_EQ(value(R"('it\'s; #no comment (at all)')"), "it's; #no comment (at all)");
  EXPECT_EQ(value(R"("tab\tquote\" price \$5 \@home")"), "tab\tquote\" price $5 @home");
  EXPECT_EQ(value(R"("\x{b5}\x{3c7}\x{1f600}")"), "\u00b5\u03c7\U0001F600");
  EXPECT_EQ(value("undef"), "");
  EXPECT_EQ(value("-1.5e-3"), "-1.5e-3");
}

TEST(PerlLiteral, ListsWithinLists) {
  const auto s = all("%h = (a => [1, 2,], 'b' => {'c', undef}, d => ());\n");
  ASSERT_EQ(s.at(0).value.items.size(), 6u);
  EXPECT_THAT(texts(s[0].value.items[1]), ElementsAre("1", "2"));
  EXPECT_THAT(texts(s[0].value.items[3]), ElementsAre("c", ""));
  EXPECT_TRUE(s[0].value.items[5].is_list);
}

TEST(PerlLiteral, CodeIsRefusedAtItsLine) {
  EXPECT_THAT(error_of("\nsystem('rm x');\n"), StartsWith("a.prj:2: 'system('rm x');' is no var"));
  EXPECT_THAT(error_of("$a = `ls`;\n"), HasSubstr("a.prj:1: '`' where a text, a number or a list"));
  EXPECT_THAT(error_of("$a = 1 + 2;\n"), HasSubstr("code behind the value of $a"));
  EXPECT_THAT(error_of("@x = ('1' . '2');\n"), HasSubstr("in a list; a comma is expected"));
  EXPECT_THAT(error_of("@x = (1, $y);\n"), HasSubstr("'$' where"));
  EXPECT_THAT(error_of("$a->{b} = 1;\n"), HasSubstr("no '=' behind $a"));
  EXPECT_THAT(error_of("$a = \"\\x{110000}\";\n"), HasSubstr("is no character"));
  EXPECT_THAT(error_of("@x = (1);system('ls');"), HasSubstr("is no variable"));
  EXPECT_THAT(error_of("@x = ((((((((((1))))))))));"), HasSubstr("8 deep"));
}

TEST(PerlLiteral, TooManyValues) {
  std::string text = "@x = (";
  for (std::size_t i = 0; i <= PerlReader::most_items; ++i) text += "1,";
  EXPECT_THAT(error_of(text + ");"), HasSubstr("more than 4 million values"));
}

// A number that the end cuts may be a part of one: it is left out, those before it are whole.
TEST(PerlLiteral, CutAtAnyByteGivesTheItemsBefore) {
  const std::string text = "@x = ('10','20',30,40);";
  for (std::size_t size = 1; size < text.size(); ++size) {
    const auto s = all(text.substr(0, size));
    ASSERT_EQ(s.size(), 1u) << size;
    EXPECT_TRUE(s[0].cut) << size;
    std::size_t i = 0;
    for (const auto& item : s[0].value.items) EXPECT_EQ(item.text, std::to_string(10 * ++i));
  }
  EXPECT_FALSE(all(text).at(0).cut);
}

}  // namespace
}  // namespace twin::formats::perl_literal_test
