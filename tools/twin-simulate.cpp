// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate: models in, simulated states out.
#include "app/simulate.h"

using namespace twin;

int main(int argc, char** argv) {
  app::SimulateSettings set;
  const cli::Command command{
      .name = "twin-simulate",
      .synopsis = "bring a model to equilibrium and report what it would show the beamline",
      .description =
          "Runs molecular dynamics in LAMMPS, decides by the RMSD of the coordinates and by "
          "statistics "
          "whether the system is at equilibrium, and prints the model and its state: observables "
          "with "
          "standard errors, and the simulated absorption of the ensemble, which twin-extract "
          "reads.\n\n"
          "With --serve it stays warm and answers model lines on stdin, by the serve protocol of "
          "twin-stream(5). A model near one that it has run, with the same seed, is answered out "
          "of "
          "that run's frames, reweighted, as long as their effective number is 50 or more; one "
          "farther away begins at its last frames. The state says which: how, start, ensemble. A "
          "new seed asks for an independent run. --cold turns this off.",
      .inputs = "[MODEL...]",
      .options = {cli::flag("serve", set.serve, "answer models on stdin until it ends"),
                  cli::flag("cold", set.cold,
                            "with --serve: each model from its ideal crystal, nothing reused"),
                  cli::text("potential", set.potential, "NAME",
                            "this potential instead of the model's"),
                  cli::number("temperature", set.temperature_K, "K",
                              "instead of the model's; 0 = the model's", 0),
                  cli::number("lattice", set.lattice_A, "Å",
                              "lattice parameter instead of the model's; 0 = the model's", 0),
                  cli::integer("seed", set.seed, "instead of the model's; -1 = the model's", -1),
                  cli::text("spectrum", set.spectrum, "FILE.xdi",
                            "also write the absorption spectrum that a beamline would record"),
                  cli::number("threshold", set.threshold_eV, "eV",
                              "of that spectrum: where its edge rises", 100),
                  cli::number("s02", set.s02, "", "of that spectrum: amplitude reduction factor",
                              0.1, 1.5),
                  cli::number("e0-shift", set.e0_shift_eV, "eV",
                              "of that spectrum: FEFF's zero of energy above the edge"),
                  cli::number("noise", set.noise, "", "of that spectrum: noise of µ, edge step one",
                              0)},
      .statuses = {{1, "a system is not at equilibrium: its record says what is missing"}},
      .examples = {{"Simulate, reduce, and compare with last night",
                    "twin-simulate copper.yaml | twin-extract --recipe cu-k.yaml | twin-match "
                    "--with night.jsonl"}},
      .references = {"A.P. Thompson et al., Comput. Phys. Commun. 271, 108171 (2022), "
                     "doi:10.1016/j.cpc.2021.108171"},
      .see_also = {"twin-extract(1)", "twin-match(1)", "twin-model(5)", "twin-stream(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        if (set.serve &&
            (set.seed >= 0 || set.lattice_A > 0 || set.temperature_K > 0 || !set.potential.empty()))
          throw Error(Cause::usage,
                      "--serve: each request says what to run; --seed, --lattice, --temperature "
                      "and --potential can't");
        if (set.cold && !set.serve)
          throw Error(Cause::usage, "--cold: is of --serve; every other run is cold");
        return app::StartInfo{};
      },
      [&](app::Session& session) { app::simulate(session, set); });
}
