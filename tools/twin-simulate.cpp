// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate: models in, simulated states out.
#include "app/simulate.h"
#include "app/trajectories.h"

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
          "reads. Molecules in a crystal start turned at random and turn: RMSD and first shells "
          "are "
          "those of the other atoms, the absorption has them whole.\n\n"
          "With --serve it stays warm and answers model lines on stdin, by the serve protocol of "
          "twin-stream(5). A model near one that it has run, with the same seed, is answered out "
          "of "
          "that run's frames, reweighted, as long as their effective number is 50 or more; one "
          "farther away begins at its last frames. The state says which: how, start, ensemble. A "
          "new seed asks for an independent run. --cold turns this off.\n\n"
          "With --trajectory nothing is run. The frames of a simulation that was made elsewhere "
          "take the place of the production run, each file that of a replica: LAMMPS' text dumps, "
          "extended XYZ, DCD, XTC (each also gzip) or H5MD, seen by content; FILE::GROUP takes one "
          "group of particles of H5MD. The model gives the ideal crystal, the temperature where "
          "the file does not tell it, and the absorption; lattice parameter and cell are the "
          "trajectory's. Its atoms may be wrapped, and in any order where it names elements, else "
          "in the model's. What its frames lack (energies, virials) is left out, and a warning "
          "says "
          "so. Frames are read twice, one at a time.",
      .inputs = "[MODEL...]",
      .options = {cli::flag("serve", set.serve, "answer models on stdin until it ends"),
                  cli::flag("cold", set.cold,
                            "with --serve: each model from its ideal crystal, nothing reused"),
                  cli::list("trajectory", set.trajectories, "FILE",
                            "read this instead of running: a replica each"),
                  cli::integer("skip", set.skip,
                               "frames to leave out at the beginning of each trajectory; -1 = as "
                               "many as equilibrium asks for, at most the half",
                               -1),
                  cli::text("write-trajectory", set.write_trajectory, "FILE.h5",
                            "also write the frames of the run, as H5MD"),
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
                    "--with night.jsonl"},
                   {"What a trajectory of another program would show the beamline, of two runs",
                    "twin-simulate --trajectory one.xtc --trajectory two.xtc copper.yaml | "
                    "twin-extract --recipe cu-k.yaml"}},
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
        if (set.serve && !(set.trajectories.empty() && set.write_trajectory.empty()))
          throw Error(Cause::usage,
                      "--serve: reads and writes no trajectories; --trajectory and "
                      "--write-trajectory can't");
        if (!set.trajectories.empty() && !set.write_trajectory.empty())
          throw Error(Cause::usage, "--write-trajectory: nothing is run with --trajectory");
        if (set.trajectories.empty() && set.skip >= 0)
          throw Error(Cause::usage, "--skip: is of --trajectory");
        return app::StartInfo{.files = app::files_of(set.trajectories)};
      },
      [&](app::Session& session) { app::simulate(session, set); });
}
