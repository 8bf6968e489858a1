// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_figure.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/text.h"
#include "plot/figure.h"

namespace twin::app {

using plot::Panel;
using plot::Style;
using record::Result;

namespace {

const std::vector<double>* data(const Result& result, const std::string& name) {
  const auto at = result.arrays.find(name);
  return at == result.arrays.end() ? nullptr : &at->second.data;
}

void add(Panel& panel, const Result& result, const std::string& x, const std::string& y,
         const std::string& label, Style style,
         const std::function<double(double x, double y)>& shown) {
  const auto *xs = data(result, x), *ys = data(result, y);
  if (!xs || !ys || xs->size() != ys->size()) return;
  plot::Series series{.label = label, .x = *xs, .y = {}, .sigma = {}, .style = style};
  for (std::size_t i = 0; i < xs->size(); ++i) series.y.push_back(shown((*xs)[i], (*ys)[i]));
  panel.series.push_back(std::move(series));
}

double as_it_is(double, double y) { return y; }

// A quantity of every result along the series, where most have it.
Panel along(const std::vector<Result>& results, const std::string& name) {
  Panel out{.title = name, .x_label = "scan", .y_label = name, .series = {}, .x_names = {}};
  plot::Series series{.label = name, .x = {}, .y = {}, .sigma = {}, .style = Style::error_bars};
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto at = results[i].quantities.find(name);
    if (at == results[i].quantities.end() || !at->second.value) continue;
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(*at->second.value);
    series.sigma.push_back(at->second.sigma_total());
    if (!at->second.unit.empty()) out.y_label = name + " (" + at->second.unit + ")";
  }
  out.series.push_back(std::move(series));
  return out;
}

// What the series is about: the first fitted distance, fraction or valence; else E0.
std::string leading(const Result& result) {
  for (const char* kind : {"r:", "n:", "fraction:", "valence", "prepeak_area", "e0"})
    for (const auto& [name, quantity] : result.quantities)
      if (name.starts_with(kind) && quantity.value) return name;
  return "";
}

Panel panel(const std::string& title, const std::string& x_label, const std::string& y_label) {
  return {.title = title, .x_label = x_label, .y_label = y_label, .series = {}, .x_names = {}};
}

// The spectra of a series' components, a row each.
void add_spectra(plot::Figure& figure, const Result& series, const std::string& name,
                 const std::string& title) {
  const auto *energy = data(series, "energy"), *rows = data(series, name);
  if (!energy || !rows || energy->empty()) return;
  const std::size_t n = energy->size();
  Panel out = panel(title, "energy (eV)", "");
  for (std::size_t i = 0; (i + 1) * n <= rows->size(); ++i) {
    plot::Series& one = out.series.emplace_back();
    one.label = std::to_string(i + 1);
    one.x = *energy;
    one.y.assign(rows->begin() + static_cast<std::ptrdiff_t>(i * n),
                 rows->begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
  }
  figure.panels.push_back(std::move(out));
}

std::vector<double> column_of(const std::vector<double>& matrix, std::size_t columns,
                              std::size_t column) {
  std::vector<double> out;
  for (std::size_t at = column; at < matrix.size(); at += columns) out.push_back(matrix[at]);
  return out;
}

// A column for each component, a row for each scan; bars from `lowest` to `highest` where given.
void add_course(plot::Figure& figure, const Result& series, const std::string& name,
                const std::string& title, const std::string& lowest = "",
                const std::string& highest = "") {
  const auto at = series.arrays.find(name);
  if (at == series.arrays.end() || at->second.shape.size() != 2) return;
  const std::size_t columns = at->second.shape[1];
  const auto *from = data(series, lowest), *to = data(series, highest);
  Panel out = panel(title, "scan", "");
  for (std::size_t i = 0; i < columns; ++i) {
    plot::Series& one = out.series.emplace_back();
    one.label = std::to_string(i + 1);
    one.style = Style::line_points;
    one.y = column_of(at->second.data, columns, i);
    for (std::size_t scan = 1; scan <= one.y.size(); ++scan)
      one.x.push_back(static_cast<double>(scan));
    if (!from || !to) continue;
    one.style = Style::error_bars;
    one.lowest = column_of(*from, columns, i);
    one.highest = column_of(*to, columns, i);
  }
  figure.panels.push_back(std::move(out));
}

void add_series(plot::Figure& figure, const Result& series) {
  add_spectra(figure, series, "components", "components of the series");
  add_course(figure, series, "scores", "scores of the components");
  add_spectra(figure, series, "mcr_spectra", "resolved spectra");
  add_course(figure, series, "mcr_concentrations", "concentrations, with what fits as well",
             "mcr_lowest", "mcr_highest");
}

}  // namespace

void draw_extract(const std::vector<Result>& results, std::size_t all,
                  const std::optional<Result>& series, const record::Recipe& recipe,
                  const std::string& path) {
  if (results.empty()) return;
  const std::string some = all > most_curves ? ", last " + std::to_string(most_curves) + " of " +
                                                   std::to_string(all) + " scans"
                                             : "";
  const double w = recipe.transform.kweight;
  const auto weighted = [w](double k, double chi) { return std::pow(k, w) * chi; };
  Panel norm = panel("normalised absorption" + some, "energy (eV)", "norm");
  Panel chi_k = panel("chi(k), k weight " + shortest(w) + some, "k (1/Å)", "k^w chi");
  Panel chi_r = panel("|chi(R)|" + some, "R (Å), no phase correction", "|chi(R)|");
  const std::size_t first = results.size() > most_curves ? results.size() - most_curves : 0;
  for (std::size_t i = first; i < results.size(); ++i) {
    const auto& r = results[i];
    add(norm, r, "energy", "norm", r.context.scan, Style::line, as_it_is);
    add(chi_k, r, "k", "chi", r.context.scan, Style::line, weighted);
    add(chi_r, r, "r", "chi_r", r.context.scan, Style::line, as_it_is);
  }
  add(norm, results.back(), "lcf_energy", "lcf_fit", "linear combination", Style::line, as_it_is);
  add(chi_k, results.back(), "k", "fit", "fit", Style::line, weighted);
  plot::Figure figure;
  for (auto* panel : {&norm, &chi_k, &chi_r})
    if (!panel->series.empty()) figure.panels.push_back(std::move(*panel));
  if (const auto name = leading(results.back()); !name.empty() && results.size() > 1)
    figure.panels.push_back(along(results, name));
  if (series) add_series(figure, *series);
  plot::draw(figure, path);
}

}  // namespace twin::app
