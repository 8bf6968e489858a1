// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_report.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "match/report.h"
#include "match/search.h"
#include "match/text.h"
#include "plot/inline_svg.h"
#include "process/child.h"

namespace twin::app {

using record::Verdict;

namespace {

using Cells = std::vector<std::string>;

constexpr auto head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font-family: sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { border: 1px solid #bbb; padding: .2em .6em; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
.verdict { font-size: 120%; padding: .6em; border: 2px solid #555; }
.trouble { color: #a00; }
svg { max-width: 100%; height: auto; }
</style>
)";

/// Text of anyone's as text of the page.
std::string html(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string row(const std::string& cell, const Cells& cells) {
  std::string out = "<tr>";
  for (const auto& text : cells) out += "<" + cell + ">" + html(text) + "</" + cell + ">";
  return out + "</tr>\n";
}

std::string table(const std::string& title, const Cells& header, const std::vector<Cells>& rows) {
  if (rows.empty()) return "";
  std::string out = "<h2>" + html(title) + "</h2>\n<table>\n" + row("th", header);
  for (const auto& cells : rows) out += row("td", cells);
  return out + "</table>\n";
}

std::string with_unit(const std::string& name, const std::string& unit) {
  return unit.empty() ? name : name + " (" + unit + ")";
}

std::string chi2_text(double chi2, int dof, const std::optional<double>& p) {
  return significant(chi2, 3) + "/" + std::to_string(dof) + (p ? ", p " + significant(*p, 2) : "");
}

std::string quantities(const Verdict& v) {
  std::vector<Cells> rows;
  for (const auto& pair : v.pairs)
    rows.push_back(
        {with_unit(pair.name, pair.unit), with_uncertainty(pair.measured, pair.sigma_measured),
         significant(pair.sigma_random, 2), significant(pair.sigma_systematic, 2),
         with_uncertainty(pair.simulated, pair.sigma_simulated), significant(pair.sigma_model, 2),
         match::deviate(pair.z), pair.tolerance ? significant(*pair.tolerance, 2) : "none",
         pair.within_tolerance ? "yes" : "no",
         pair.input    ? "condition"
         : pair.fitted ? "fitted"
                       : "held back"});
  return table("Quantities",
               {"quantity", "measured", "random", "systematic", "simulated", "model", "z",
                "tolerance", "within", "role"},
               rows);
}

std::string parameters(const Verdict& v, const record::Model& model) {
  std::vector<Cells> rows;
  for (const auto& [name, quantity] : v.parameters) {
    const bool open = std::ranges::find(v.unresolved, name) != v.unresolved.end();
    Cells cells{name, match::quantity_text(quantity), "", "",
                open ? "no: its 95 % interval reaches a bound" : "yes"};
    for (const auto& free : model.free)
      if (free.name == name) {
        cells[2] = shortest(free.lower) + " to " + shortest(free.upper);
        if (free.prior_mean) cells[3] = with_uncertainty(*free.prior_mean, *free.prior_sigma);
      }
    rows.push_back(cells);
  }
  return table("Parameters", {"parameter", "value", "bounds", "prior", "resolved"}, rows);
}

std::string parameters_text(const std::map<std::string, double>& all) {
  Cells out;
  for (const auto& [name, value] : all) out.push_back(name + " " + significant(value, 5));
  return join(out, ", ");
}

std::string alternatives(const Verdict& v) {
  std::vector<Cells> rows;
  for (const auto& s : v.standings) {
    Cells found;
    for (const auto& [name, quantity] : s.parameters)
      found.push_back(name + " " + match::quantity_text(quantity));
    rows.push_back({s.alternative, std::string(record::name_of(s.answer)),
                    match::fixed(s.log_odds, 1), significant(s.chi2, 3),
                    std::to_string(s.simulations), join(found, ", "), s.reason});
  }
  return table("Alternatives",
               {"alternative", "answer", "ln odds", "χ²", "runs", "parameters", "reason"}, rows);
}

std::string kind_of_run(const record::Evaluation& run) {
  if (!run.equilibrated) return "not at equilibrium";
  return run.confirmation ? "confirmation" : run.at_bound ? "at a bound" : "step";
}

/// Each run and what was known after it: decide() is a function of the history alone.
std::string iterations(const MatchPicture& picture) {
  std::vector<Cells> rows;
  auto model = picture.model;
  model.history.clear();
  for (const auto& run : picture.model.history) {
    model.history.push_back(run);
    const auto v = match::decide(picture.measured, model).verdict;
    rows.push_back(
        {std::to_string(rows.size() + 1), run.alternative, parameters_text(run.parameters),
         kind_of_run(run), chi2_text(v.chi2, v.dof, v.p),
         v.dof_held_back > 0 ? chi2_text(v.chi2_held_back, v.dof_held_back, v.p_held_back) : "",
         std::string(record::name_of(v.answer)), v.reason, std::to_string(run.seed), run.state});
  }
  return table("Iterations",
               {"run", "alternative", "parameters", "kind", "χ² fitted", "χ² held back", "verdict",
                "reason", "seed", "state"},
               rows);
}

std::string provenance(const MatchPicture& picture, const record::Start& start) {
  const auto& measured = picture.measured;
  std::vector<Cells> rows{{"written", utc_now()},
                          {"program", start.tool + " " + start.version},
                          {"command", join(start.command, " ")},
                          {"start record", start.header.id},
                          {"scan", measured.context.scan},
                          {"sample", measured.context.sample},
                          {"measured result", measured.header.id},
                          {"recipe", measured.recipe_name + " " + measured.recipe_sha256},
                          {"model", picture.model.name},
                          {"model record", picture.verdict.model},
                          {"first seed", picture.model.history.empty()
                                             ? std::to_string(picture.model.seed)
                                             : std::to_string(picture.model.history.front().seed)}};
  for (const auto& input : start.inputs) rows.push_back({"input " + input.name, input.sha256});
  return table("Provenance", {"what", "value"}, rows);
}

std::string figure(const MatchPicture& picture) {
  const auto none = [](const std::string& why) { return "<p>No figure: " + html(why) + ".</p>\n"; };
  if (process::find_program("gnuplot").empty())
    return none("gnuplot, which draws it, is not installed");
  try {
    const TemporaryFolder folder("twin-report");
    const auto file = folder.path() + "/match.svg";
    if (!draw_match(picture, file)) return none("there is nothing to draw");
    return plot::inline_svg(read_file(file));
  } catch (const Error&) {
    return none("gnuplot failed on it");
  }
}

}  // namespace

void check_report(const std::string& path) {
  const std::filesystem::path file(path);
  if (file.extension() != ".html")
    throw Error(Cause::usage,
                "--report: " + printable(path) + ": expected a name that ends in .html");
  std::error_code ignored;
  const auto folder = file.parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw Error(Cause::cannot_create, "--report: no folder " + printable(folder.string()));
}

void write_report(const MatchPicture& picture, const record::Start& start,
                  const std::string& trouble, const std::string& path) {
  const auto& v = picture.verdict;
  const std::string title =
      std::string(record::name_of(v.answer)) + ": " + picture.model.name +
      (picture.measured.context.scan.empty() ? "" : " and scan " + picture.measured.context.scan);
  std::string page = head;
  page += "<title>" + html(title) + "</title>\n</head>\n<body>\n<h1>" + html(title) + "</h1>\n";
  page += "<p class=\"verdict\">" + html(match::one_line(v, "")) + "</p>\n";
  if (!v.reason.empty()) page += "<p>" + html(v.reason) + "</p>\n";
  if (!trouble.empty())
    page += "<p class=\"trouble\">The search ended before its time: " + html(trouble) + "</p>\n";
  page += quantities(v);
  for (const auto& why : v.unpaired) page += "<p>Not compared: " + html(why) + "</p>\n";
  page += parameters(v, picture.model) + alternatives(v) + iterations(picture);
  page += "<h2>Figure</h2>\n" + figure(picture) + provenance(picture, start);
  write_file_atomically(path, page + "</body>\n</html>\n");
}

}  // namespace twin::app
