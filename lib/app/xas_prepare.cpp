// SPDX-License-Identifier: GPL-3.0-or-later
// What is put right before µ(E) is reduced.
#include <algorithm>

#include "app/recipe_check.h"
#include "app/xas_absorption.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/deglitch.h"
#include "xas/energy_shift.h"
#include "xas/rebin.h"
#include "xas/threshold.h"

namespace twin::app {

using Eigen::VectorXd;
using record::Value;

namespace {

double derivative_e0(const VectorXd& energy, const VectorXd& mu, const XasConditions& c) {
  return xas::find_threshold(energy, mu, {}, c.edge, c.elements).e0;
}

void remove_glitches(Absorption& a, const record::DeglitchSettings& settings) {
  const auto found = xas::deglitch(a.energy, a.mu, settings);
  Value::Array report;
  for (const auto& glitch : found.glitches) {
    Value entry;
    entry.set("energy", glitch.energy);
    entry.set("points", glitch.points);
    entry.set(glitch.stated ? "stated" : "size", glitch.stated ? Value(true) : Value(glitch.size));
    report.push_back(entry);
    a.warnings.push_back(
        "glitch at " + significant(glitch.energy, 7) + " eV: " + std::to_string(glitch.points) +
        " points taken out" +
        (glitch.stated ? ", as the recipe says" : ", " + significant(glitch.size, 3) + " σ off"));
  }
  a.done.set("deglitch", report);
  if (found.glitches.empty()) return;
  for (VectorXd* each : {&a.mu, &a.reference, &a.sigma})
    if (each->size() > 0) *each = xas::kept(found, *each);
  a.energy = xas::kept(found, a.energy);
}

void put_energy_right(Absorption& a, const record::EnergySettings& settings,
                      const XasConditions& c) {
  const VectorXd& own = a.reference.size() > 0 ? a.reference : a.mu;
  Value report;
  double shift = settings.shift.value_or(0.0);
  if (settings.to) {
    shift = *settings.to - derivative_e0(a.energy, own, c);
  } else if (c.align_to) {
    const bool both = a.reference.size() > 0 && c.align_to->reference.size() > 0;
    const VectorXd& theirs = both ? c.align_to->reference : c.align_to->mu;
    const auto found = xas::align(a.energy, both ? a.reference : a.mu, c.align_to->energy, theirs,
                                  derivative_e0(c.align_to->energy, theirs, c));
    if (!found.converged)
      a.warnings.push_back("energy: aligning to " + printable(settings.align) +
                           " did not converge; the energies stay as they are");
    shift = found.converged ? found.shift : 0.0;
    report.set("sigma", found.sigma);
  }
  a.energy.array() += shift;
  report.set("shift", shift);
  a.done.set("energy", report);
}

void rebin(Absorption& a, const record::RebinSettings& settings, const XasConditions& c) {
  const double e0 = derivative_e0(a.energy, a.mu, c);
  Eigen::MatrixXd columns(a.mu.size(), 1 + (a.reference.size() > 0));
  columns.col(0) = a.mu;
  if (a.reference.size() > 0) columns.col(1) = a.reference;
  const auto before = a.energy.size();
  const auto out = xas::rebin(a.energy, columns, e0, settings);
  a.energy = out.energy;
  a.mu = out.columns.col(0);
  if (a.reference.size() > 0) a.reference = out.columns.col(1);
  a.sigma.resize(0);
  Value report;
  report.set("from", static_cast<int>(before));
  report.set("to", static_cast<int>(a.energy.size()));
  a.done.set("rebin", report);
}

std::optional<atoms::TabulatedEdge> tabulated(const std::string& name) {
  try {
    return atoms::tabulated(atoms::parse_edge(name));
  } catch (const Error&) {
    return std::nullopt;  // an edge that no table has can still be reduced
  }
}

}  // namespace

XasConditions conditions_of(const record::Recipe& recipe) {
  XasConditions out;
  out.edge = tabulated(recipe.edge);
  if (!recipe.sample.formula.empty()) out.elements = atoms::elements_of(recipe.sample.formula);
  const auto element = atoms::parse_edge(recipe.edge).element;
  if (std::ranges::find(out.elements, element) == out.elements.end())
    out.elements.push_back(element);
  if (const auto& pixels = recipe.columns.pixels; pixels && !pixels->polynomial.empty()) {
    out.pixels = Eigen::Map<const VectorXd>(pixels->polynomial.data(),
                                            static_cast<Eigen::Index>(pixels->polynomial.size()));
  } else if (pixels) {
    // The unit is that of the file with energies; the other counts pixels.
    auto counted = recipe;
    counted.columns.energy_unit = "eV";
    const auto scan = in_recipe(recipe, {"columns", "pixels", "scan"},
                                [&] { return standard_absorption(pixels->scan, counted, {}); });
    const auto foil = in_recipe(recipe, {"columns", "pixels", "to"},
                                [&] { return standard_absorption(pixels->to, recipe, out); });
    const auto found =
        xas::calibrate_pixels(scan.energy, scan.mu, foil.energy, foil.mu, pixels->order);
    if (!found.converged)
      throw Error(Cause::data, "pixels: " + printable(pixels->scan) + " could not be laid over " +
                                   printable(pixels->to));
    out.pixels = found.polynomial;
  }
  if (recipe.energy && !recipe.energy->align.empty())
    out.align_to = in_recipe(recipe, {"energy", "align"}, [&] {
      return standard_absorption(recipe.energy->align, recipe, out);
    });
  return out;
}

void prepare(Absorption& absorption, const record::Recipe& recipe,
             const XasConditions& conditions) {
  if (recipe.deglitch) remove_glitches(absorption, *recipe.deglitch);
  if (recipe.energy) put_energy_right(absorption, *recipe.energy, conditions);
  if (recipe.rebin) rebin(absorption, *recipe.rebin, conditions);
}

}  // namespace twin::app
