// SPDX-License-Identifier: GPL-3.0-or-later
// twin-extract: measurements in, physical results with uncertainties out.
#include "app/extract_start.h"

using namespace twin;

int main(int argc, char** argv) {
  app::ExtractSettings set;
  const cli::Command command{
      .name = "twin-extract",
      .synopsis = "turn measurements, physical or digital, into results",
      .description =
          "Reads measurement records and prints a result for each: E0, edge step, χ(k) with its "
          "uncertainty, and, as the recipe asks, from fits with FEFF's amplitudes the coordination "
          "numbers, distances, mean square relative displacements and cumulants of shells, from "
          "the "
          "edge itself fractions of standards, valence, pre-edge peaks and white line; each with a "
          "random and a systematic uncertainty. The state of a simulation is reduced through the "
          "same fit, so that the biases of the extraction cancel when the two are compared.\n\n"
          "Random uncertainty: from the noise. Systematic: the misfit beyond the noise, and that "
          "of S0². Of a simulation: from its blocks, by the jackknife.\n\n"
          "Repeats may be merged before, scans fitted together when all have come, and a series "
          "resolved into components at its end; the recipe says so.\n\n"
          "A measurement that can't be reduced becomes a failure record; the stream goes on, and "
          "the exit status is 2. A scan too short for a fit gives what it has, as partial.",
      .inputs = "[FILE...]",
      .options =
          {cli::text("recipe", set.recipe, "FILE", "how to reduce: twin-recipe(5)"),
           cli::text("base", set.base, "DIR", "folder that references of arrays are resolved in"),
           cli::integer("jobs", set.jobs, "measurements at a time; the order is kept", 1, 256),
           cli::choice("arrays", set.arrays, {"none", "fit", "all"}, "which curves results carry"),
           cli::choice(
               "export", set.export_as, {"xdi", "ascii"},
               "write the curves of each scan as files too, SCAN.* and for a name that comes again "
               "SCAN-2.*: xdi has norm and chi apart, ascii also chi(R) and fits"),
           cli::text("export-into", set.export_into, "DIR", "where --export writes")},
      .statuses = {},
      .examples = {{"Reduce a stored run",
                    "twin-acquire --into foils.nxs --since 0 | twin-extract --recipe cu-k.yaml"},
                   {"A table",
                    "twin-extract --recipe cu-k.yaml --format tsv --columns "
                    "scan,r:Cu-Cu.1,sigma2:Cu-Cu.1 foils.jsonl"},
                   {"Thousands of scans, numbers alone",
                    "twin-extract --recipe cu-k.yaml --jobs 2 --arrays none foils.jsonl"}},
      .references =
          {"M. Newville et al., Phys. Rev. B 47, 14126 (1993), doi:10.1103/PhysRevB.47.14126",
           "J.J. Rehr, R.C. Albers, Rev. Mod. Phys. 72, 621 (2000), doi:10.1103/RevModPhys.72.621"},
      .see_also = {"twin-acquire(1)", "twin-match(1)", "twin-recipe(5)", "twin-stream(5)"}};
  return app::run(
      command, argc, argv, [&] { return app::start_extract(set); },
      [&](app::Session& session) { app::extract(session, set); });
}
