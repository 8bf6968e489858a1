// SPDX-License-Identifier: GPL-3.0-or-later
// twin-match: compares the two spaces, prints the verdict, proposes the next model.
#include "app/match.h"

using namespace twin;

int main(int argc, char** argv) {
  app::MatchSettings set;
  const cli::Command command{
      .name = "twin-match",
      .synopsis = "compare simulation and measurement, and find the model that matches",
      .description =
          "Sets the results of a simulation beside measured ones, like with like, prints the "
          "verdict, "
          "and proposes the next model; or, with --engine, iterates by itself until it is done: "
          "every "
          "potential that the model names is tried in every structure that it names, and the odds "
          "between them are printed.\n\n"
          "MATCH asks for p ≥ 0.05, no |z| beyond 3, every difference within its tolerance, and a "
          "confirmation run with a new seed. NO MATCH: p < 0.01, or one z beyond doubt, or a "
          "measured "
          "condition that the model had to leave by more than its tolerance. INCONCLUSIVE: the "
          "rest. Where all agrees and the simulation's own error is what keeps it from being sure "
          "of the tolerances, it is run longer, up to four times at once.",
      .inputs = "[FILE...]",
      .options =
          {cli::list("with", set.with, "FILE", "measured results, as twin-extract wrote them"),
           cli::text("scan", set.scan, "NAME",
                     "which of the measured scans; the last one if not given"),
           cli::text("next", set.next, "FILE", "write the next model here, and numbered beside it"),
           cli::text("model", set.model, "FILE", "the model to begin with, for --engine"),
           cli::text(
               "engine", set.engine, "COMMAND",
               "iterate with a program that speaks the serve protocol, as 'twin-simulate --serve'"),
           cli::flag("follow", set.follow,
                     "lead a twin along the results that come in: expect, compare, and search the "
                     "model anew where it does not match"),
           cli::number("patience", set.patience_s, "s",
                       "an engine that says nothing for so long hangs", 0.1, 1e7),
           cli::list("resume", set.resume, "FILE",
                     "output of an earlier search of the same model, perhaps cut short: nothing of "
                     "it is simulated again"),
           cli::integer("budget", set.budget,
                        "simulations for each alternative; 0: as the model says", 0, 1'000'000),
           cli::number("time", set.time_s, "s", "begin no simulation later than that; 0: no limit",
                       0),
           cli::text("potential", set.potential, "NAME", "only this one of the model's potentials"),
           cli::text("report", set.report, "FILE",
                     "write all of it as one page for the logbook, FILE.html"),
           cli::flag("free-temperature", set.free_temperature,
                     "refine the temperature too, and set it beside the measured one")},
      .statuses = {{1, "not yet: the next model is written"},
                   {3, "stopped: the model is inadequate, or the budget is spent"},
                   {4, "inconclusive"}},
      .examples = {{"One step",
                    "twin-simulate copper.yaml | twin-extract --recipe cu-k.yaml | "
                    "twin-match --with foils.jsonl --scan cu_rt01 --next next.yaml"},
                   {"Until it is done",
                    "twin-match --with foils.jsonl --scan cu_rt01 --model copper.yaml "
                    "--engine 'twin-simulate --serve' --plot copper.svg > night.jsonl"},
                   {"Live, between extraction and steering",
                    "... | twin-extract --recipe pb-l3.yaml | twin-match --follow --model "
                    "cspbi3.yaml --engine 'twin-simulate --serve' | twin-steer ..."},
                   {"Go on where it was killed",
                    "twin-match --with foils.jsonl --scan cu_rt01 --model copper.yaml "
                    "--engine 'twin-simulate --serve' --resume night.jsonl > morning.jsonl"}},
      .references = {},
      .see_also = {"twin-simulate(1)", "twin-extract(1)", "twin-model(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        app::StartInfo info{.seed = {}, .files = set.with};
        if (!set.model.empty()) info.files.push_back(set.model);
        return info;
      },
      [&](app::Session& session) {
        set.figure = session.common.plot;
        app::match(session, set);
      });
}
