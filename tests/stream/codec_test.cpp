// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/codec.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "stream/json.h"
#include "stream/samples.h"

namespace twin::stream::codec_test {
namespace {

using record::Value;
using testing::HasSubstr;

std::string message_of(const std::string& json) {
  try {
    (void)decode(parse_json(json, "-"));
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::data);
    return error.what();
  }
  return "no error";
}

TEST(Codec, RecordsOfEveryKindComeBackAsTheyWere) {
  for (const auto& records : {full_records(), minimal_records()}) {
    EXPECT_EQ(records.size(), std::variant_size_v<record::Record>);
    for (const auto& record : records) {
      const std::string line = dump_json(encode(record));
      const auto back = decode(parse_json(line, "-"));
      EXPECT_EQ(back.index(), record.index());
      EXPECT_EQ(dump_json(encode(back)), line);
    }
  }
}

TEST(Codec, UnknownFieldsPassThrough) {
  const auto record = decode(parse_json(
      R"({"schema":"twin-stream/1.3","kind":"result","origin":"physical","technique":"xas","new":[1,{"a":2}],)"
      R"("quantities":{"e0":{"value":1,"unit":"eV","shape":"skewed"}}})",
      "-"));
  EXPECT_EQ(dump_json(record::header_of(record).extra), R"({"new":[1,{"a":2}]})");
  const auto& quantity = std::get<record::Result>(record).quantities.at("e0");
  EXPECT_EQ(dump_json(quantity.extra), R"({"shape":"skewed"})");
  const std::string again = dump_json(encode(record));
  EXPECT_THAT(again, HasSubstr(R"("new":[1,{"a":2}])"));
  EXPECT_THAT(again, HasSubstr(R"("shape":"skewed")"));
}

TEST(Codec, ErrorsNameTheField) {
  const std::string head =
      R"({"schema":"twin-stream/1","kind":"result","origin":"physical","technique":"xas",)";
  EXPECT_THAT(message_of("[]"), HasSubstr("expected a mapping"));
  EXPECT_THAT(message_of("{}"), HasSubstr("schema: is missing"));
  EXPECT_THAT(message_of(R"({"schema":"twin-stream/2","kind":"end"})"), HasSubstr("twin-stream/1"));
  EXPECT_THAT(message_of(R"({"schema":"twin-stream/1","kind":"ends"})"),
              HasSubstr("unknown kind \"ends\""));
  EXPECT_THAT(message_of(head + R"("quantities":[]})"),
              HasSubstr("result.quantities: expected a mapping, got a list"));
  EXPECT_THAT(message_of(head + R"("quantities":{"e0":{"value":"x"}}})"),
              HasSubstr("result.quantities.e0.value: expected a number, got a text"));
  EXPECT_THAT(message_of(head + R"("quantities":{"e0":{"value":1,"sigma":-1}}})"),
              HasSubstr("negative"));
  EXPECT_THAT(message_of(head + R"("quantities":{"e0":{"value":1,"unit":"ev"}}})"),
              HasSubstr("perhaps eV"));
  EXPECT_THAT(message_of(head + R"("quantities":{},"status":"done"})"),
              HasSubstr("expected final, partial"));
  EXPECT_THAT(message_of(head + R"("quantities":{},"revision":-1})"), HasSubstr("revision"));
  EXPECT_THAT(message_of(head + R"("quantities":{},"from":[1]})"),
              HasSubstr("from: expected a text"));
}

TEST(Codec, ShapesAreChecked) {
  const std::string head =
      R"({"schema":"twin-stream/1","kind":"result","origin":"physical","technique":"xas","quantities":{},)";
  EXPECT_THAT(message_of(head + R"("covariance":{"names":["a","b"],"matrix":[[1,0]]}})"),
              HasSubstr("2 × 2"));
  EXPECT_THAT(message_of(head + R"("covariance":{"names":["a"],"matrix":[[1,0]]}})"),
              HasSubstr("1 × 1"));
  EXPECT_THAT(message_of(head + R"("covariance":{"names":["a","a"],"matrix":[[1,0],[0,1]]}})"),
              HasSubstr("twice"));
  EXPECT_THAT(message_of(head + R"("jacobian":{"rows":["a"],"columns":["x","y"],"matrix":[[1]]}})"),
              HasSubstr("1 × 2"));
  EXPECT_THAT(message_of(head + R"("arrays":{"k":{"data":[[1,2],[3]]}}})"),
              HasSubstr("rows differ"));
  EXPECT_THAT(message_of(head + R"("arrays":{"k":{"data":[1,[2]]}}})"),
              HasSubstr("expected a number"));
  EXPECT_THAT(message_of(head + R"("arrays":{"k":{"data":[1,2],"shape":[3]}}})"),
              HasSubstr("shape"));
  EXPECT_THAT(message_of(head + R"("arrays":{"k":{"unit":"eV"}}})"), HasSubstr("missing"));
  EXPECT_THAT(message_of(head + R"("arrays":{"k":{"reference":"a::b"}}})"), HasSubstr("shape"));
}

TEST(Codec, ArraysOfOddShapesComeBack) {
  record::Measurement measurement;
  measurement.arrays = {{"empty", {{}, {0}, "", "", ""}},
                        {"no_rows", {{}, {0, 3}, "", "", ""}},
                        {"no_columns", {{}, {2, 0}, "", "", ""}},
                        {"with_gap", {{1, std::nan(""), 3}, {3}, "eV", "", ""}}};
  const auto line = dump_json(encode(measurement));
  EXPECT_THAT(line, HasSubstr("[1,null,3]"));
  const auto back = std::get<record::Measurement>(decode(parse_json(line, "-")));
  for (const auto& [name, array] : measurement.arrays)
    EXPECT_EQ(back.arrays.at(name).shape, array.shape) << name;
  EXPECT_TRUE(std::isnan(back.arrays.at("with_gap").data[1]));
}

TEST(Codec, AMatrixOfTheWrongSizeIsOurBug) {
  record::Result result;
  result.covariance = {{"a", "b"}, {1.0}};
  try {
    (void)encode(result);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::internal);
  }
}

TEST(ContentId, DependsOnContentAlone) {
  record::Verdict verdict;
  verdict.chi2 = 4.5;
  const std::string id = content_id(encode(verdict));
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  verdict.header.id = verdict.header.by = verdict.header.time = verdict.header.request = "x";
  verdict.lag_seconds = 3;
  EXPECT_EQ(content_id(encode(verdict)), id);
  verdict.header.from = {"y"};
  EXPECT_NE(content_id(encode(verdict)), id);
}

TEST(ContentId, OfAStateDoesNotDependOnWhoSimulatedWhen) {
  record::State state;
  state.simulated.resize(1);
  const std::string id = content_id(encode(state));
  state.simulated[0].header.time = "later";
  state.simulated[0].header.by = "another";
  state.wall_seconds = state.cpu_seconds = 12;
  EXPECT_EQ(content_id(encode(state)), id);
  state.simulated[0].edge = "Cu K";
  EXPECT_NE(content_id(encode(state)), id);
}

}  // namespace
}  // namespace twin::stream::codec_test
