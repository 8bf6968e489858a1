// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate's --label, --train and --gate: by commands of the test's own, and by DeePMD-kit.
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "core/text.h"
#include "formats/deepmd_system.h"
#include "formats/read_trajectory.h"
#include "places.h"
#include "process/child.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace deep_potential_test {
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace {

/// Springs between each atom and its site: a frame in, the same with labels out, until stdin ends.
const std::string springs = R"(#!/usr/bin/env python3
import sys
while first := sys.stdin.readline().strip():
    comment = sys.stdin.readline()
    rows = [sys.stdin.readline().split() for _ in range(int(first))]
    lattice = comment.split('Lattice="')[1].split('"')[0]
    a = float(lattice.split()[0]) / 2
    energy, out = 0.0, []
    for row in rows:
        x = [float(v) for v in row[1:4]]
        d = [v - round(2 * v / a) * a / 2 for v in x]
        energy += sum(v * v for v in d)
        out.append(" ".join(row[:4] + [repr(-2 * v) for v in d]))
    why = ' label_error="the SCF did not converge"' if energy > 50 else ""
    print(f'{first}\nLattice="{lattice}" Properties=species:S:1:pos:R:3:forces:R:3 energy={energy - 40}'
          f' virial="1 0 0 0 1 0 0 0 {a}" labelled_by="springs 1"{why}')
    print("\n".join(out), flush=True)
)";

/// 16 atoms of rock salt, shaken; as many frames as asked for, in cells of different sizes.
std::string salt(int frames, double shake = 0.1, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, shake);
  std::string text;
  for (int f = 0; f < frames; ++f) {
    const double a = 5.4 + 0.02 * f;
    text += "64\nLattice=\"" + shortest(2 * a) + " 0 0 0 " + shortest(2 * a) + " 0 0 0 " +
            shortest(2 * a) +
            "\" Properties=species:S:1:pos:R:3 temperature=" + std::to_string(300 + f) +
            " pbc=\"T T T\"\n";
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j)
        for (int k = 0; k < 4; ++k) {
          text += (i + j + k) % 2 == 0 ? "Na" : "Cl";
          for (const int n : {i, j, k}) text += " " + shortest(n * a / 2 + normal(random));
          text += "\n";
        }
  }
  return text;
}

struct TwinSimulateDeep : Tools {
  void SetUp() override {
    SKIP_WITHOUT("python3");
    put_program("springs", springs);
  }

  Said label(const Words& files, const std::string& by = "springs") {
    Words argv{"twin-simulate", "--label", by, "--into", path("labels")};
    argv.insert(argv.end(), files.begin(), files.end());
    return run(argv, {}, {{"PATH", path_with_ours()}});
  }

  /// The only system of a folder of sets.
  [[nodiscard]] formats::DeepmdSystem system(const std::string& folder) const {
    const auto all = formats::deepmd_systems_in(path(folder));
    EXPECT_EQ(all.size(), 1U);
    return formats::read_deepmd_system(all.front());
  }
  [[nodiscard]] std::string journal() const {
    const auto all = formats::deepmd_systems_in(path("labels/train"));
    return "labels/labels/" + all.front().substr(all.front().rfind('/') + 1) + ".xyz";
  }
  static record::Event event(const Said& said) {
    const auto events = all<record::Event>(said.out);
    EXPECT_EQ(events.size(), 1U) << said.error;
    return events.empty() ? record::Event{} : events.front();
  }
};

TEST_F(TwinSimulateDeep, LabelsGoIntoSetsWithTheirSource) {
  put("frames.xyz", salt(12));
  const auto said = label({"frames.xyz"});
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(event(said).what, "labelled");
  EXPECT_EQ(event(said).first, "springs 1");
  EXPECT_EQ(event(said).text, "12 frames labelled by springs 1, 0 were there already, 0 failed");
  const auto train = system("labels/train"), held = system("labels/valid");
  EXPECT_EQ(train.frames(), 11);
  EXPECT_EQ(held.frames(), 1);
  EXPECT_EQ(train.elements.size(), 64U);
  EXPECT_EQ((*train.temperature)[10], 311);
  EXPECT_NEAR((*train.virial)(0, 8), 5.4, 1e-12);
  // Springs of 2 eV/Å²: the energy is the forces' squares over 4, less 40 eV.
  EXPECT_NEAR(train.energy[3], train.forces.row(3).squaredNorm() / 4 - 40, 1e-6);
  EXPECT_THAT(get(journal()), HasSubstr("source=\"frames.xyz frame 9\""));

  EXPECT_EQ(event(label({"frames.xyz"})).text,
            "0 frames labelled by springs, 12 were there already, 0 failed");
  put("more.xyz", salt(2, 0.1, 9));
  EXPECT_EQ(event(label({"frames.xyz", "more.xyz"})).text,
            "2 frames labelled by springs 1, 12 were there already, 0 failed");
  EXPECT_EQ(system("labels/train").frames(), 13);
}

TEST_F(TwinSimulateDeep, AJournalCutShortIsGoneOnWith) {
  put("frames.xyz", salt(5));
  EXPECT_EQ(label({"frames.xyz"}).status, 0);
  const std::string whole = get(journal());
  put(journal(), whole.substr(0, whole.size() - 700));
  EXPECT_EQ(event(label({"frames.xyz"})).text,
            "1 frames labelled by springs 1, 4 were there already, 0 failed");
  EXPECT_EQ(get(journal()), whole);
}

TEST_F(TwinSimulateDeep, AFrameThatFailsIsARecordAndTheOthersGoOn) {
  put("frames.xyz", salt(1) + salt(1, 20, 5) + salt(1, 0.1, 3));
  const auto said = label({"frames.xyz"});
  EXPECT_EQ(said.status, 2);
  const auto failures = all<record::Failure>(said.out);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].what, HasSubstr("the SCF did not converge"));
  EXPECT_THAT(failures[0].source, HasSubstr("frame 1"));
  EXPECT_EQ(system("labels/train").frames(), 2);
}

TEST_F(TwinSimulateDeep, ProgramsThatLabelBadlyAreNamed) {
  put("frames.xyz", salt(2));
  EXPECT_EQ(label({"frames.xyz"}, "no-such-labeller").status, 69);
  put_program("dies", "#!/bin/sh\nread line\necho no licence >&2\nexit 3\n");
  auto said = label({"frames.xyz"}, "dies");
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(said.error, HasSubstr("dies: ended with status 3; it said: no licence"));
  put_program("parrot", "#!/bin/sh\ncat\n");  // frames as they came: without labels
  said = label({"frames.xyz"}, "parrot");
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("parrot: no energy in its answer"));
  put_program("mover",
              "#!/bin/sh\nspr=$(dirname \"$0\")/springs\n\"$spr\" | sed -u 's/^Na 0/Na 1/; s/^Na "
              "-0/Na 1/'\n");
  said = label({"frames.xyz"}, "mover");
  EXPECT_THAT(said.error, HasSubstr("other positions than it was given"));
  EXPECT_EQ(run({"twin-simulate", "--label", "springs", "frames.xyz"}).status, 64);
  // What is no frame has more to it than was read: none of that may be taken for the next answer.
  put_program("hiccups",
              "#!/bin/sh\nhere=$(dirname \"$0\")\n[ -e \"$here/began\" ] && exec "
              "\"$here/springs\"\ntouch \"$here/began\"\nseq 1 70\nexec cat > /dev/null\n");
  EXPECT_EQ(all<record::Failure>(label({"frames.xyz"}, "hiccups").out).size(), 1U);
  EXPECT_EQ(system("labels/train").frames(), 1);
}

TEST_F(TwinSimulateDeep, Cp2kIsNamedWhereItIsMissing) {
  if (!process::find_program("cp2k.psmp").empty()) GTEST_SKIP() << "skipped: cp2k.psmp is there";
  put("frames.xyz", salt(1));
  const auto said = label({"frames.xyz"}, "cp2k");
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(said.error, HasSubstr("Debian packages cp2k and cp2k-data have it"));
}

TEST_F(TwinSimulateDeep, WithoutTheKitItSaysWhatIsMissing) {
  put("frames.xyz", salt(12));
  EXPECT_EQ(label({"frames.xyz"}).status, 0);
  const auto said = run({"twin-simulate", "--train", "dp", "--into", "out", "labels"}, {},
                        {{"TWIN_DEEPMD", path("nowhere")}});
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(said.error, HasSubstr("no DeePMD-kit found"));
}

/// A kit whose `dp` writes down what it is asked for, and trains nothing.
const std::string fake_dp = R"(#!/bin/sh
echo "$*" >> "$FAKE_LOG"
case $1 in
  --version) echo "DeePMD-kit v0.0" ;;
  train)
    touch checkpoint
    [ -e "$FAKE_DIES" ] && { rm "$FAKE_DIES"; echo "out of memory" >&2; exit 9; }
    echo "DEEPMD INFO Batch     500: trn: rmse = 1" >&2 ;;
  freeze) cp input.json frozen.pb ;;
  compress) cp frozen.pb compressed.pb ;;
  test) echo "Energy RMSE/Natoms : 1e-3 eV" >&2; echo "Force  RMSE : 4e-2 eV/A" >&2 ;;
esac
)";

TEST_F(TwinSimulateDeep, TrainingGoesOnWhereItWasKilled) {
  put("frames.xyz", salt(12));
  EXPECT_EQ(label({"frames.xyz"}).status, 0);
  const std::string packages = "kit/lib/python3.11/site-packages";
  ASSERT_EQ(bash("mkdir -p kit/bin " + packages + "/lammps " + packages + "/deepmd/lib && touch " +
                 packages + "/lammps/lmp")
                .status,
            0);
  put("kit/bin/dp", fake_dp);
  put("dies", "");
  ASSERT_EQ(bash("chmod +x kit/bin/dp").status, 0);
  const Environment kit{
      {"TWIN_DEEPMD", path("kit")}, {"FAKE_LOG", path("log")}, {"FAKE_DIES", path("dies")}};
  const Words train{"twin-simulate", "--train", "dp",      "--into", "out",
                    "--members",     "2",       "--steps", "1000",   "labels"};
  auto said = run(train, {}, kit);
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(said.error, HasSubstr("ended with status 9; it said: out of memory"));
  EXPECT_FALSE(exists("out/dp.yaml"));

  put("log", "");
  said = run(train, {}, kit);
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(get("log"),
            "--version\ntrain input.json --restart model.ckpt\nfreeze -o frozen.pb\n"
            "compress -i frozen.pb -o compressed.pb -s 0.01\ntrain input.json\n"
            "freeze -o frozen.pb\ncompress -i frozen.pb -o compressed.pb -s 0.01\n"
            "test -m model.pb --valid-data input.json -n 0\n");
  EXPECT_EQ(event(said).what, "trained");
  EXPECT_EQ(*event(said).quantities.at("error_force").value, 0.04);
  EXPECT_THAT(get("out/dp.yaml"), HasSubstr("models: dp.0.pb dp.1.pb\n"));
  EXPECT_THAT(get("out/dp.yaml"), HasSubstr("elements: Na Cl\n"));
  EXPECT_THAT(get("out/dp.yaml"), HasSubstr("temperature_min: 300.000 K\n"));
  EXPECT_NE(get("out/dp.0.pb"), get("out/dp.1.pb"));

  put("log", "");  // all is done: only the errors are looked at again
  EXPECT_EQ(run(train, {}, kit).status, 0);
  EXPECT_THAT(get("log"), Not(HasSubstr("train")));
  EXPECT_EQ(
      run({"twin-simulate", "--train", "dp", "--into", "out", "labels/train"}, {}, kit).status,
      66);  // nothing is held back
}

/// With the real kit, where $TWIN_DEEPMD or $PATH has it: labels, one member of twenty steps, a
/// run, and the gate, which such a potential can't pass. TensorFlow takes five seconds of CPU and
/// more to start: so a second member is the first one before it was compressed, which disagrees by
/// rounding.
TEST_F(TwinSimulateDeep, TheWholeChainRunsInTheKitsLammps) {
  if (std::getenv("TWIN_DEEPMD") == nullptr && process::find_program("dp").empty())
    GTEST_SKIP() << "skipped: no DeePMD-kit";
  put("frames.xyz", salt(20));
  EXPECT_EQ(label({"frames.xyz"}).status, 0);
  const auto trained =  // longer than run() waits
      process::run({.argv = {tools_dir() + "/twin-simulate", "--train", "dp", "--into", "out",
                             "--members", "1", "--steps", "20", "labels"},
                    .folder = path("."),
                    .environment = environment()},
                   process::Seconds(250));
  Said said{trained.ending.status, trained.out, trained.error};
  ASSERT_EQ(said.status, 0) << said.error;
  EXPECT_GT(*event(said).quantities.at("error_force").value, 0);
  put("out/dp.1.pb", get("out/dp.training/0/frozen.pb"));
  std::string description = get("out/dp.yaml");
  description.replace(description.find("models: dp.0.pb"), 15, "models: dp.0.pb dp.1.pb");
  put("out/dp.yaml", description);
  put("model.yaml",
      "format: twin-model/1\nname: salt\nstructure: {cell: [[5.5 Å, 0 Å, 0 Å], [0 Å, 5.5 Å, 0 Å], "
      "[0 Å, 0 Å, 5.5 Å]], sites: [{element: Na, at: [0, 0, 0]}, {element: Na, at: [0.5, 0.5, 0]}, "
      "{element: Na, at: [0.5, 0, 0.5]}, {element: Na, at: [0, 0.5, 0.5]}, {element: Cl, at: [0.5, "
      "0, "
      "0]}, {element: Cl, at: [0, 0.5, 0]}, {element: Cl, at: [0, 0, 0.5]}, {element: Cl, at: "
      "[0.5, "
      "0.5, 0.5]}], supercell: [2, 2, 2]}\npotential: dp\nensemble: {nvt: {temperature: 300 K}}\n"
      "run: {replicas: 1, equilibrate: 20, produce: 40, sample_every: 2, timestep: 1 fs}\nseed: "
      "1\n");
  const Environment ours{{"TWIN_POTENTIALS", path("out")}};
  said = run({"twin-simulate", "model.yaml"}, {}, ours);
  EXPECT_LE(said.status, 1) << said.error;
  const auto states = all<record::State>(said.out);
  ASSERT_EQ(states.size(), 1U) << said.error;
  EXPECT_EQ(states[0].potential, "dp");
  EXPECT_GT(*states[0].quantities.at("force_deviation").value, 0);
  EXPECT_GE(*states[0].quantities.at("force_deviation_max").value,
            *states[0].quantities.at("force_deviation").value);
  EXPECT_THAT(states[0].warnings, ::testing::Contains(HasSubstr("dp: no gate has judged it")));

  said = run({"twin-simulate", "--gate", "--force-deviation", "1e-9", "--frames-to", "ask.xyz",
              "model.yaml"},
             {}, ours);
  EXPECT_EQ(said.status, 1) << said.error;
  EXPECT_EQ(event(said).what, "gate-refused");
  EXPECT_THAT(event(said).text, HasSubstr("the models disagree on by more than 1e-09 eV/Å"));
  EXPECT_TRUE(event(said).quantities.contains("energy_drift"));
  EXPECT_EQ(formats::open_trajectory(path("ask.xyz"))->next()->positions.rows(), 64);
  const auto asked = label({"ask.xyz"});  // what it asks for is labelled, or told why not
  EXPECT_TRUE(asked.status == 0 || asked.status == 2) << asked.error;
  EXPECT_THAT(event(asked).text, HasSubstr("frames labelled by springs"));

  EXPECT_THAT(get("out/dp.yaml"), HasSubstr("gate: refused\n"));
  EXPECT_THAT(left_behind(), IsEmpty());
}

}  // namespace

}  // namespace deep_potential_test
