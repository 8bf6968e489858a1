// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/report.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.h"
#include "match/text.h"

namespace twin::match {

namespace {

using record::Pair;
using record::Verdict;
using Line = std::vector<std::string>;

std::string chi2_text(double chi2, int dof) {
  return "χ² " + (chi2 < 1e4 ? fixed(chi2, 1) : significant(chi2, 3)) + "/" +
         std::to_string(std::max(dof, 0));
}

std::string p_text(const std::optional<double>& p) {
  if (!p) return "";
  return *p < 1e-3 ? " p <0.001" : " p " + significant(*p, 2);
}

std::string role_of(const Pair& pair) {
  return pair.input ? "condition" : pair.fitted ? "fitted" : "held back";
}

/// Characters as people count them: UTF-8 continuation bytes are none.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string aligned(const std::vector<Line>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string pad(widths[c] - width_of(row[c]), ' ');
      const bool left = c == 0 || c + 1 == row.size();
      line += (c ? "  " : "") + (left ? row[c] + pad : pad + row[c]);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return out;
}

/// As many decimals as the value beside it: 0.00028 under 0.00863.
std::string error_text(double sigma) { return sigma > 0 ? significant(sigma, 2) : "0"; }

/// A value to a tenth of the smallest error that is stated with it.
std::string value_text(double value, const Pair& pair) {
  double error = std::max({pair.sigma_measured, pair.sigma_simulated, pair.sigma_model});
  for (const double s : {pair.sigma_random, pair.sigma_systematic, pair.sigma_simulated})
    if (s > 0) error = std::min(error, s);
  if (!(error > 0)) return shortest(value);
  const int decimals = static_cast<int>(std::clamp(1 - std::floor(std::log10(error)), 0.0, 12.0));
  return fixed(value, decimals);
}

Line row_of(const Pair& pair) {
  return {printable(pair.name) + (pair.unit.empty() ? "" : " (" + printable(pair.unit) + ")"),
          value_text(pair.measured, pair),
          error_text(pair.sigma_random),
          error_text(pair.sigma_systematic),
          value_text(pair.simulated, pair),
          error_text(pair.sigma_simulated),
          error_text(pair.sigma_model),
          deviate(pair.z),
          pair.tolerance ? significant(*pair.tolerance, 2) : "-",
          role_of(pair) + (pair.tolerance && !pair.within_tolerance ? ", not within" : "")};
}

std::string headline(const Verdict& v) {
  std::string out(record::name_of(v.answer));
  if (!v.alternative.empty()) out = printable(v.alternative) + ": " + out;
  out += "  " + printable(v.reason) + '\n';
  out += "fitted " + chi2_text(v.chi2, v.dof) + p_text(v.p) +
         (v.dof <= 0 ? " (as many parameters as data: no evidence)" : "");
  if (v.dof_held_back > 0)
    out += ", held back " + chi2_text(v.chi2_held_back, v.dof_held_back) + p_text(v.p_held_back);
  return out + ", run " + std::to_string(v.run) + " of ≤" + std::to_string(v.budget) +
         (v.confirmed ? ", confirmed" : ", not confirmed") + '\n';
}

std::string standings_table(const std::vector<record::Standing>& standings) {
  std::vector<Line> rows{{"alternative", "odds", "ln odds", "χ²", "runs", "parameters", "answer"}};
  for (const auto& s : standings) {
    const double odds = std::exp(-s.log_odds);
    rows.push_back({printable(s.alternative), odds < 1e4 ? "1:" + significant(odds, 2) : "1:>10000",
                    fixed(s.log_odds, 1), s.chi2 < 1e4 ? fixed(s.chi2, 1) : significant(s.chi2, 3),
                    std::to_string(s.simulations),
                    s.parameters.empty() ? "" : parameters_text(s.parameters),
                    std::string(record::name_of(s.answer)) + "  " + printable(s.reason)});
  }
  return aligned(rows);
}

}  // namespace

std::string parameters_text(const record::Quantities& parameters) {
  std::string out;
  for (const auto& [name, quantity] : parameters)
    out += (out.empty() ? "" : ", ") + printable(name) + " " + quantity_text(quantity);
  return out.empty() ? "no parameter is free" : out;
}

std::string one_line(const Verdict& v, const std::string& clock) {
  std::string out = clock.empty() ? "" : printable(clock) + " ";
  if (!v.scan.empty()) out += "scan " + printable(v.scan) + " ";
  if (!v.alternative.empty()) out += printable(v.alternative) + " ";
  out += std::string(record::name_of(v.answer)) + " " + chi2_text(v.chi2, v.dof) + p_text(v.p);
  if (v.dof_held_back > 0)
    out += " | held back " + chi2_text(v.chi2_held_back, v.dof_held_back) + p_text(v.p_held_back);
  for (const auto& pair : v.pairs)
    out += " | " + printable(pair.name) + " " +
           with_uncertainty(pair.measured, pair.sigma_measured) + " z" + deviate(pair.z);
  out += " | run " + std::to_string(v.run) + " of ≤" + std::to_string(v.budget);
  if (v.lag_seconds > 0) out += ", lag " + fixed(v.lag_seconds, 1) + " s";
  if (v.answer != record::Answer::match && !v.reason.empty()) out += " | " + printable(v.reason);
  return out;
}

std::string table(const Verdict& v) {
  std::string out = headline(v);
  if (!v.pairs.empty()) {
    std::vector<Line> rows{{"quantity", "measured", "±random", "±systematic", "simulated",
                            "±simulation", "±model", "z", "tolerance", "role"}};
    for (const auto& pair : v.pairs) rows.push_back(row_of(pair));
    out += aligned(rows);
  }
  if (!v.parameters.empty()) out += "parameters: " + parameters_text(v.parameters) + '\n';
  for (const auto& name : v.unobservable)
    out += "not seen by these data: " + printable(name) + '\n';
  for (const auto& why : v.unpaired) out += "not compared: " + printable(why) + '\n';
  if (v.standings.size() > 1) out += standings_table(v.standings);
  return out;
}

}  // namespace twin::match
