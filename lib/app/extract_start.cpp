// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_start.h"

#include <algorithm>

#include "app/recipe_check.h"
#include "app/xas_absorption.h"
#include "app/xas_findings.h"
#include "core/error.h"

namespace twin::app {

using record::Recipe;

namespace {

using Names = std::vector<std::string>;

void add(Names& out, const std::string& name) {
  if (std::ranges::find(out, name) == out.end()) out.push_back(name);
}

// What one fit finds: parameters that are free or tied. E0 of a standard is fixed unless a path
// states its own.
void add_fit(Names& out, const Recipe& recipe, const std::vector<record::PathSettings>& paths,
             const std::string& suffix) {
  const bool fixed_e0 = recipe.standard && std::ranges::find(recipe.standard->gives, "de0") !=
                                               recipe.standard->gives.end();
  for (const auto& path : paths) {
    const auto put = [&](const char* kind, const record::PathParameter& parameter) {
      if (parameter.free || !parameter.expression.empty())
        add(out, std::string(kind) + ":" + path.name + suffix);
    };
    put("n", path.n);
    put("r", path.r);
    put("sigma2", path.sigma2);
    put("c3", path.c3);
    put("c4", path.c4);
    if (!fixed_e0 || !path.e0.expression.empty()) put("de0", path.e0);
  }
  for (const auto& parameter : recipe.parameters)
    if (parameter.free || !parameter.expression.empty()) add(out, parameter.name + suffix);
}

void add_lcf(Names& out, const record::LcfSettings& lcf) {
  for (const auto& standard : lcf.standards) add(out, "fraction:" + standard.name);
  if (lcf.shift) add(out, "lcf_shift");
  if (lcf.step) add(out, "lcf_step");
  if (std::ranges::all_of(lcf.standards, [](const auto& s) { return s.valence.has_value(); }))
    add(out, "valence");
}

void add_prepeaks(Names& out, const record::PrePeakSettings& settings) {
  for (const char* name : {"prepeak_area", "prepeak_centroid", "prepeak_height"}) add(out, name);
  for (int i = 1; i <= settings.peaks; ++i)
    for (const char* name : {"peak_centre.", "peak_area.", "peak_fwhm."})
      add(out, name + std::to_string(i));
}

}  // namespace

Names columns_of(const Recipe& recipe) {
  Names out = {"time", "scan", "e0", "edge_step"};
  if (!recipe.paths.empty()) {
    add_fit(out, recipe, recipe.paths, "");
    for (const auto& variant : recipe.variants)
      add_fit(out, recipe, with_variant(recipe.paths, variant), "/" + variant.name);
  }
  for (const auto& band : recipe.bands) add(out, band_name(band));
  if (!recipe.paths.empty() || !recipe.bands.empty()) add(out, "s02");
  if (recipe.xanes.lcf) add_lcf(out, *recipe.xanes.lcf);
  if (recipe.xanes.prepeaks) add_prepeaks(out, *recipe.xanes.prepeaks);
  if (recipe.xanes.white_line)
    for (const char* name : {"white_line_energy", "white_line_height", "white_line_area"})
      add(out, name);
  if (recipe.xanes.series) add(out, "components");
  return out;
}

std::vector<std::string> files_of(const Recipe& recipe) {
  Names out;
  const auto put = [&](const std::string& name) {
    const std::string path = file_of(name);
    if (!path.empty()) add(out, path);
  };
  if (recipe.columns.pixels) {
    put(recipe.columns.pixels->scan);
    put(recipe.columns.pixels->to);
  }
  if (recipe.energy) put(recipe.energy->align);
  put(recipe.feff.structure);
  if (recipe.standard) {
    if (recipe.standard->file) put(recipe.standard->scan);
    put(recipe.standard->structure);
  }
  for (const auto& path : recipe.paths) put(path.file);
  if (recipe.xanes.lcf)
    for (const auto& standard : recipe.xanes.lcf->standards) put(standard.scan);
  return out;
}

StartInfo start_extract(ExtractSettings& settings) {
  if (settings.recipe.empty())
    throw Error(Cause::usage, "--recipe: none given; how shall the data be reduced?");
  settings.read = checked_recipe(settings.recipe);
  StartInfo out;
  out.files = {settings.recipe};
  for (auto& file : files_of(*settings.read)) add(out.files, file);
  out.columns = columns_of(*settings.read);
  return out;
}

}  // namespace twin::app
