// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/yaml.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "stream/codec.h"
#include "stream/json.h"
#include "stream/samples.h"

namespace twin::stream::yaml_test {
namespace {

using record::Value;
using testing::HasSubstr;
using testing::StartsWith;

std::string message_of(const std::string& text, int line = 1) {
  try {
    (void)parse_yaml(text, "run.yaml", line);
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::data);
    return error.what();
  }
  return "no error";
}

TEST(ParseYaml, PlainScalarsFollowTheCoreSchema) {
  const auto json = [](const std::string& text) { return dump_json(parse_yaml(text, "-")); };
  EXPECT_EQ(json("[null, ~, Null, ]"), "[null,null,null]");
  EXPECT_EQ(json("[true, False, yes, no, on, off, y]"),
            R"([true,false,"yes","no","on","off","y"])");
  EXPECT_EQ(json("[12, -3, +4, 0412, 0o17, 0x1F]"), "[12,-3,4,412,15,31]");
  EXPECT_EQ(json("[1.5, .5, 1., 1e3, -2.5E-1]"), "[1.5,0.5,1,1000,-0.25]");
  EXPECT_EQ(json("['12', \"true\", !!str 1.5]"), R"(["12","true","1.5"])");
  EXPECT_EQ(json("[3.69 Å, 2026-11-22, 1:30, 1_000, 0b1, '']"),
            R"(["3.69 Å","2026-11-22","1:30","1_000","0b1",""])");
  EXPECT_EQ(json("a:\nb: ''"), R"({"a":null,"b":""})");
}

TEST(ParseYaml, KeysMayHoldColons) {
  const Value flow = parse_yaml("{r:Cu-Cu.1: 0.01 Å, sigma2:Cu-Cu.1: 15 %}", "-");
  EXPECT_EQ(flow.find("r:Cu-Cu.1")->string(), "0.01 Å");
  EXPECT_EQ(flow.find("sigma2:Cu-Cu.1")->string(), "15 %");
  EXPECT_EQ(dump_json(parse_yaml("[r:Cu-Cu.1, chi_r:2.8-3.6]", "-")),
            R"(["r:Cu-Cu.1","chi_r:2.8-3.6"])");
}

TEST(ParseYaml, ValuesKnowTheirLine) {
  const Value value = parse_yaml("a: 1\nb:\n  c: [1,\n    2]\n", "-", 10);
  EXPECT_EQ(value.line, 10);
  EXPECT_EQ(value.find("a")->line, 10);
  EXPECT_EQ(value.find("b")->find("c")->line, 12);
  EXPECT_EQ(value.find("b")->find("c")->array()[1].line, 13);
}

TEST(ParseYaml, SaysWhere) {
  EXPECT_THAT(message_of("a: 1\nb: [1, 2\n", 5), StartsWith("run.yaml:"));
  EXPECT_THAT(message_of("a: 1\nb: 2\na: 3\n", 5), StartsWith("run.yaml:7: \"a\" stands twice"));
  EXPECT_THAT(message_of("a: 1\nb: .nan\n"), StartsWith("run.yaml:2: numbers must be finite"));
  EXPECT_THAT(message_of("a: -.inf"), HasSubstr("finite"));
  EXPECT_THAT(message_of("a: 1e999"), HasSubstr("out of range"));
  EXPECT_THAT(message_of("a: 9223372036854775808"), HasSubstr("out of range"));
  EXPECT_THAT(message_of("a: !!python/object x"), HasSubstr("tag"));
  EXPECT_THAT(message_of("? [a]\n: 1"), HasSubstr("key"));
  EXPECT_THAT(message_of("a: 1\n---\nb: 1"), HasSubstr("more than one"));
  EXPECT_THAT(message_of(std::string("a\0b", 3)), HasSubstr("binary"));
  EXPECT_THAT(message_of("a: \xff"), HasSubstr("UTF-8"));
}

TEST(ParseYaml, AliasesAreCopiesWithCaps) {
  EXPECT_EQ(dump_json(parse_yaml("a: &x [1, 2]\nb: *x", "-")), R"({"a":[1,2],"b":[1,2]})");
  EXPECT_THAT(message_of("a: &x [*x]"), HasSubstr("alias"));
  EXPECT_THAT(message_of("a: *none"), StartsWith("run.yaml:1: "));
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += (j > 0 ? ",*a" : "*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(message_of(laughs), HasSubstr("aliases that add"));
  std::string many = "a: &x 1\nb: [";
  for (int i = 0; i < 1001; ++i) many += "*x,";
  EXPECT_THAT(message_of(many + "]"), HasSubstr("1000 aliases"));
}

TEST(ParseYaml, IsCappedInDepthAndSize) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(dump_json(parse_yaml(nested(64), "-")), nested(64));
  EXPECT_THAT(message_of(nested(65)), HasSubstr("deeper"));
  EXPECT_THAT(message_of(std::string((1u << 20) + 1, 'a')), HasSubstr("1 MiB"));
}

TEST(DumpYaml, ReadsBackEqual) {
  for (const auto& record : full_records()) {
    const Value document = encode(record);
    EXPECT_EQ(parse_yaml(dump_yaml(document), "-"), document) << dump_yaml(document);
  }
}

TEST(DumpYaml, TextsStayTexts) {
  for (const char* text : {"",
                           "yes",
                           "No",
                           "null",
                           "~",
                           "12",
                           "1e5",
                           "0x1f",
                           "12e4",
                           "1:30",
                           "2026-11-22",
                           " a",
                           "a ",
                           "a: b",
                           "a:",
                           "a #b",
                           "#a",
                           "- a",
                           "-",
                           "?",
                           "[a]",
                           "{",
                           "a, b",
                           "&a",
                           "*a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "'a'",
                           "\"a\"",
                           "a\nb",
                           "\t",
                           "...",
                           "---",
                           "true",
                           ".nan",
                           "3.69 Å",
                           "Cu K",
                           "r:Cu-Cu.1",
                           "c3:Cu-Cu.1/c3",
                           "\xEF\xBB\xBF",
                           "a\u2028b",
                           "\x1b[2J",
                           "=",
                           "<<"}) {
    const Value in_block(Value::Object{{"k", text}, {text[0] == 0 ? "e" : text, 1}});
    EXPECT_EQ(parse_yaml(dump_yaml(in_block), "-"), in_block) << dump_yaml(in_block);
    const Value in_flow(Value::Array{Value(Value::Array{text, text})});
    EXPECT_EQ(parse_yaml(dump_yaml(in_flow), "-"), in_flow) << dump_yaml(in_flow);
  }
}

TEST(DumpYaml, IsBlockAboveAndFlowWithin) {
  Value value;
  value.set("name", "copper");
  value.set("structure", Value(Value::Object{{"lattice", "fcc"}, {"a", "3.6873 Å"}}));
  value.set("fit_to", Value(Value::Array{"r:Cu-Cu.1"}));
  value.set("empty", Value(Value::Array{}));
  value.set("off", "off");
  EXPECT_EQ(dump_yaml(value),
            "name: copper\nstructure: {lattice: fcc, a: 3.6873 Å}\nfit_to: [r:Cu-Cu.1]\n"
            "empty: []\n\"off\": \"off\"\n");
}

TEST(ParseYaml, TruncationNeverCrashes) {
  const std::string text = dump_yaml(encode(full_records()[3]));
  int refused = 0;
  for (std::size_t length = 0; length < text.size(); ++length) {
    try {
      const Value value = parse_yaml(text.substr(0, length), "-");
      EXPECT_TRUE(value.line >= 0);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(Yaml, EscapesThatTheParserBreaksAreRefused) {
  for (const std::string escape : {"\\_", "\\N"}) {
    EXPECT_THAT(message_of("a: 1\nb: \"w" + escape + "n\"\n"),
                HasSubstr("run.yaml:2: the escapes"));
    EXPECT_THAT(message_of("\"" + escape + "\": 1\n"), HasSubstr("run.yaml:1: the escapes"));
  }
  EXPECT_EQ(parse_yaml("a: \"\\xa0\\u00a0\\L\"\n", "run.yaml"),
            parse_yaml("a: \"\xc2\xa0\xc2\xa0\xe2\x80\xa8\"\n", "run.yaml"));
}

TEST(Yaml, AKeyIsAsLongAsItCanBeWrittenAgain) {
  const std::string longest = "N" + std::string(127, '\x1c');
  const Value value = parse_yaml("a: 1\n" + longest + ": 2\n", "-");
  EXPECT_EQ(parse_yaml(dump_yaml(value), "-"), value);
  EXPECT_THROW(static_cast<void>(parse_yaml(longest + "N: 2\n", "-")), Error);
}

}  // namespace
}  // namespace twin::stream::yaml_test
