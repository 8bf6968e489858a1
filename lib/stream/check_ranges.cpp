// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of a recipe that no spectrum could be reduced with.
#include "core/text.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using record::Recipe;
using record::Value;

namespace {

struct Range {
  const char* key;
  double least, most;
  const char* unit;
  const char* why = "";
};

constexpr const char* below_edge = "; the pre-edge range lies below the edge, in eV from E0";
constexpr const char* above_edge = "; the normalisation range lies above the edge, in eV from E0";

// What a grid of 0.05 1/Å and 2048 points holds, and what EXAFS has ever been used for.
constexpr Range of_autobk[] = {{"rbkg", 0.1, 6, "Å"},      {"kweight", 0, 6, ""},
                               {"kmin", 0, 40, "1/Å"},     {"kmax", 1, 60, "1/Å"},
                               {"dk", 0, 10, "1/Å"},       {"clamp_lo", 0, 10'000, ""},
                               {"clamp_hi", 0, 10'000, ""}};
constexpr Range of_fit[] = {{"kmin", 0.05, 40, "1/Å"}, {"kmax", 1, 60, "1/Å"}, {"dk", 0, 10, "1/Å"},
                            {"rmin", 0, 20, "Å"},      {"rmax", 0.5, 20, "Å"}, {"dr", 0, 5, "Å"}};
constexpr Range of_reduce[] = {{"e0", 10, 150'000, "eV"},
                               {"pre1", -20'000, -1, "eV", below_edge},
                               {"pre2", -20'000, 0, "eV", below_edge},
                               {"norm1", 0, 20'000, "eV", above_edge},
                               {"norm2", 1, 20'000, "eV", above_edge}};

// What a path of a sample can be, start or fixed.
constexpr Range of_path[] = {{"n", 0, 1'000, ""}, {"r", 0.5, 30, "Å"}, {"sigma2", 0, 1, "Å²"},
                             {"c3", -1, 1, "Å³"}, {"c4", -1, 1, "Å⁴"}, {"e0", -100, 100, "eV"}};
constexpr Range of_standard[] = {{"s02", 0.01, 100, ""}, {"n", 0.01, 1'000, ""}};

void check(const Fields& fields, const Range& range, double number, const Value* at) {
  if (number >= range.least && number <= range.most) return;
  const std::string unit = *range.unit ? std::string(" ") + range.unit : "";
  fields.fail(range.key,
              shortest(number) + "; expected " + shortest(range.least) + " to " +
                  shortest(range.most) + unit + range.why,
              at);
}

template <std::size_t n>
void check_all(Fields fields, const Range (&ranges)[n]) {
  for (const Range& range : ranges) {
    const Value* found = fields.find(range.key);
    if (found == nullptr || (std::string_view(range.key) == "e0" && found->is_string() &&
                             !found->string().empty() && found->string()[0] > '9'))
      continue;  // the way to find E0
    const auto number =
        *range.unit ? fields.measure(range.key, range.unit, true) : fields.number(range.key);
    check(fields, range, *number, found);
  }
}

void check_path(Fields path) {
  for (const Range& range : of_path) {
    const Value* found = path.find(range.key);
    const Value* value = found != nullptr && found->is_object() ? found->find("value") : found;
    if (value != nullptr && !value->is_null())
      check(path, range, path.measure_of(range.key, *value, range.unit, true), value);
  }
}

void check_kweights(Fields fit) {
  const Value* found = fit.find("kweights");
  if (found == nullptr) return;
  for (const double weight : fit.numbers("kweights"))
    check(fit, {"kweights", 0, 6, ""}, weight, found);
}

}  // namespace

void check_ranges(const Recipe& recipe) {
  const Place place{recipe.file, Cause::configuration};
  Fields fields(recipe.document, place);
  if (const Value* found = fields.find("autobk"))
    check_all(fields.inside("autobk", *found), of_autobk);
  if (const Value* found = fields.find("fit")) {
    check_all(fields.inside("fit", *found), of_fit);
    check_kweights(fields.inside("fit", *found));
  }
  if (const Value* found = fields.find("reduce"))
    check_all(fields.inside("reduce", *found), of_reduce);
  if (const Value* found = fields.find("standard"))
    check_all(fields.inside("standard", *found), of_standard);
  if (const Value* found = fields.find("paths"))
    for (const Value& path : found->array()) check_path(fields.inside("paths", path));
  const Value* scans = fields.find("scans");
  if (scans == nullptr) return;
  const Fields all = fields.inside("scans", *scans);
  for (const auto& [scan, entry] : scans->object()) {
    Fields own = all.inside(scan, entry);
    if (const Value* found = own.find("reduce")) check_all(own.inside("reduce", *found), of_reduce);
  }
}

}  // namespace twin::stream
