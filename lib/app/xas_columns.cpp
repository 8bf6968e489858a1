// SPDX-License-Identifier: GPL-3.0-or-later
// From columns to µ(E).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "app/acquire.h"
#include "app/arrays.h"
#include "app/recipe_check.h"
#include "app/usual_columns.h"
#include "app/xas_absorption.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/units.h"
#include "xas/dead_time.h"
#include "xas/energy_shift.h"

namespace twin::app {

using Eigen::VectorXd;
using record::Columns;
using record::Measurement;

namespace {

constexpr double hc = 12398.419843320026;  // eV Å, exact since 2019

bool given(const Columns& c) {
  return !c.mu.empty() ||
         (!c.i0.empty() && (!c.it.empty() || !c.fluorescence.empty() || !c.yield.empty()));
}

bool has(const Measurement& m, const std::string& name) {
  const auto number = parse_integer(name);
  return m.arrays.contains(name) ||
         (number && *number >= 1 && static_cast<std::size_t>(*number) <= m.columns.size());
}

/// The columns of a measurement, as many values in each as there are energies.
class Rows {
 public:
  Rows(const Measurement& m, Eigen::Index count) : m_(m), count_(count) {}

  VectorXd operator()(const std::string& name) const {
    VectorXd out = column(m_, name);
    if (out.size() != count_)
      throw Error(Cause::data, "column " + printable(name) + " has " + std::to_string(out.size()) +
                                   " values for " + std::to_string(count_) + " energies");
    return out;
  }

 private:
  const Measurement& m_;
  Eigen::Index count_;
};

// Of the unit that the record says, where it says one.
double to_eV(const std::string& unit, const std::string& name) {
  if (find_unit(unit).value_or(Unit{}).dimension == "energy") return convert(1, unit, "eV");
  throw Error(Cause::data, "column " + printable(name) + " is in " + unit +
                               "; energies are expected, or d_spacing in the recipe's columns, "
                               "which makes energies of angles");
}

VectorXd energy_of(const Measurement& m, const Columns& columns, const VectorXd& pixels) {
  VectorXd out = column(m, columns.energy);
  if (pixels.size() > 0) return xas::energies_of(pixels, out);
  if (columns.d_spacing) {
    const double unit = columns.angle_unit == "rad"    ? 1.0
                        : columns.angle_unit == "mdeg" ? std::numbers::pi / 180e3
                                                       : std::numbers::pi / 180;
    return (hc / (2 * *columns.d_spacing) / (out.array() * unit).sin()).matrix();
  }
  const auto& unit = array_of(m, columns.energy).unit;
  if (!unit.empty() && unit != "eV") return out * to_eV(unit, columns.energy);
  // A reader has made eV of a file's keV that the recipe tells of too.
  const bool made = unit == "eV" && out.size() > 0 && out.minCoeff() > 1000;
  return columns.energy_unit == "keV" && !made ? VectorXd(out * 1000) : out;
}

// Rows whose counts make no µ.
struct Lost {
  std::vector<Eigen::Index> rows;
  std::string first;  // what is wrong with the first of them

  void add(Eigen::Index row, const std::string& why) {
    if (std::ranges::find(rows, row) != rows.end()) return;
    if (rows.empty()) first = why;
    rows.push_back(row);
  }
};

// ln(a/b) where both count something.
VectorXd logarithm(const VectorXd& a, const VectorXd& b, const std::string& names, Lost& lost) {
  VectorXd out = (a.array() / b.array()).log();
  for (Eigen::Index i = 0; i < a.size(); ++i)
    if (!(a[i] / b[i] > 0) || !std::isfinite(out[i]))
      lost.add(i, "ln(" + names + ") does not exist at row " + std::to_string(i + 1) + ": " +
                      significant(a[i], 6) + " over " + significant(b[i], 6) +
                      "; both must count something");
  return out;
}

// A beam that failed for a moment costs its rows; one that failed for longer, the scan.
void take_out(const Lost& lost, Absorption& a) {
  if (lost.rows.empty()) return;
  const auto n = static_cast<std::size_t>(a.energy.size());
  if (lost.rows.size() > 5 || 100 * lost.rows.size() > n) throw Error(Cause::data, lost.first);
  for (VectorXd* each : {&a.energy, &a.mu, &a.reference, &a.sigma}) {
    if (each->size() == 0) continue;
    Eigen::Index kept = 0;
    for (Eigen::Index i = 0; i < each->size(); ++i)
      if (std::ranges::find(lost.rows, i) == lost.rows.end()) (*each)[kept++] = (*each)[i];
    each->conservativeResize(kept);
  }
  a.warnings.push_back(lost.first + (lost.rows.size() == 1 ? "; the row was taken out"
                                                           : "; such rows were taken out, " +
                                                                 std::to_string(lost.rows.size()) +
                                                                 " of " + std::to_string(n)));
}

VectorXd channel(const Rows& rows, const Columns& columns, std::size_t i,
                 std::vector<std::string>& warnings) {
  VectorXd counts = rows(columns.fluorescence[i]);
  if (!columns.dead_time) return counts;
  const auto& dead = *columns.dead_time;
  xas::TrueRates rates;
  if (!dead.icr.empty()) {
    rates = xas::undo_dead_time_by_rates(counts, rows(dead.icr[i]), rows(dead.ocr[i]));
  } else {
    const double tau = dead.tau[dead.tau.size() > 1 ? i : 0];
    rates = dead.time.empty() ? xas::undo_dead_time(counts, tau)
                              : xas::undo_dead_time(counts, tau, rows(dead.time));
  }
  if (!rates.saturated.empty())
    warnings.push_back("column " + printable(columns.fluorescence[i]) + ": " +
                       std::to_string(rates.saturated.size()) +
                       " points count more than the dead time allows; they are not to be trusted");
  return rates.rate;
}

VectorXd mu_of(const Rows& rows, const Columns& columns, std::vector<std::string>& warnings,
               Lost& lost) {
  const std::string& signal = columns.signal;
  if (signal == "column" || (signal.empty() && !columns.mu.empty())) return rows(columns.mu);
  if (columns.i0.empty())
    throw Error(Cause::configuration,
                "columns: neither mu nor i0 with it, if or yield are given; µ can't be made");
  const VectorXd i0 = rows(columns.i0);
  if (signal == "transmission" || (signal.empty() && !columns.it.empty()))
    return logarithm(i0, rows(columns.it), columns.i0 + "/" + columns.it, lost);
  VectorXd sum = VectorXd::Zero(i0.size());
  if (signal == "yield" || columns.fluorescence.empty())
    sum = rows(columns.yield);
  else
    for (std::size_t i = 0; i < columns.fluorescence.size(); ++i)
      sum += channel(rows, columns, i, warnings);
  const double sign = i0.sum() < 0 ? -1 : 1;  // some amplifiers invert
  for (Eigen::Index i = 0; i < i0.size(); ++i)
    if (!(sign * i0[i] > 0))
      lost.add(i, "column " + printable(columns.i0) + ": " + significant(i0[i], 6) + " at row " +
                      std::to_string(i + 1) + "; without a beam there is no µ");
  return sum.array() / i0.array();
}

// Of the columns that the file's names tell.
void check_self_absorption(const record::Recipe& recipe, const std::string& signal) {
  if (recipe.self_absorption && (signal == "transmission" || signal == "yield"))
    throw Error(Cause::configuration,
                place_in(recipe, {"self_absorption"}) + ": is of fluorescence, and µ is made of " +
                    signal + "; mu: fluorescence, or columns, would say where that is");
}

}  // namespace

bool looks_like_keV(const VectorXd& energy, const XasConditions& conditions) {
  constexpr double highest_keV = 100;  // as eV it is far below the edges of hard X-rays
  return conditions.edge && conditions.edge->energy > highest_keV && energy.size() > 0 &&
         energy.maxCoeff() < highest_keV && energy.minCoeff() > 0;
}

bool is_merged(const Measurement& m) { return m.arrays.contains("mu_sigma"); }

Absorption absorption_of(const Measurement& m, const record::Recipe& recipe,
                         const XasConditions& conditions) {
  Absorption out;
  out.stored = m.stored;
  const bool stated = given(recipe.columns) && !is_merged(m);
  UsualColumns found{recipe.columns, recipe.columns.signal};
  if (!stated) found = usual_columns(m, is_merged(m) ? "" : recipe.columns.signal, out.warnings);
  const Columns& columns = found.columns;
  check_self_absorption(recipe, found.signal);
  out.energy = is_merged(m) ? column(m, "energy") : energy_of(m, columns, conditions.pixels);
  const Rows rows(m, out.energy.size());
  Lost lost;
  out.mu = mu_of(rows, columns, out.warnings, lost);
  if (!columns.mu_reference.empty())
    out.reference = rows(columns.mu_reference);
  else if (!columns.ir.empty())
    out.reference =
        logarithm(rows(columns.it), rows(columns.ir), columns.it + "/" + columns.ir, lost);
  if (m.arrays.contains("mu_sigma")) out.sigma = rows("mu_sigma");
  take_out(lost, out);
  const auto n = out.energy.size();
  if (n > 1 && out.energy[0] > out.energy[n - 1])
    for (VectorXd* each : {&out.energy, &out.mu, &out.reference, &out.sigma})
      each->reverseInPlace();
  return out;
}

namespace {

// A file that says nothing of its unit, with energies that are no eV for this edge.
void keV_to_eV(Absorption& a, const XasConditions& conditions, const std::string& path) {
  if (!looks_like_keV(a.energy, conditions)) return;
  a.energy *= 1000;
  cli::note(printable(path) + ": its energies go from " + significant(a.energy[0] / 1000, 5) +
            " on; they are taken as keV");
}

// What makes the sample's µ of the recipe's columns.
std::vector<std::string> needed(const Columns& c) {
  if (c.signal == "column" || (c.signal.empty() && !c.mu.empty())) return {c.mu};
  if (c.signal == "transmission") return {c.i0, c.it};
  if (c.signal == "yield") return {c.i0, c.yield};
  std::vector<std::string> out = c.fluorescence;
  out.push_back(c.i0);
  return out;
}

// As the sample's, where the file has that.
Columns usual_of_standard(const Measurement& m, const std::string& signal) {
  std::vector<std::string> ignored;
  try {
    return usual_columns(m, signal, ignored).columns;
  } catch (const Error&) {
    return usual_columns(m, "", ignored).columns;
  }
}

// The scan that FILE::SCAN names, or the only one of FILE.
Measurement scan_of(const std::string& name) {
  const std::string file = file_of(name);
  auto all = measurements_from_file(file);
  if (file == name && all.size() == 1) return std::move(all.front());
  const std::string label = file == name ? "" : name.substr(file.size() + 2);
  std::vector<std::string> scans;
  for (auto& m : all) {
    if (!label.empty() && (m.context.scan == label || m.context.scan.ends_with("." + label)))
      return std::move(m);
    scans.push_back(printable(m.context.scan));
  }
  throw Error(Cause::data, "which of its scans? FILE::SCAN with one of " + join(scans, ", ") +
                               perhaps(label, scans));
}

}  // namespace

record::Recipe for_standards(record::Recipe recipe) {
  recipe.self_absorption.reset();
  return recipe;
}

std::string file_of(const std::string& name) {
  std::error_code ignored;
  return std::filesystem::exists(name, ignored) ? name : name.substr(0, name.find("::"));
}

Absorption standard_absorption(const std::string& path, const record::Recipe& recipe,
                               const XasConditions& conditions) {
  try {
    const Measurement m = scan_of(path);
    const Columns& asked = recipe.columns;
    Absorption out;
    if (given(asked) && std::ranges::all_of(needed(asked), [&](auto& c) { return has(m, c); })) {
      out = absorption_of(m, recipe, conditions);
    } else {
      // Other instruments name their columns otherwise, and a standard is seldom dilute.
      record::Recipe plain;
      plain.columns = usual_of_standard(m, asked.signal);
      out = absorption_of(m, plain, given(asked) ? XasConditions{} : conditions);
    }
    keV_to_eV(out, conditions, path);
    return out;
  } catch (const Error& error) {
    throw error.at(printable(path));
  }
}

}  // namespace twin::app
