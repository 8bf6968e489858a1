// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/json.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "core/error.h"
#include "stream/codec.h"
#include "stream/samples.h"

namespace twin::stream::json_test {
namespace {

using record::Value;
using testing::HasSubstr;

std::string message_of(std::string_view text, int line = 1) {
  try {
    (void)parse_json(text, "run.jsonl", line);
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::data);
    return error.what();
  }
  return "no error";
}

TEST(ParseJson, KeepsOrderAndTypes) {
  const Value value = parse_json(R"({"b":1,"a":[1.5,true,null,"x\u00e9"],"c":{}})", "-");
  EXPECT_EQ(value.object()[0].first, "b");
  EXPECT_TRUE(value.find("b")->is_integer());
  const auto& items = value.find("a")->array();
  EXPECT_EQ(items[0].number(), 1.5);
  EXPECT_TRUE(items[1].boolean());
  EXPECT_TRUE(items[2].is_null());
  EXPECT_EQ(items[3].string(), "xé");
  EXPECT_TRUE(value.find("c")->is_object());
}

TEST(ParseJson, SaysWhere) {
  EXPECT_THAT(message_of("{\"a\":}", 12), testing::StartsWith("run.jsonl:12: "));
  EXPECT_THAT(message_of("{\n\"a\": 1,\n\"b\" 2}"), testing::StartsWith("run.jsonl:3: "));
}

TEST(ParseJson, RefusesWhatIsNotStrictJson) {
  for (const char* bad :
       {"", " ", "{", "[1,]", "{\"a\":1}x", "{} {}", "nan", "[NaN]", "[Infinity]", "[1e999]", "'a'",
        "{a:1}", "// c\n1", "[01]", "\"\x01\"", "\"\xff\"", "\"\\ud800\"", "[\"\xed\xa0\x80\"]"})
    EXPECT_THAT(message_of(bad), testing::StartsWith("run.jsonl:1: ")) << bad;
}

TEST(ParseJson, RefusesAKeyTwice) {
  EXPECT_THAT(message_of(R"({"a":1,"b":{"c":1,"c":2}})"), HasSubstr("\"c\" stands twice"));
}

TEST(ParseJson, HoldsWholeNumbersOf64BitsExactlyAndRefusesLarger) {
  EXPECT_EQ(parse_json("9223372036854775807", "-").integer(), INT64_MAX);
  EXPECT_EQ(parse_json("-9223372036854775808", "-").integer(), INT64_MIN);
  for (const char* large :
       {"9223372036854775808", "-9223372036854775809", "123456789012345678901234567890"})
    EXPECT_THAT(message_of(large), HasSubstr("as a text")) << large;
}

TEST(ParseJson, IsCappedInDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(dump_json(parse_json(nested(64), "-")), nested(64));
  EXPECT_THAT(message_of(nested(65)), HasSubstr("deeper"));
  EXPECT_THAT(message_of(std::string(1'000'000, '[')), HasSubstr("deeper"));
}

TEST(ParseJson, ManyKeysAreNotQuadratic) {
  std::string text = "{\"0\":0";
  for (int i = 1; i < 200'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  EXPECT_EQ(parse_json(text + "}", "-").object().size(), 200'000u);
}

TEST(ParseJson, EveryTruncationIsAnError) {
  for (const auto& record : full_records()) {
    const std::string text = dump_json(encode(record));
    for (std::size_t length = 0; length < text.size(); ++length)
      EXPECT_THROW((void)parse_json(text.substr(0, length), "-"), Error) << text.substr(0, length);
  }
}

TEST(DumpJson, ReadsBackEqualForAnyFiniteDouble) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const Value back = parse_json(dump_json(value), "-");
    EXPECT_EQ(back.number(), value);
  }
  for (const double value :
       {0.1, 1e22, 1e18, 9.5e18, 12345678901234567890.0, -9223372036854775808.0,
        std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()})
    EXPECT_EQ(parse_json(dump_json(value), "-").number(), value) << dump_json(value);
}

TEST(DumpJson, IsShortAndOnOneLine) {
  EXPECT_EQ(dump_json(Value(Value::Array{0.1, 3.0, 1e-7, -0.5, 7})), "[0.1,3,1e-07,-0.5,7]");
  EXPECT_EQ(dump_json("a\n\"\\\t\x01\x7f"), "\"a\\n\\\"\\\\\\t\\u0001\\u007f\"");
  EXPECT_EQ(dump_json("Å"), "\"Å\"");
  EXPECT_EQ(dump_json("\xff"), "\"\\\\xff\"");  // shown, not passed on
  EXPECT_EQ(dump_json(Value()), "null");
}

TEST(DumpJson, RefusesWhatIsNotFinite) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    try {
      (void)dump_json(Value(Value::Array{bad}));
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::internal);
    }
  }
}

TEST(CanonicalJson, DoesNotDependOnOrder) {
  const Value a = parse_json(R"({"b":{"y":1,"x":2},"a":1.0})", "-");
  const Value b = parse_json(R"({"a":1,"b":{"x":2,"y":1}})", "-");
  EXPECT_EQ(canonical_json(a), canonical_json(b));
  EXPECT_EQ(canonical_json(a), R"({"a":1,"b":{"x":2,"y":1}})");
  EXPECT_NE(dump_json(a), dump_json(b));
}

}  // namespace
}  // namespace twin::stream::json_test
