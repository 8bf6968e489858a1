// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate: models in, simulated states out; and what deep potentials need.
#include "app/far.h"
#include "app/gate.h"
#include "app/label.h"
#include "app/simulate.h"
#include "app/train.h"
#include "app/trajectories.h"

using namespace twin;

namespace {

/// What is done: one of these at a time.
struct Work {
  app::SimulateSettings run;
  app::LabelSettings label;
  app::TrainSettings train;
  app::GateCommand gate;
  app::FarSettings far;
  bool gating = false;
  std::string into;
};

void check_serving(const app::SimulateSettings& set) {
  if (set.serve &&
      (set.seed >= 0 || set.lattice_A > 0 || set.temperature_K > 0 || !set.potential.empty()))
    throw Error(Cause::usage,
                "--serve: each request says what to run; --seed, --lattice, --temperature "
                "and --potential can't");
  if (set.cold && !set.serve)
    throw Error(Cause::usage, "--cold: is of --serve; every other run is cold");
  if (set.serve && !set.checkpoint.empty())
    throw Error(Cause::usage, "--checkpoint: is of single runs, not of --serve");
  if (set.serve && !(set.trajectories.empty() && set.write_trajectory.empty()))
    throw Error(Cause::usage,
                "--serve: reads and writes no trajectories; --trajectory and "
                "--write-trajectory can't");
}

void check_trajectories(const app::SimulateSettings& set) {
  if (!set.trajectories.empty() && !set.write_trajectory.empty())
    throw Error(Cause::usage, "--write-trajectory: nothing is run with --trajectory");
  if (set.trajectories.empty() && set.skip >= 0)
    throw Error(Cause::usage, "--skip: is of --trajectory");
}

void check_potential_work(const Work& work) {
  const bool label = !work.label.by.empty(), train = !work.train.name.empty();
  const app::FarSettings& far = work.far;
  if (int{label} + int{train} + int{work.gating} + int{work.run.serve} +
          int{!work.run.trajectories.empty()} + int{!far.submit.empty()} +
          int{!far.status.empty()} + int{!far.fetch.empty()} + int{!far.cancel.empty()} >
      1)
    throw Error(Cause::usage,
                "--label, --train, --gate, --serve, --trajectory, --submit, --status, --fetch, "
                "--cancel: one at a time");
  const bool fetch = !far.fetch.empty();
  if ((label || train || fetch) && work.into.empty())
    throw Error(Cause::usage, std::string(label   ? "--label"
                                          : train ? "--train"
                                                  : "--fetch") +
                                  ": needs --into FOLDER, which its results go to");
  if (!label && !train && !fetch && !work.into.empty())
    throw Error(Cause::usage, "--into: is of --label, --train and --fetch");
  if (!work.gating && !work.gate.frames.empty())
    throw Error(Cause::usage, "--frames-to: is of --gate");
}

void check_far_work(const Work& work) {
  const app::FarSettings& far = work.far;
  if (far.fetch.empty() && far.follow) throw Error(Cause::usage, "--follow: is of --fetch");
  if (far.stop_when_equilibrated && !far.follow)
    throw Error(Cause::usage, "--stop-when-equilibrated: is of --fetch --follow");
  if (far.submit.empty() && (far.again || !far.job_template.empty()))
    throw Error(Cause::usage, "--again and --template: are of --submit");
  if (!far.submit.empty() && !(work.run.spectrum.empty() && work.run.checkpoint.empty()))
    throw Error(Cause::usage, "--spectrum and --checkpoint: of runs here, not of --submit");
}

}  // namespace

int main(int argc, char** argv) {
  Work work;
  app::SimulateSettings& set = work.run;
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
          "so. Frames are read twice, one at a time.\n\n"
          "Deep potentials are made in three steps, each of which can be repeated. --label gives "
          "frames of trajectories their energies, forces and stress: by cp2k (Debian's CP2K, PBE; "
          "crystals with a gap, tens of atoms), by chgnet (where the Python of $TWIN_CHGNET has "
          "it), or by any command: it reads frames of extended XYZ on its stdin until that ends, "
          "and writes each to its stdout before it reads the next, with energy (eV), a column "
          "forces (eV/Å), and virial (eV) or stress (eV/Å³, positive under tension) where it has "
          "one; or with label_error=\"why\". FOLDER/labels has them as extended XYZ with their "
          "source, FOLDER/train and FOLDER/valid (every tenth) as DeePMD-kit reads them; what is "
          "there is not asked for again.\n\n"
          "--train trains models that differ by their seeds on such folders (frames to hold back "
          "lie below a folder called valid), and writes FOLDER/NAME.yaml, a potential of "
          "twin-model(5), which $TWIN_POTENTIALS=FOLDER makes known. A training that was killed "
          "goes on where it was.\n\n"
          "--gate runs a model by its deep potential and judges it: do the models agree on the "
          "forces, does the cell keep to the volumes of the training, and to the lattice parameter "
          "that is stated and that the labels' own pressure asks for, do temperature, sites and, "
          "with no thermostat, the energy stay. The word is an event, and goes into the "
          "potential's file; until it is passed, every state of that potential has a warning. "
          "--frames-to writes the frames that --label should see next.\n\n"
          "Other machines do the work with --submit HOST:DIR: each model becomes a job, its folder "
          "DIR/jobs/NAME named by what is asked for, so that nothing is done twice. Where there is "
          "SLURM all that are new go to it as one array; elsewhere they run one after the other in "
          "the background. --template replaces the shell script of a job "
          "(share/twinline/remote/job.sh): modules, partition, account, MPI. A potential of "
          "$TWIN_POTENTIALS goes along, its files too. --status says where "
          "all jobs of a folder stand, --fetch brings what is over into FOLDER/NAME, checked by "
          "the sums that the job wrote last, and prints its states; --cancel ends jobs. Inputs of "
          "these three are names of jobs; none: all. With --follow it waits for all of them, "
          "asking as seldom as --poll allows, submits again what the queue cut short (a job goes "
          "on "
          "where it was) until that has brought it no further three times, and brings trajectories "
          "as they grow, where "
          "--submit had "
          "--write-trajectory; --stop-when-equilibrated judges these and ends a job as soon as it "
          "is at equilibrium. HOST is what ssh(1) makes of it; $TWIN_SSH_CONFIG replaces the "
          "user's ssh_config(5).",
      .inputs = "[MODEL...]",
      .options =
          {cli::flag("serve", set.serve, "answer models on stdin until it ends"),
           cli::flag("cold", set.cold,
                     "with --serve: each model from its ideal crystal, nothing reused"),
           cli::integer("ranks", set.ranks,
                        "MPI processes a replica, which balance its atoms among them", 1, 1024),
           cli::list("trajectory", set.trajectories, "FILE",
                     "read this instead of running: a replica each"),
           cli::integer("skip", set.skip,
                        "frames to leave out at the beginning of each trajectory; -1 = as "
                        "many as equilibrium asks for, at most the half",
                        -1),
           cli::text("write-trajectory", set.write_trajectory, "FILE",
                     "also write the frames of the run: as H5MD, or as extended XYZ where the name "
                     "ends in .xyz, a file a replica"),
           cli::text("checkpoint", set.checkpoint, "FILE",
                     "go on from here, where it is there, and keep the run in it until it is over: "
                     "the last frames, and in FILE.frames the production so far"),
           cli::number("checkpoint-every", set.checkpoint_every_s, "s",
                       "between two times that it is written", 0),
           cli::text("potential", set.potential, "NAME", "this potential instead of the model's"),
           cli::number("temperature", set.temperature_K, "K",
                       "instead of the model's; 0 = the model's", 0),
           cli::number("lattice", set.lattice_A, "Å",
                       "lattice parameter instead of the model's; 0 = the model's", 0),
           cli::integer("seed", set.seed, "instead of the model's; -1 = the model's", -1),
           cli::text("spectrum", set.spectrum, "FILE.xdi",
                     "also write the absorption spectrum that a beamline would record"),
           cli::number("threshold", set.threshold_eV, "eV",
                       "of that spectrum: where its edge rises", 100),
           cli::number("s02", set.s02, "", "of that spectrum: amplitude reduction factor", 0.1,
                       1.5),
           cli::number("e0-shift", set.e0_shift_eV, "eV",
                       "of that spectrum: FEFF's zero of energy above the edge; a fit finds its e0 "
                       "so much higher than of the state's own χ(k), which has none"),
           cli::number("noise", set.noise, "", "of that spectrum: noise of µ, edge step one", 0),
           cli::text("label", work.label.by, "PROGRAM",
                     "label the frames of trajectories: cp2k, chgnet or a command"),
           cli::integer("every", work.label.every, "of --label: take one frame of so many", 1),
           cli::number("hours", work.label.hours, "h",
                       "of --label: that a frame may take; of --submit: that a job may", 0),
           cli::text("train", work.train.name, "NAME",
                     "train a deep potential on folders of labelled frames"),
           cli::integer("members", work.train.members, "of --train: models with other seeds", 1,
                        16),
           cli::integer("steps", work.train.steps, "of --train: of the optimiser", 1),
           cli::text("training-input", work.train.input, "FILE.json",
                     "of --train: an input of `dp train` instead of the shared one"),
           cli::text("into", work.into, "FOLDER",
                     "of --label, --train and --fetch: for their results"),
           cli::flag("gate", work.gating, "judge the deep potential of each model"),
           cli::number("expect-lattice", work.gate.lattice_A, "Å",
                       "of --gate: lattice parameter to compare with; 0 = none", 0),
           cli::number("lattice-tolerance", work.gate.lattice_percent, "%",
                       "of --gate: how far the lattice parameter may be off", 0, 100),
           cli::number("force-deviation", work.gate.settings.force_deviation_eV_A, "eV/Å",
                       "of --gate: disagreement of the models on an atom's force", 0),
           cli::number("energy-drift", work.gate.settings.drift_meV_ps, "meV/ps",
                       "of --gate: of an atom, where energy should stay", 0),
           cli::text("frames-to", work.gate.frames, "FILE.xyz",
                     "of --gate: write the frames that should be labelled"),
           cli::text("submit", work.far.submit, "HOST:DIR", "run the models on another machine"),
           cli::text("template", work.far.job_template, "FILE",
                     "of --submit: the shell script of a job"),
           cli::flag("again", work.far.again, "of --submit: also what failed or was cancelled"),
           cli::text("status", work.far.status, "HOST:DIR",
                     "say where the jobs there stand; all: of every place submitted to from here"),
           cli::text("fetch", work.far.fetch, "HOST:DIR", "bring what is over, and print it"),
           cli::flag("follow", work.far.follow, "of --fetch: until all of it is"),
           cli::flag("stop-when-equilibrated", work.far.stop_when_equilibrated,
                     "of --follow: end jobs as soon as they are at equilibrium"),
           cli::text("cancel", work.far.cancel, "HOST:DIR", "end jobs there"),
           cli::number("poll", work.far.every_s, "s", "between two questions to a host", 1),
           cli::choice("transport", work.far.transport, {"auto", "libssh2", "openssh"},
                       "how to reach a host"),
           cli::flag("accept-new", work.far.accept_new,
                     "accept and remember the key of a host that is not known")},
      .statuses = {{1,
                    "a system is not at equilibrium: its record says what is missing; or the gate "
                    "refused a potential; or jobs are not over"}},
      .examples = {{"Simulate, reduce, and compare with last night",
                    "twin-simulate copper.yaml | twin-extract --recipe cu-k.yaml | twin-match "
                    "--with night.jsonl"},
                   {"A deep potential from labels to its word",
                    "twin-simulate --label cp2k --into labels run.h5\n"
                    "twin-simulate --train dp --into potentials labels\n"
                    "TWIN_POTENTIALS=potentials twin-simulate --gate --frames-to more.xyz "
                    "--potential dp model.yaml"},
                   {"A scan of temperatures on a cluster, states as they come",
                    "twin-simulate --submit hpc:twin t300.yaml t350.yaml t400.yaml\n"
                    "twin-simulate --fetch hpc:twin --into far --follow | twin-extract --recipe "
                    "cu-k.yaml"},
                   {"What a trajectory of another program would show the beamline, of two runs",
                    "twin-simulate --trajectory one.xtc --trajectory two.xtc copper.yaml | "
                    "twin-extract --recipe cu-k.yaml"}},
      .references = {"A.P. Thompson et al., Comput. Phys. Commun. 271, 108171 (2022), "
                     "doi:10.1016/j.cpc.2021.108171",
                     "J. Zeng et al., J. Chem. Phys. 159, 054801 (2023), doi:10.1063/5.0155600",
                     "T.D. Kühne et al., J. Chem. Phys. 152, 194103 (2020), "
                     "doi:10.1063/5.0007045"},
      .see_also = {"twin-extract(1)", "twin-match(1)", "twin-model(5)", "twin-stream(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        check_serving(set);
        check_trajectories(set);
        check_potential_work(work);
        check_far_work(work);
        work.far.into = work.into;
        work.far.hours = work.label.hours;
        work.label.into = work.train.into = work.into;
        if (set.seed >= 0) work.train.seed = set.seed;
        work.gate.model = set;
        return app::StartInfo{.files = app::files_of(set.trajectories)};
      },
      [&](app::Session& session) {
        if (!work.label.by.empty()) return app::label(session, work.label);
        if (!work.train.name.empty()) return app::train(session, work.train);
        if (work.gating) return app::gate(session, work.gate);
        if (!work.far.submit.empty()) return app::submit(session, work.far, set);
        if (!work.far.status.empty()) return app::far_status(session, work.far);
        if (!work.far.fetch.empty()) return app::fetch(session, work.far);
        if (!work.far.cancel.empty()) return app::cancel(session, work.far);
        app::simulate(session, set);
      });
}
