// SPDX-License-Identifier: GPL-3.0-or-later
// What we write is what the published schemas say, and what they refuse we refuse.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "core/error.h"
#include "core/file.h"
#include "places.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/json.h"
#include "stream/samples.h"
#include "stream/yaml.h"

namespace twin::stream::schema_test {
namespace {

using record::Value;

/// "" when \p document is valid, else what the validator says.
std::string complaint(const std::string& schema_name, const Value& document) {
  const auto text =
      nlohmann::json::parse(read_file(source_dir() + "/share/schemas/" + schema_name + ".json"));
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  const auto target = nlohmann::json::parse(dump_json(document));
  valijson::ValidationResults results;
  if (valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(target),
                                     &results))
    return "";
  valijson::ValidationResults::Error error;
  std::string out = "invalid";
  while (results.popError(error)) out += ": " + error.description;
  return out;
}

bool decodes(const Value& document) {
  try {
    (void)decode(document);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(Schema, OfEveryKindTakesFullAndMinimalRecords) {
  for (const auto& records : {full_records(), minimal_records()})
    for (const auto& record : records)
      EXPECT_EQ(complaint(std::string(kind_of(record)), encode(record)), "") << kind_of(record);
}

/// Every required member taken away, every member made a thing that it is not.
TEST(Schema, RefusesWhatDecodeRefuses) {
  int missing = 0, wrong = 0;
  for (const auto& record : full_records()) {
    const std::string kind(kind_of(record));
    const Value whole = encode(record);
    for (const auto& [key, member] : whole.object()) {
      if (key == "of_a_later_version" || key == "parameters" || key == "details") continue;
      Value without = whole;
      without.erase(key);
      EXPECT_EQ(complaint(kind, without).empty(), decodes(without)) << kind << " without " << key;
      missing += decodes(without) ? 0 : 1;
      Value other = whole;
      other.set(key, member.is_object() ? Value("text")
                                        : Value(Value::Object{{"a", Value(Value::Array{true})}}));
      EXPECT_FALSE(decodes(other)) << kind << "." << key;
      EXPECT_NE(complaint(kind, other), "") << kind << "." << key;
      ++wrong;
    }
  }
  EXPECT_GT(missing, 30);
  EXPECT_GT(wrong, 150);
}

TEST(Schema, RefusesWrongPiecesWithin) {
  const Value whole = encode(full_records()[2]);
  for (const char* piece :
       {R"({"r":{}})", R"({"r":{"value":"1"}})", R"({"r":{"value":1,"sigma":-1}})", R"({"r":1})"}) {
    Value bad = whole;
    bad.set("quantities", parse_json(piece, "-"));
    EXPECT_NE(complaint("result", bad), "") << piece;
    EXPECT_FALSE(decodes(bad)) << piece;
  }
  for (const char* piece : {R"({"k":{}})", R"({"k":{"data":["1"]}})", R"({"k":{"data":1}})",
                            R"({"k":{"reference":"a"}})"}) {
    Value bad = whole;
    bad.set("arrays", parse_json(piece, "-"));
    EXPECT_NE(complaint("result", bad), "") << piece;
    EXPECT_FALSE(decodes(bad)) << piece;
  }
}

TEST(Schema, OfDocumentsTakesTheSharedOnes) {
  const std::string share = source_dir() + "/share/";
  const auto load = [&](const std::string& file) {
    return parse_yaml(read_file(share + file), file);
  };
  EXPECT_EQ(complaint("recipe", load("recipes/cu-k.yaml")), "");
  EXPECT_EQ(complaint("recipe", load("recipes/cu-k-periods.yaml")), "");
  for (const char* name :
       {"copper", "cspbi3", "cspbi3-mixture", "cspbi3-phases", "iodoplumbate", "mapbi3"})
    EXPECT_EQ(complaint("model-file", load("models/" + std::string(name) + ".yaml")), "") << name;
  EXPECT_EQ(complaint("model-file", encode_model(full_model())), "");
  Value cell =
      parse_yaml("{format: twin-model/1, name: cell, free: {k: {start: 1, bounds: [0, 2]}}}", "x");
  EXPECT_EQ(complaint("model-file", cell), "");
  cell.set("absorption", parse_yaml("{edge: Cu K}", "x"));
  EXPECT_NE(complaint("model-file", cell), "");
  EXPECT_EQ(complaint("policy", load("policies/periods.yaml")), "");
  EXPECT_EQ(complaint("policy", load("policies/changes.yaml")), "");
  EXPECT_EQ(complaint("policy", load("policies/heating.yaml")), "");
  EXPECT_EQ(complaint("bounds", load("bounds/trial.yaml")), "");
  EXPECT_EQ(complaint("bounds", load("bounds/virtual-ioc.yaml")), "");
  EXPECT_EQ(complaint("epics", load("epics/virtual.yaml")), "");
  const auto of_recipe = [&](const std::string& more) {
    return complaint("recipe",
                     parse_yaml("{format: twin-recipe/1, edge: Cu K, " + more + "}", "x"));
  };
  EXPECT_EQ(of_recipe("parameters: {a: {value: 1, each: true}, b: {expr: 2*a, unit: Å}}"), "");
  EXPECT_EQ(of_recipe("restraints: [{expr: 'n:Cu-O.1', value: 6, sigma: 1}]"), "");
  EXPECT_NE(of_recipe("parameters: {a: {expr: 2*b, value: 1}}"), "");
  EXPECT_NE(of_recipe("parameters: {a: {expr: 2*b, free: true}}"), "");
  EXPECT_NE(of_recipe("parameters: {a: {free: true}}"), "");
  Value unknown = load("models/copper.yaml");
  unknown.set("script", "shell rm");
  EXPECT_NE(complaint("model-file", unknown), "");
  Value bare = load("policies/periods.yaml");
  bare.find("modes")->find("quiet")->set("every", 10);
  EXPECT_NE(complaint("policy", bare), "");
}

}  // namespace
}  // namespace twin::stream::schema_test
