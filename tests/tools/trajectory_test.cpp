// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate's trajectories: its own written and read back, and those of a real lmp.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <random>

#include "core/text.h"
#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace trajectory_test {
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

struct Trajectories : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
    put("model.yaml", model());
  }

  record::State state(const Said& said) {
    const auto states = all<record::State>(said.out);
    EXPECT_EQ(states.size(), 1U) << said.error;
    return states.empty() ? record::State{} : states.front();
  }
  record::State state(const Words& argv) {
    const auto said = run(argv);
    EXPECT_LE(said.status, 1) << said.error;
    return state(said);
  }

  /// \p text with the first \p what changed into \p by.
  static std::string changed(std::string text, const std::string& what, const std::string& by) {
    text.replace(text.find(what), what.size(), by);
    return text;
  }

  /// All that a state says of its frames is the same, to rounding.
  static void expect_same(const record::State& one, const record::State& other) {
    ASSERT_EQ(one.quantities.size(), other.quantities.size());
    for (const auto& [name, quantity] : one.quantities) {
      const auto& same = other.quantities.at(name);
      EXPECT_NEAR(*same.value, *quantity.value, 1e-9 * (1 + std::abs(*quantity.value))) << name;
      EXPECT_NEAR(same.sigma.value_or(0), quantity.sigma.value_or(0),
                  1e-9 * (1 + quantity.sigma.value_or(0)))
          << name;
    }
    for (const auto& [name, quantity] : one.parameters)
      EXPECT_NEAR(*other.parameters.at(name).value, *quantity.value, 1e-9) << name;
    ASSERT_EQ(one.arrays.size(), other.arrays.size());
    for (const auto& [name, array] : one.arrays) {
      const auto& same = other.arrays.at(name);
      ASSERT_EQ(same.data.size(), array.data.size()) << name;
      for (std::size_t i = 0; i < array.data.size(); ++i)  // they have four digits
        ASSERT_NEAR(same.data[i], array.data[i], 1e-3 * (1e-3 + std::abs(array.data[i]))) << name;
    }
    EXPECT_NEAR(other.n_eff, one.n_eff, 1e-6);
    EXPECT_EQ(other.equilibrated, one.equilibrated);
    // The frames before production are in no file, and what they show of a transient neither.
    EXPECT_EQ(other.missing.substr(0, other.missing.find(';')),
              one.missing.substr(0, one.missing.find(';')));
    ASSERT_EQ(other.simulated.size(), 1U);
    for (const auto& [name, array] : one.simulated.at(0).arrays) {
      const auto& same = other.simulated[0].arrays.at(name);
      ASSERT_EQ(same.data.size(), array.data.size()) << name;
      for (std::size_t i = 0; i < array.data.size(); ++i)
        ASSERT_NEAR(same.data[i], array.data[i], 1e-9) << name << " " << i;
    }
  }
};

TEST_F(Trajectories, OfARunReadBackGiveItsState) {
  put("model.yaml", changed(changed(model(), "replicas: 1", "replicas: 2"), "295 K}}",
                            "295 K}, zero_point: einstein}"));
  const auto ran = state({"twin-simulate", "model.yaml", "--write-trajectory", "run.h5"});
  EXPECT_FALSE(exists("run.h5.part"));
  const auto read = state({"twin-simulate", "model.yaml", "--trajectory", "run.h5"});
  EXPECT_EQ(read.how, "trajectory");
  EXPECT_EQ(read.potential, "Cu_zhou");
  EXPECT_EQ(read.ensemble, ran.ensemble);
  EXPECT_EQ(read.seed, ran.seed);
  expect_same(ran, read);
  ASSERT_EQ(read.trajectories.size(), 2U);
  EXPECT_EQ(read.trajectories[1].file, "run.h5::replica2");
  EXPECT_EQ(read.trajectories[1].frames, 40);
  EXPECT_NEAR(*read.trajectories[1].last_ps - *read.trajectories[1].first_ps, 39 * 0.04, 1e-9);
  // A single replica, asked for by its group.
  const auto one = state({"twin-simulate", "model.yaml", "--trajectory", "run.h5::replica2"});
  EXPECT_EQ(one.trajectories.size(), 1U);
  EXPECT_NE(*one.quantities.at("rmsd").value, *read.quantities.at("rmsd").value);
}

TEST_F(Trajectories, OfACompoundInAMovingCellReadBackGiveItsState) {
  put("model.yaml",
      std::string("format: twin-model/1\nname: cspbi3\nstructure: {cif: ") + source_dir() +
          "/share/structures/CsPbI3-cubic.cif, supercell: [3, 3, 3]}\npotential: myp-cspbi3\n"
          "ensemble: {npt: {temperature: 634 K, coupling: aniso}}\n"
          "run: {replicas: 1, equilibrate: 200, produce: 500, sample_every: 20, timestep: 2 fs}\n"
          "absorption: {edge: Pb L3, rmax: 4 Å, legs: 2, kmax: 12}\n"
          "measure_with: recipe.yaml\nseed: 1\n");
  const auto ran = state({"twin-simulate", "model.yaml", "--write-trajectory", "run.h5"});
  const auto read = state({"twin-simulate", "model.yaml", "--trajectory", "run.h5"});
  EXPECT_TRUE(read.quantities.contains("sigma2:Pb-I.1"));
  EXPECT_FALSE(read.parameters.contains("a"));
  expect_same(ran, read);
}

TEST_F(Trajectories, OfLammpsAreFollowed) {
  // A run of its own: 108 atoms at 300 K; the RMSD by LAMMPS' own compute.
  put("in.lammps",
      "units metal\nboundary p p p\nlattice fcc 3.63\nregion box block 0 3 0 3 0 3\n"
      "create_box 1 box\ncreate_atoms 1 box\npair_style eam/alloy\n"
      "pair_coeff * * /usr/share/lammps/potentials/Cu_mishin1.eam.alloy Cu\n"
      "velocity all create 600 4711 mom yes\nfix 1 all nve\nfix 2 all langevin 300 300 0.2 815\n"
      "timestep 0.004\ncompute m all msd com yes\nrun 500\nreset_timestep 0\n"
      "variable r equal sqrt(c_m[4])\nfix a all ave/time 10 101 1010 v_r file rmsd\n"
      "dump 1 all custom/gz 10 wrapped.gz id type element x y z ix iy iz\n"
      "dump_modify 1 element Cu units yes time yes format float %.10g\n"
      "dump 2 all atom 10 scaled\nrun 1010\n");
  ASSERT_EQ(run({"lmp", "-log", "none", "-in", "in.lammps"}).status, 0);
  const auto wrapped =
      state({"twin-simulate", "model.yaml", "--trajectory", "wrapped.gz", "--skip", "1"});
  const std::string rmsd = get("rmsd");
  const auto lines = split(trim(rmsd), '\n');
  const auto expected = parse_double(words(lines.back()).at(1));
  ASSERT_TRUE(expected);
  EXPECT_NEAR(*wrapped.quantities.at("rmsd").value, *expected, 1e-6);
  EXPECT_NEAR(*wrapped.quantities.at("a").value, 3.63, 1e-9);
  EXPECT_EQ(wrapped.trajectories.at(0).frames, 102);
  EXPECT_NEAR(*wrapped.trajectories.at(0).last_ps - *wrapped.trajectories.at(0).first_ps, 4.0,
              1e-9);
  EXPECT_THAT(wrapped.warnings, Contains(HasSubstr("no temperature, potential energy, virial")));
  EXPECT_FALSE(wrapped.quantities.contains("pressure"));
  EXPECT_TRUE(wrapped.arrays.contains("msd:Cu"));  // its dump has times
  ASSERT_EQ(wrapped.simulated.size(), 1U);
  EXPECT_TRUE(wrapped.simulated[0].arrays.contains("chi"));
  EXPECT_FALSE(wrapped.simulated[0].arrays.contains("chi@temperature"));
  // dump atom has six digits of the box, and no images.
  const auto scaled =
      state({"twin-simulate", "model.yaml", "--trajectory", "scaled", "--skip", "1"});
  EXPECT_NEAR(*scaled.quantities.at("rmsd").value, *expected, 1e-5);
  EXPECT_TRUE(scaled.arrays.contains("rdf:Cu-Cu"));
  EXPECT_FALSE(scaled.arrays.contains("msd:Cu"));
  EXPECT_NEAR(*scaled.quantities.at("sigma2:Cu-Cu.1").value,
              *wrapped.quantities.at("sigma2:Cu-Cu.1").value, 1e-6);
  // What it shows goes through twin-extract as that of a run does.
  put("recipe.yaml", recipe());
  const auto extracted = bash(
      "twin-simulate model.yaml --trajectory wrapped.gz --skip 1 | twin-extract --recipe "
      "recipe.yaml");
  const auto results = all<record::Result>(extracted.out);
  ASSERT_EQ(results.size(), 1U) << extracted.error;
  EXPECT_NEAR(*results[0].quantities.at("r:Cu-Cu.1").value,
              *wrapped.quantities.at("r:Cu-Cu.1").value, 0.02);
}

/// Extended XYZ of 108 atoms that move independently; \p order puts the last atom first.
std::string xyz(int frames, bool turned = false, const std::string& element = "Cu") {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, 0.08);
  constexpr double a = 3.63, base[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
  std::string text;
  for (int f = 0; f < frames; ++f) {
    std::vector<std::string> atoms;
    for (int cell = 0; cell < 27; ++cell)
      for (const auto& site : base) {
        const int at[3] = {cell / 9, cell / 3 % 3, cell % 3};
        std::string line = element;
        for (int axis = 0; axis < 3; ++axis)
          line += " " + shortest(a * (at[axis] + site[axis]) + normal(random));
        atoms.push_back(line + "\n");
      }
    if (turned) std::reverse(atoms.begin(), atoms.end());
    text += "108\nLattice=\"10.89 0 0 0 10.89 0 0 0 10.89\" Properties=species:S:1:pos:R:3\n";
    for (const auto& line : atoms) text += line;
  }
  return text;
}

TEST_F(Trajectories, MayHaveTheirAtomsInAnyOrder) {
  put("straight.xyz", xyz(60));
  put("turned.xyz", xyz(60, true));
  const auto straight = state({"twin-simulate", "model.yaml", "--trajectory", "straight.xyz"});
  const auto turned = state({"twin-simulate", "model.yaml", "--trajectory", "turned.xyz"});
  EXPECT_THAT(turned.warnings, Contains(HasSubstr("not in the model's order")));
  for (const std::string name : {"r:Cu-Cu.1", "sigma2:Cu-Cu.1", "rmsd"})
    EXPECT_NEAR(*turned.quantities.at(name).value, *straight.quantities.at(name).value, 1e-9);
}

TEST_F(Trajectories, SayWhatDoesNotMatchTheModel) {
  const auto refused = [&](const std::string& file, int status = 65) {
    const auto said = run({"twin-simulate", "model.yaml", "--trajectory", file});
    EXPECT_EQ(said.status, status) << said.error;
    return said.error;
  };
  put("silver.xyz", xyz(30, false, "Ag"));
  EXPECT_THAT(refused("silver.xyz"),
              HasSubstr("silver.xyz: its atoms are 108 Ag; the model has 108 Cu"));
  put("short.xyz", xyz(5));
  EXPECT_THAT(refused("short.xyz"), HasSubstr("5 frames"));
  put("none.xyz", "1\nno cell\nCu 0 0 0\n");
  EXPECT_THAT(refused("none.xyz"), HasSubstr("a trajectory is expected"));
  EXPECT_THAT(refused("missing.xyz", 66), HasSubstr("missing.xyz"));
  put("model.yaml", changed(model(), "[3, 3, 3]", "[4, 4, 4]"));
  put("good.xyz", xyz(30));
  EXPECT_THAT(refused("good.xyz"), HasSubstr("supercell: [3, 3, 3] would have as many"));
  put("model.yaml", changed(model(), "295 K}}", "295 K}, zero_point: einstein}"));
  EXPECT_THAT(refused("good.xyz", 78), HasSubstr("zero_point: einstein"));
}

TEST_F(Trajectories, DamagedHdf5IsAnErrorThatNamesIt) {
  put("bad.h5", "\x89HDF\r\n\x1a\n" + std::string(2000, '\1'));
  const auto said = run({"twin-simulate", "model.yaml", "--trajectory", "bad.h5"});
  EXPECT_EQ(said.status, 65);
  EXPECT_THAT(said.error, HasSubstr("bad.h5: HDF5 that is damaged"));
}

TEST_F(Trajectories, OptionsThatContradictAreRefused) {
  put("good.xyz", xyz(30));
  for (const Words& wrong : {Words{"--serve", "--trajectory", "good.xyz"},
                             Words{"--serve", "--write-trajectory", "x.h5"}, Words{"--skip", "3"},
                             Words{"--trajectory", "good.xyz", "--write-trajectory", "x.h5"}}) {
    Words argv{"twin-simulate", "model.yaml"};
    argv.insert(argv.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(run(argv).status, 64) << join(wrong, " ");
  }
  // One file holds one run.
  put("second.yaml", model());
  const auto said =
      run({"twin-simulate", "model.yaml", "second.yaml", "--write-trajectory", "run.h5"});
  EXPECT_EQ(said.status, 64);
  EXPECT_THAT(said.error, HasSubstr("second.yaml: --write-trajectory: the file holds one run"));
  EXPECT_TRUE(exists("run.h5"));
}

TEST_F(Trajectories, ARunThatIsKilledLeavesWhatItHad) {
  put("model.yaml", changed(model(), "produce: 400", "produce: 4000000"));
  process::Child child(
      {.argv = {tools_dir() + "/twin-simulate", "model.yaml", "--write-trajectory", "run.h5"},
       .folder = path(""),
       .environment = environment()});
  const double end = monotonic_seconds() + 120;
  while (monotonic_seconds() < end) {
    if (exists("run.h5.part") && get("run.h5.part").size() > 400000) break;
    ::usleep(50000);
  }
  ::usleep(1200000);  // a flush is due every second
  ::kill(child.pid(), SIGKILL);
  static_cast<void>(child.wait(process::Seconds(10)));
  EXPECT_FALSE(exists("run.h5"));
  put("model.yaml", model());
  const auto read = state({"twin-simulate", "model.yaml", "--trajectory", "run.h5.part"});
  EXPECT_GE(read.trajectories.at(0).frames, 20);
  // It stays until somebody takes it away.
  const auto again = run({"twin-simulate", "model.yaml", "--write-trajectory", "run.h5"});
  EXPECT_EQ(again.status, 73);
  EXPECT_THAT(again.error, HasSubstr("run.h5.part: it is there already"));
}

}  // namespace

}  // namespace trajectory_test
