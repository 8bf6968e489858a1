// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5).
#include <algorithm>
#include <filesystem>

#include "core/hash.h"
#include "core/text.h"
#include "stream/document.h"
#include "stream/documents.h"
#include "stream/json.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using namespace record;

namespace {

std::map<std::string, ReduceSettings> decode_scans(Fields scans, const std::string& defaults) {
  std::map<std::string, ReduceSettings> out;
  for (const auto& [name, entry] : scans.value().object()) {
    Fields scan = scans.inside(name, entry);
    out.emplace(name, decode_reduce(scan.inside("reduce"), defaults));
    scan.refuse_rest();
  }
  return out;
}

std::vector<std::pair<double, double>> decode_bands(Fields& fields) {
  std::vector<std::pair<double, double>> out;
  const Value* list = fields.find("bands");
  if (list == nullptr) return out;
  if (!list->is_array()) fields.fail("bands", "expected a list as [2.8-3.6]", list);
  for (const Value& item : list->array()) {
    const auto parts = split(item.is_string() ? std::string_view(item.string()) : "", '-');
    const auto from = parse_double(trim(parts.front())), to = parse_double(trim(parts.back()));
    if (parts.size() != 2 || !from || !to || !(*from >= 0) || !(*from < *to) || !(*to <= 10))
      fields.fail("bands", "expected as in 2.8-3.6 (Å), up to 10", &item);
    if (*to - *from < 0.0307)
      fields.fail("bands", item.string() + " is narrower than the steps of R, 0.0307 Å", &item);
    if (std::ranges::find(out, std::pair(*from, *to)) != out.end())
      fields.fail("bands", item.string() + " stands twice", &item);
    out.emplace_back(*from, *to);
  }
  return out;
}

// columns.signal: which of several the sample's µ is. Where there are no columns, the names of the
// file's are looked through for it.
void decode_signal(Fields& fields, Columns& out) {
  static const std::vector<std::string> ways = {"transmission", "fluorescence", "yield", "column"};
  static const std::vector<std::string> made_of = {"i0 and it", "i0 and fluorescence",
                                                   "i0 and yield", "mu"};
  const bool ratio = !out.i0.empty();
  const bool given[] = {ratio && !out.it.empty(), ratio && !out.fluorescence.empty(),
                        ratio && !out.yield.empty(), !out.mu.empty()};
  std::vector<std::string> there;
  for (std::size_t i = 0; i < ways.size(); ++i)
    if (given[i]) there.push_back(ways[i]);
  if (fields.find("mu") != nullptr) {
    out.signal = choice(fields, "mu", "", ways);
    const auto at = static_cast<std::size_t>(std::ranges::find(ways, out.signal) - ways.begin());
    if (there.empty() || given[at]) return;
    fields.fail("mu", "columns has nothing for " + out.signal + ", which is made of " +
                          made_of[at] + "; it has what makes " + join(there, ", "));
  }
  if (there.size() > 1)
    fields.fail("mu", "columns would do for several; expected one of " + join(there, ", "),
                fields.value().find("columns"));
  if (!there.empty()) out.signal = there.front();
}

void check_self_absorption(const Fields& fields, const Recipe& recipe) {
  const std::string& signal = recipe.columns.signal;
  if (recipe.self_absorption && (signal == "transmission" || signal == "yield"))
    fields.fail("self_absorption", "is of fluorescence, and µ is made of " + signal +
                                       "; expected mu: fluorescence with columns for it, or none");
}

void decode_preparation(Fields& fields, Recipe& out) {
  const auto wanted = [&](std::string_view key) {
    const Value* found = fields.find(key);
    return found != nullptr && *found != Value(false) ? found : nullptr;
  };
  if (const Value* found = wanted("deglitch")) out.deglitch = decode_deglitch(fields, *found);
  if (const Value* found = wanted("energy"))
    out.energy = decode_energy(fields.inside("energy", *found));
  if (const Value* found = wanted("rebin")) out.rebin = decode_rebin(fields, *found);
  if (const Value* found = wanted("merge"))
    out.merge = decode_merge(fields.inside("merge", *found));
  if (wanted("self_absorption") != nullptr) out.self_absorption = decode_self_absorption(fields);
  if (out.self_absorption && out.sample.formula.empty())
    fields.fail("self_absorption", "needs the formula of the sample");
  check_self_absorption(fields, out);
}

void decode_exafs(Fields& fields, Recipe& out, const std::string& name) {
  if (const Value* found = fields.find("standard"))
    out.standard = decode_standard(fields.inside("standard", *found), name);
  const Value* fit = fields.find("fit");
  if (fit != nullptr) out.fit = decode_fit(fields.inside("fit", *fit));
  out.paths = decode_paths(fields, name);
  if (const Value* found = fields.find("parameters"))
    out.parameters = decode_parameters(fields.inside("parameters", *found));
  out.restraints = decode_restraints(fields);
  if (const Value* found = fields.find("joint"))
    out.joint = decode_joint(fields.inside("joint", *found));
  if (const Value* found = fields.find("variants"))
    out.variants = decode_variants(fields.inside("variants", *found), out);
  out.bands = decode_bands(fields);
  decode_transforms(fields, out, fit != nullptr || !out.paths.empty() || !out.bands.empty());
  const bool run = std::ranges::any_of(out.paths, [](auto& path) { return path.file.empty(); });
  if (const Value* found = fields.find("feff"))
    decode_feff(fields.inside("feff", *found), out, name);
  else if (run && out.standard && !out.standard->structure.empty())
    out.feff.structure = out.standard->structure;  // one compound for both
  else if (run)
    fields.fail("feff", "is missing; paths need amplitudes and phases");
}

}  // namespace

Recipe decode_recipe(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-recipe/1");
  Recipe out;
  out.file = name;
  out.name = fields.text("name", std::filesystem::path(name).stem().string());
  out.technique = choice(fields, "technique", out.technique, {"xas"});
  out.edge = fields.need_text("edge");
  out.defaults = choice(fields, "defaults", out.defaults, {"larch-2026.3", "athena"});
  if (const Value* found = fields.find("columns"))
    out.columns = decode_columns(fields.inside("columns", *found), name);
  decode_signal(fields, out.columns);
  if (const Value* found = fields.find("sample"))
    out.sample = decode_sample(fields.inside("sample", *found));
  decode_preparation(fields, out);
  static const Value nothing{Value::Object{}};
  const auto mapping = [&](std::string_view key) {
    const Value* found = fields.find(key);
    return fields.inside(key, found == nullptr ? nothing : *found);
  };
  out.reduce = decode_reduce(mapping("reduce"), out.defaults);
  if (const Value* found = fields.find("scans"))
    out.reduce_by_scan = decode_scans(fields.inside("scans", *found), out.defaults);
  out.autobk = decode_autobk(mapping("autobk"), out.defaults);
  decode_exafs(fields, out, name);
  if (const Value* found = fields.find("xanes"))
    out.xanes = decode_xanes(fields.inside("xanes", *found), name);
  fields.refuse_rest();
  out.sha256 = sha256(canonical_json(document));
  out.document = document;
  check_ranges(out);
  return out;
}

Recipe read_recipe(const std::string& path) { return decode_recipe(load_document(path), path); }

}  // namespace twin::stream
