// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_figure.h"

#include <cmath>

#include "cli/log.h"
#include "core/constants.h"
#include "core/text.h"
#include "plot/figure.h"

namespace twin::app {

using plot::Panel;
using plot::Series;
using plot::Style;

namespace {

const std::vector<double>* drawn(const record::Result& result, const std::string& name) {
  const auto at = result.arrays.find(name);
  return at == result.arrays.end() ? nullptr : &at->second.data;
}

// The fitted shift of E0, eV: curves of different thresholds are laid on one k scale by it.
double fitted_e0(const record::Result& result) {
  for (const auto& [name, quantity] : result.quantities)
    if (name.starts_with("de0:") && name.find('/') == std::string::npos)
      return quantity.value.value_or(0.0);
  return 0.0;
}

// χ(k) weighted by k², on the k scale of the fitted E0.
Series chi_k(const record::Result& result, const std::string& label, Style style) {
  Series out{.label = label, .x = {}, .y = {}, .sigma = {}, .style = style};
  const auto *k = drawn(result, "k"), *chi = drawn(result, "chi");
  if (k == nullptr || chi == nullptr) return out;
  const double e0 = fitted_e0(result);
  for (std::size_t i = 0; i < k->size(); ++i) {
    const double k2 = (*k)[i] * (*k)[i] - etok * e0;
    if (k2 < 4 || k2 > 196) continue;
    out.x.push_back(std::sqrt(k2));
    out.y.push_back(k2 * (*chi)[i]);
  }
  return out;
}

Series chi_r(const record::Result& result, const std::string& label, Style style) {
  Series out{.label = label, .x = {}, .y = {}, .sigma = {}, .style = style};
  if (const auto* r = drawn(result, "r"), *chi = drawn(result, "chi_r"); r && chi) {
    out.x = *r;
    out.y = *chi;
  }
  return out;
}

Panel curves(const MatchPicture& p, bool in_r) {
  Panel out;
  out.title = (in_r ? "|chi(R)|, " : "k^2 chi(k), ") + p.measured.context.scan;
  out.x_label = in_r ? "R (Å), no phase correction" : "k (1/Å)";
  out.y_label = in_r ? "|chi(R)|" : "k² chi (1/Å²)";
  const auto one = in_r ? chi_r : chi_k;
  out.series.push_back(one(p.measured, "measured", Style::points));
  for (const auto& [name, result] : p.simulated)
    out.series.push_back(one(result, name, Style::line));
  return out;
}

// The fitted quantities of every run, one against the other, with the measured point.
Panel path(const MatchPicture& p) {
  Panel out;
  if (p.model.fit_to.size() < 2) return out;
  const auto &x = p.model.fit_to[0], &y = p.model.fit_to[1];
  out.title = "path of the iterations";
  out.x_label = x;
  out.y_label = y;
  std::map<std::string, Series> runs;
  for (const auto& e : p.model.history) {
    const auto qx = e.quantities.find(x), qy = e.quantities.find(y);
    if (qx == e.quantities.end() || qy == e.quantities.end()) continue;
    auto& series = runs[e.alternative];
    series.label = e.alternative;
    series.style = Style::line_points;
    series.x.push_back(qx->second.value.value_or(NAN));
    series.y.push_back(qy->second.value.value_or(NAN));
  }
  for (auto& [name, series] : runs) out.series.push_back(std::move(series));
  const auto qx = p.measured.quantities.find(x), qy = p.measured.quantities.find(y);
  if (qx != p.measured.quantities.end() && qy != p.measured.quantities.end())
    out.series.push_back({.label = "measured",
                          .x = {qx->second.value.value_or(NAN)},
                          .y = {qy->second.value.value_or(NAN)},
                          .sigma = {qy->second.sigma_total()},
                          .style = Style::error_bars});
  return out;
}

Panel alternatives(const MatchPicture& p) {
  Panel out;
  out.title = "alternatives";
  out.y_label = "chi2, fitted and held back";
  Series bars{.label = "chi2 at its best", .x = {}, .y = {}, .sigma = {}, .style = Style::bars};
  for (const auto& s : p.verdict.standings) {
    bars.x.push_back(static_cast<double>(bars.x.size()));
    bars.y.push_back(s.chi2);
    out.x_names.push_back(s.alternative);
  }
  out.series.push_back(std::move(bars));
  return out;
}

Panel deviates(const MatchPicture& p) {
  Panel out;
  out.title = "simulated - measured";
  out.y_label = "z";
  Series bars{.label = "z", .x = {}, .y = {}, .sigma = {}, .style = Style::bars};
  for (const auto& pair : p.verdict.pairs) {
    bars.x.push_back(static_cast<double>(bars.x.size()));
    bars.y.push_back(pair.z);
    out.x_names.push_back(pair.name);
  }
  out.series.push_back(std::move(bars));
  return out;
}

}  // namespace

bool draw_match(const MatchPicture& picture, const std::string& path_of_file) {
  plot::Figure figure;
  figure.panels = {curves(picture, false), curves(picture, true), path(picture),
                   alternatives(picture), deviates(picture)};
  for (Panel& panel : figure.panels)
    std::erase_if(panel.series, [](const Series& s) { return s.y.empty(); });
  std::erase_if(figure.panels, [](const Panel& p) { return p.series.empty(); });
  if (figure.panels.empty()) return false;
  plot::draw(figure, path_of_file);
  return true;
}

void draw_or_say(const MatchPicture& picture, const std::string& path_of_file) {
  if (!draw_match(picture, path_of_file))
    cli::warning(printable(path_of_file) + ": there is nothing to draw");
}

}  // namespace twin::app
