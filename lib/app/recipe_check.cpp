// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recipe_check.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "app/xas_findings.h"
#include "atoms/edges.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"
#include "stream/documents.h"
#include "stream/rows.h"
#include "xas/dependencies.h"
#include "xas/expression.h"
#include "xas/fit_parameters.h"

namespace twin::app {

using record::Recipe;
using record::Value;

namespace {

using Keys = std::initializer_list<std::string_view>;

const Value* member(const Value& value, std::string_view key) {
  if (!value.is_array()) return value.find(key);
  const auto index = parse_integer(key);
  const auto& items = value.array();
  return index && *index >= 0 && static_cast<std::size_t>(*index) < items.size()
             ? &items[static_cast<std::size_t>(*index)]
             : nullptr;
}

void check_edge(const Recipe& recipe) {
  static const std::vector<std::string> levels = {"K",  "L1", "L2", "L3", "M1",
                                                  "M2", "M3", "M4", "M5"};
  in_recipe(recipe, {"edge"}, [&] {
    const auto edge = atoms::parse_edge(recipe.edge);
    if (std::ranges::find(levels, edge.level) == levels.end())
      throw Error(Cause::configuration,
                  "'" + printable(edge.level) + "' is no edge; expected " + join(levels, ", "));
  });
}

// A parameter of the fit is a quantity of the result, and a column of tables.
bool is_taken(const Recipe& recipe, const std::string& name) {
  static const std::vector<std::string> taken = {"e0",
                                                 "edge_step",
                                                 "s02",
                                                 "lcf_shift",
                                                 "lcf_step",
                                                 "valence",
                                                 "edge_energy",
                                                 "prepeak_area",
                                                 "prepeak_centroid",
                                                 "prepeak_height",
                                                 "white_line_energy",
                                                 "white_line_height",
                                                 "white_line_area",
                                                 "components"};
  const auto& standard = recipe.standard;
  const bool shift = standard && std::ranges::find(standard->gives, "de0") != standard->gives.end();
  return std::ranges::find(taken, name) != taken.end() || (shift && name == "de0") ||
         !stream::names_quantity(name);
}

// One parameter at least, in the fit and in each of its variants.
void check_free(const Recipe& recipe) {
  if (recipe.paths.empty()) return;
  const auto any = [&](const std::vector<record::PathSettings>& paths) {
    return std::ranges::any_of(recipe.parameters, &record::FitParameter::free) ||
           std::ranges::any_of(paths, [](const auto& p) {
             return p.n.free || p.r.free || p.sigma2.free || p.c3.free || p.c4.free || p.e0.free;
           });
  };
  const Error none(Cause::configuration,
                   "no parameter is free; free: true of one at least is expected");
  if (!any(recipe.paths)) throw none.at(place_in(recipe, {"paths"}));
  for (const auto& variant : recipe.variants)
    if (!any(with_variant(recipe.paths, variant)))
      throw none.at(place_in(recipe, {"variants", variant.name}));
}

// A standard that is fitted with the recipe's own paths gives what is free in them.
void check_standard(const Recipe& recipe) {
  if (!recipe.standard || recipe.standard->s02 || !recipe.standard->structure.empty()) return;
  const auto& gives = recipe.standard->gives;
  const auto refuse = [&](const std::string& what) {
    throw Error(Cause::configuration,
                place_in(recipe, {"standard"}) + ": its fit has no free " + what);
  };
  const auto free = [&](auto which) { return std::ranges::any_of(recipe.paths, which); };
  if (!free([](const auto& path) { return path.n.free; })) refuse("n to take S0² from");
  if (std::ranges::find(gives, "de0") != gives.end() &&
      !free([](const auto& path) { return path.e0.free; }))
    refuse("e0 to give");
}

/// The expressions of a recipe: those of parameters, of paths' parameters, of restraints.
class Expressions {
 public:
  explicit Expressions(const Recipe& recipe) : recipe_(recipe) {
    for (const auto& parameter : recipe.parameters) names_.push_back(parameter.name);
    for (const auto& name : xas::path_parameter_names(recipe.paths)) names_.push_back(name);
    on_.resize(names_.size());
  }

  void check() {
    for (std::size_t i = 0; i < recipe_.parameters.size(); ++i) parameter(i);
    for (std::size_t p = 0; p < recipe_.paths.size(); ++p) path(p);
    for (std::size_t i = 0; i < recipe_.restraints.size(); ++i)
      read({"restraints", std::to_string(i), "expr"}, "restraint " + std::to_string(i + 1),
           [&] { of_no_path(recipe_.restraints[i].expression); });
    circles();
  }

 private:
  // An error says the line, and whose expression it is: there may be many on a line.
  template <class Work>
  void read(Keys keys, const std::string& whose, Work work) const {
    in_recipe(recipe_, keys, [&] {
      try {
        work();
      } catch (const Error& error) {
        throw error.at(printable(whose));
      }
    });
  }

  void parameter(std::size_t i) {
    const auto& one = recipe_.parameters[i];
    in_recipe(recipe_, {"parameters", one.name}, [&] {
      if (!xas::Expression::may_name(one.name))
        throw Error(Cause::configuration,
                    "a parameter has a name of letters, digits and _ that begins with a letter "
                    "and is no word of expressions");
      if (is_taken(recipe_, one.name))
        throw Error(Cause::configuration, "results have another thing of that name");
    });
    if (!one.expression.empty())
      read({"parameters", one.name, "expr"}, one.name, [&] { on(i, of_no_path(one.expression)); });
  }

  void path(std::size_t p) {
    const auto& one = recipe_.paths[p];
    const std::pair<const char*, const record::PathParameter*> all[] = {
        {"n", &one.n},   {"r", &one.r},   {"sigma2", &one.sigma2},
        {"c3", &one.c3}, {"c4", &one.c4}, {"e0", &one.e0}};
    std::size_t place = recipe_.parameters.size() + p * std::size(all);
    for (const auto& entry : all) {
      const std::string& text = entry.second->expression;
      if (!text.empty())
        read({"paths", std::to_string(p), entry.first, "expr"}, names_[place],
             [&] { on(place, xas::Expression(text, names_)); });
      ++place;
    }
  }

  xas::Expression of_no_path(const std::string& text) const {
    xas::Expression out(text, names_);
    if (out.uses_path() || out.uses_thermal())
      throw Error(Cause::configuration,
                  "reff, n, einstein() and debye() are of a path, and it is none's; the parameters "
                  "of paths are named as n:" +
                      (recipe_.paths.empty() ? "Cu-Cu.1" : recipe_.paths.front().name));
    return out;
  }

  void on(std::size_t i, const xas::Expression& expression) {
    for (const auto used : expression.used()) on_[i].push_back(static_cast<std::size_t>(used));
  }

  void circles() const {
    std::vector<std::size_t> all(names_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const auto circle = xas::in_order(on_, all).circular;
    if (!circle) return;
    const std::string& name = names_[*circle];
    const bool of_path = *circle >= recipe_.parameters.size();
    const std::string index =
        of_path ? std::to_string((*circle - recipe_.parameters.size()) / 6) : name;
    in_recipe(
        recipe_, {of_path ? "paths" : "parameters", index, name.substr(0, name.find(':')), "expr"},
        [&] {
          throw Error(Cause::configuration, "the expression of " + name + " comes back to itself");
        });
  }

  const Recipe& recipe_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::size_t>> on_;  // [names] what the expression of each uses
};

// What an expression gives can be neither freed nor fixed.
void check_variants(const Recipe& recipe) {
  for (const auto& variant : recipe.variants)
    for (const auto* list : {&variant.free, &variant.fixed})
      for (const auto& name : *list)
        for (const auto& path : recipe.paths) {
          const std::pair<const char*, const record::PathParameter*> all[] = {
              {"n:", &path.n},   {"r:", &path.r},   {"sigma2:", &path.sigma2},
              {"c3:", &path.c3}, {"c4:", &path.c4}, {"e0:", &path.e0}};
          for (const auto& entry : all)
            if (name == entry.first + path.name && !entry.second->expression.empty())
              in_recipe(recipe, {"variants", variant.name}, [&] {
                throw Error(Cause::configuration,
                            name + " follows from an expression; it is neither free nor fixed");
              });
        }
}

// A file that is not there is told before any work begins.
void check_files(const Recipe& recipe) {
  const auto check = [&](Keys keys, const std::string& name) {
    const std::string path = file_of(name);
    if (path.empty()) return;
    in_recipe(recipe, keys, [&] {
      if (::access(path.c_str(), R_OK) != 0)
        throw Error(Cause::no_input, printable(path) + ": " + std::strerror(errno));
    });
  };
  check({"feff", "structure"}, recipe.feff.structure);
  if (const auto& pixels = recipe.columns.pixels) {
    check({"columns", "pixels", "scan"}, pixels->scan);
    check({"columns", "pixels", "to"}, pixels->to);
  }
  if (recipe.energy) check({"energy", "align"}, recipe.energy->align);
  if (const auto& standard = recipe.standard) {
    if (standard->file) check({"standard", "measurement"}, standard->scan);
    check({"standard", "structure"}, standard->structure);
  }
  for (std::size_t i = 0; i < recipe.paths.size(); ++i)
    check({"paths", std::to_string(i), "file"}, recipe.paths[i].file);
  if (!recipe.xanes.lcf) return;
  for (std::size_t i = 0; i < recipe.xanes.lcf->standards.size(); ++i)
    check({"xanes", "lcf", "standards", std::to_string(i), "file"},
          recipe.xanes.lcf->standards[i].scan);
}

}  // namespace

std::string place_in(const Recipe& recipe, Keys keys) {
  const Value* here = &recipe.document;
  std::string name;
  for (const auto key : keys) {
    const Value* next = member(*here, key);
    if (next == nullptr) break;
    here = next;
    if (!parse_integer(key)) name = key;
  }
  if (name.empty() && keys.size() > 0) name = *keys.begin();
  const std::string what = printable(name);
  if (recipe.file.empty()) return what;
  return printable(recipe.file) + ":" + std::to_string(here->line) +
         (what.empty() ? "" : ": " + what);
}

Recipe checked_recipe(const std::string& path) {
  Recipe out = stream::read_recipe(path);
  check_edge(out);
  if (!out.sample.formula.empty())
    in_recipe(out, {"sample", "formula"},
              [&] { static_cast<void>(atoms::elements_of(out.sample.formula)); });
  Expressions(out).check();
  check_variants(out);
  check_free(out);
  check_standard(out);
  check_files(out);
  return out;
}

}  // namespace twin::app
