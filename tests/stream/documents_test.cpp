// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/documents.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "places.h"
#include "stream/json.h"
#include "stream/samples.h"
#include "stream/yaml.h"

namespace twin::stream::documents_test {
namespace {

using record::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string share = source_dir() + "/share";
const std::string data = test_data_dir() + "/stream";

/// The text of a test file with the first \p from replaced by \p to.
std::string changed(const std::string& file, const std::string& from, const std::string& to) {
  std::string text = read_file(data + "/" + file);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

template <class Decode>
std::string message_of(Decode decode_document, const std::string& text) {
  try {
    (void)decode_document(parse_yaml(text, "x.yaml"), "x.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration) << error.what();
    return error.what();
  }
  return "no error";
}

std::string recipe_error(const std::string& from, const std::string& to) {
  return message_of(decode_recipe, changed("recipe.yaml", from, to));
}
std::string model_error(const std::string& from, const std::string& to) {
  return message_of(decode_model, changed("model.yaml", from, to));
}
std::string policy_error(const std::string& from, const std::string& to) {
  return message_of(decode_policy, changed("policy.yaml", from, to));
}

TEST(Recipe, OfCopperIsReadWhole) {
  const auto recipe = read_recipe(data + "/recipe.yaml");
  EXPECT_EQ(recipe.name, "recipe");
  EXPECT_EQ(recipe.edge, "Cu K");
  EXPECT_EQ(recipe.columns.mu, "xmu");
  EXPECT_EQ(recipe.reduce.e0, 8980);
  EXPECT_EQ(recipe.reduce.nnorm, 2);
  ASSERT_TRUE(recipe.standard);
  EXPECT_EQ(recipe.standard->n, 12);
  ASSERT_EQ(recipe.paths.size(), 1u);
  EXPECT_EQ(recipe.paths[0].n.value, 12);
  EXPECT_TRUE(recipe.paths[0].sigma2.free);
  EXPECT_FALSE(recipe.paths[0].c3.free);
  EXPECT_THAT(recipe.variants.at(0).free, ElementsAre("c3:Cu-Cu.1"));
  EXPECT_THAT(recipe.bands,
              ElementsAre(std::pair(2.8, 3.6), std::pair(3.6, 4.2), std::pair(4.2, 5.5)));
  EXPECT_EQ(recipe.feff.a, 3.61);
  EXPECT_EQ(recipe.feff_amplitude_sys, 0.02);
}

TEST(Documents, ThatAreShippedCanBeRead) {
  EXPECT_EQ(read_recipe(share + "/recipes/cu-k.yaml").name, "cu-k");
  EXPECT_EQ(read_recipe(share + "/recipes/cu-k-periods.yaml").name, "cu-k-periods");
  const auto model = read_model(share + "/models/copper.yaml");
  EXPECT_TRUE(std::filesystem::equivalent(model.measure_with.at(0), share + "/recipes/cu-k.yaml"));
  EXPECT_FALSE(read_policy(share + "/policies/periods.yaml").watch.empty());
  const auto changes = read_policy(share + "/policies/changes.yaml");
  ASSERT_TRUE(changes.baseline);
  EXPECT_EQ(changes.baseline->samples, 50);
  EXPECT_EQ(changes.baseline->drift_in, "temperature");
  const auto bounds = read_bounds(share + "/bounds/trial.yaml");
  EXPECT_EQ(bounds.modes.at("track").at_most_seconds, 1800);
  EXPECT_EQ(bounds.dose_budget, 4000);
  EXPECT_DOUBLE_EQ(bounds.dose_reserve, 0.2);
  EXPECT_TRUE(bounds.simulated);
}

TEST(Devices, ComeBackAsTheyWere) {
  const std::string text =
      "format: twin-devices/1\ndevices:\n  - {name: a, serial: '1', until: 2026-11-30T08:00:00Z}\n"
      "  - {name: a, model: m, serial: '2', since: 2026-11-30T08:00:00Z, note: n}\n";
  const auto devices = decode_devices(parse_yaml(text, "x"), "x");
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_TRUE(devices[0].installed(devices[1].since - 1));
  EXPECT_FALSE(devices[0].installed(devices[1].since));
  EXPECT_TRUE(devices[1].installed(devices[1].since));
  const auto again = decode_devices(encode_devices(devices), "x");
  EXPECT_EQ(dump_json(encode_devices(again)), dump_json(encode_devices(devices)));
  EXPECT_THAT(message_of(decode_devices,
                         "format: twin-devices/1\ndevices: [{name: a, serial: '1', since: soon}]"),
              HasSubstr("since: expected UTC"));
}

TEST(Recipe, HashesWhatItSaysNotHow) {
  const std::string text = read_file(data + "/recipe.yaml");
  const auto hash = [](const std::string& t) {
    return decode_recipe(parse_yaml(t, "x"), "x").sha256;
  };
  EXPECT_EQ(hash(text), hash("# a comment\n" + text));
  EXPECT_EQ(hash(text), hash(dump_json(parse_yaml(text, "x"))));
  EXPECT_NE(hash(text), hash(changed("recipe.yaml", "kmin: 3", "kmin: 3.5")));
}

TEST(Recipe, ScansReplaceAndColumnsMayBeNumbers) {
  const auto recipe = decode_recipe(
      parse_yaml(
          "{format: twin-recipe/1, edge: Cu K, columns: {energy: 1, i0: 2, fluorescence: [3, 4]},"
          " scans: {cu_150k: {reduce: {normalised: true}}}, reduce: {e0: 8.98 keV}}",
          "x"),
      "x.yaml");
  EXPECT_THAT(recipe.columns.fluorescence, ElementsAre("3", "4"));
  EXPECT_TRUE(recipe.reduce_by_scan.at("cu_150k").normalised);
  EXPECT_NEAR(*recipe.reduce.e0, 8980, 1e-9);
}

TEST(Recipe, MistakesAreNamedWithTheirLine) {
  EXPECT_EQ(recipe_error("kmin: 3,", "kmim: 3,"), "x.yaml:14: kmim: unknown; perhaps kmin");
  EXPECT_THAT(recipe_error("twin-recipe/1", "twin-recipe/2"), HasSubstr("expected twin-recipe/1"));
  EXPECT_THAT(recipe_error("a: 3.61 Å", "a: 3.61"), HasSubstr("a: 3.61 has no unit"));
  EXPECT_THAT(recipe_error("a: 3.61 Å", "a: 3.61 A"), HasSubstr("perhaps Å"));
  EXPECT_THAT(recipe_error("a: 3.61 Å", "a: 3.61 K"), HasSubstr("temperature"));
  EXPECT_THAT(recipe_error("kmax: 14", "kmax: 2"), HasSubstr("not above kmin"));
  EXPECT_THAT(recipe_error("c3:Cu-Cu.1]", "c3:Cu-Cu.2]"), HasSubstr("perhaps c3:Cu-Cu.1"));
  EXPECT_THAT(recipe_error("nnorm: 2", "nnorm: 2.5"), HasSubstr("whole number"));
  EXPECT_THAT(recipe_error("2.8-3.6", "3.6-2.8"), HasSubstr("bands"));
  EXPECT_THAT(recipe_error("hanning", "hamming"), HasSubstr("expected hanning"));
  EXPECT_THAT(recipe_error("mu: xmu", "i0: 2"), HasSubstr("mu"));
  EXPECT_THAT(recipe_error("n: 12,", "n: -12,"), HasSubstr("n: -12"));
  EXPECT_THAT(recipe_error("edge: Cu K", "edge: \"Cu\\nK\""), HasSubstr("control"));
}

TEST(Model, OfCopperIsReadWhole) {
  const auto model = read_model(data + "/model.yaml");
  EXPECT_EQ(model.name, "copper");
  EXPECT_EQ(model.structure.a, 3.615);
  EXPECT_THAT(model.potentials, ElementsAre("Cu_zhou", "Cu_mishin1", "Cu_smf7", "Cu_u3"));
  EXPECT_EQ(model.temperature, 295);
  EXPECT_EQ(model.temperature_sigma, 3);
  EXPECT_TRUE(model.temperature_from_measurement);
  ASSERT_EQ(model.free.size(), 1u);
  EXPECT_EQ(model.free[0].lower, 3.5);
  EXPECT_EQ(model.run.timestep_fs, 4);
  EXPECT_EQ(model.run.friction_ps, 0.2);
  EXPECT_EQ(model.tolerance.at("sigma2:Cu-Cu.1").value, 0.15);
  EXPECT_TRUE(model.tolerance.at("sigma2:Cu-Cu.1").relative);
  EXPECT_EQ(model.tolerance.at("r:Cu-Cu.1").unit, "Å");
  EXPECT_TRUE(std::filesystem::equivalent(model.measure_with.at(0), data + "/recipe.yaml"));
}

const std::string perovskite =
    "format: twin-model/1\nname: cspbi3\n"
    "structure: {cell: [[6 Å, 0 Å, 0 Å], [0 Å, 6 Å, 0 Å], [0 Å, 0 Å, 6 Å]],\n"
    "  sites: [{element: Pb, at: [0, 0, 0]}, {element: I, at: [0.5, 0, 0]}], supercell: [2, 3, "
    "4]}\n"
    "potential: myp-cspbi3\n"
    "ensemble: {npt: {temperature: 634 K, pressure: 1 bar, coupling: aniso}}\n"
    "run: {barostat: 3 ps}\n";

std::string crystal_error(const std::string& from, const std::string& to) {
  std::string text = perovskite;
  text.replace(text.find(from), from.size(), to);
  try {
    static_cast<void>(decode_model(parse_yaml(text, "x.yaml"), "x.yaml"));
  } catch (const Error& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

TEST(Model, OfACrystalWithSitesAtConstantPressure) {
  const auto model = decode_model(parse_yaml(perovskite, "x.yaml"), "x.yaml");
  EXPECT_EQ(model.structure.a, 6);
  EXPECT_EQ(model.structure.sites.size(), 2u);
  EXPECT_EQ(model.structure.sites[1].element, "I");
  EXPECT_EQ(model.structure.sites[1].at[0], 0.5);
  EXPECT_EQ(model.pressure_bar, 1);
  EXPECT_EQ(model.coupling, "aniso");
  EXPECT_EQ(model.run.barostat_ps, 3);
  const auto again = decode_model(encode_model(model), "again");
  EXPECT_EQ(encode_model(again), encode_model(model));
  EXPECT_EQ(again.structure.cell, model.structure.cell);
  EXPECT_EQ(again.pressure_bar, model.pressure_bar);
}

TEST(Model, MistakesOfItsCrystalAreNamedWithTheirLine) {
  EXPECT_THAT(crystal_error("[0 Å, 6 Å, 0 Å], ", ""),
              HasSubstr("x.yaml:3: cell: expected three axes"));
  EXPECT_THAT(crystal_error("[0 Å, 6 Å, 0 Å]", "[0 Å, 6 Å]"), HasSubstr("three lengths an axis"));
  EXPECT_THAT(crystal_error("[0 Å, 6 Å, 0 Å]", "[0 Å, 6, 0 Å]"), HasSubstr("no unit"));
  EXPECT_THAT(crystal_error("at: [0.5, 0, 0]", "at: [0.5, 0]"), HasSubstr("at: 2 numbers"));
  EXPECT_THAT(crystal_error("element: I", "elements: I"), HasSubstr("element"));
  EXPECT_THAT(crystal_error("coupling: aniso", "coupling: any"), HasSubstr("aniso"));
  EXPECT_THAT(crystal_error("npt: {temp", "nvt: {temperature: 1 K}, npt: {temp"),
              HasSubstr("stands beside nvt"));
}

TEST(Model, ComesBackEqual) {
  for (const auto& model : {full_model(), read_model(data + "/model.yaml")}) {
    const Value document = encode_model(model);
    const auto back = decode_model(parse_yaml(dump_yaml(document), "x"), "x");
    EXPECT_EQ(dump_json(encode_model(back)), dump_json(document));
  }
  const auto back = decode_model(encode_model(full_model()), "x");
  EXPECT_EQ(back.seed, full_model().seed);
  EXPECT_EQ(back.tolerance.at("chi_r:2.8-3.6").value, 1.0 / 3);
  EXPECT_EQ(back.tolerance.at("sigma2:Cu-Cu.1").value, 0.07);
  EXPECT_EQ(back.free[1].prior_sigma, 30);
  EXPECT_EQ(back.history[0].parameters.at("a"), 3.6123456789012345);
}

TEST(Model, AnyPercentageComesBackExactly) {
  auto model = full_model();
  for (int i = 1; i < 2000; ++i) {
    model.tolerance = {{"r:Cu-Cu.1", {i / 1999.0, "", true}}};
    EXPECT_EQ(decode_model(encode_model(model), "x").tolerance.at("r:Cu-Cu.1").value, i / 1999.0);
  }
}

TEST(Model, TemperaturesInCelsiusAndTheirUncertainties) {
  const auto model = decode_model(
      parse_yaml(changed("model.yaml", "value: 295 K, sigma: 3 K", "value: 22 °C, sigma: 3 °C"),
                 "x"),
      "x");
  EXPECT_DOUBLE_EQ(*model.temperature, 295.15);
  EXPECT_DOUBLE_EQ(model.temperature_sigma, 3);
}

TEST(Model, RawEngineInputIsNotAccepted) {
  for (const char* key : {"script", "shell", "pair_style", "Commands"})
    EXPECT_THAT(model_error("seed: 1", std::string(key) + ": shell rm -rf x"),
                HasSubstr("raw engine input"));
  EXPECT_THAT(model_error("replicas: 2,", "replicas: 2, script: x,"),
              HasSubstr("raw engine input"));
  EXPECT_THAT(model_error("lattice: fcc", "lattice: \"fcc\\nshell rm\""), HasSubstr("control"));
  EXPECT_THAT(model_error("element: Cu", "element: Cu; shell rm"), HasSubstr("no name"));
  EXPECT_THAT(model_error("Cu_zhou", "../../etc/passwd"), HasSubstr("no name"));
  EXPECT_THAT(model_error("Cu_zhou", "$(id)"), HasSubstr("no name"));
}

TEST(Model, MistakesAreNamed) {
  EXPECT_EQ(model_error("supercell: [4, 4, 4]", "supercell: [4, 4]"),
            "x.yaml:4: supercell: 2 numbers, expected 3");
  EXPECT_THAT(model_error("budget", "budgte"), HasSubstr("budgte: unknown; perhaps budget"));
  EXPECT_THAT(model_error("bounds: [3.5 Å, 3.8 Å]", "bounds: [3.8 Å, 3.5 Å]"),
              HasSubstr("lower bound"));
  EXPECT_THAT(model_error("start: 3.615 Å", "start: 3.9 Å"), HasSubstr("outside"));
  EXPECT_THAT(model_error("  a: {start", "  b: {start"), HasSubstr("can't vary"));
  EXPECT_THAT(model_error("n:Cu-Cu.1, chi_r", "r:Cu-Cu.1, chi_r"), HasSubstr("in fit_to too"));
  EXPECT_THAT(model_error("timestep: 4 fs", "timestep: 4"), HasSubstr("no unit"));
  EXPECT_THAT(model_error("{r:Cu-Cu.1: 0.01 Å", "{r:Cu-Cu.1: 0.01"), HasSubstr("no unit"));
  EXPECT_THAT(model_error("{r:Cu-Cu.1: 0.01 Å", "{r:Cu-Cu.1: 0.01 K"), HasSubstr("temperature"));
  EXPECT_THAT(model_error("budget: 8", "budget: 0"), HasSubstr("expected 1"));
}

TEST(Model, AMissingFileIsNoInput) {
  try {
    (void)read_model("/nowhere/model.yaml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::no_input);
  }
}

TEST(Policy, IsReadWhole) {
  const auto policy = read_policy(data + "/policy.yaml");
  EXPECT_EQ(policy.watch.size(), 3u);
  EXPECT_EQ(policy.false_alarms, 0.05);
  EXPECT_EQ(policy.modes.at("quiet").every_seconds, 600);
  EXPECT_EQ(policy.modes.at("track").scan, "exafs-quick");
  EXPECT_EQ(policy.track, "track");
  EXPECT_EQ(policy.ttl_seconds, 60);
  EXPECT_EQ(policy.command_file, "rate.yaml");
}

TEST(Policy, MistakesAreNamed) {
  EXPECT_THAT(policy_error("safe_mode: quiet", "safe_mode: quite"), StartsWith("x.yaml:"));
  EXPECT_THAT(policy_error("track: track", "track: trak"), HasSubstr("perhaps track"));
  EXPECT_THAT(policy_error("every: 1 min", "every: 1"), HasSubstr("no unit"));
  EXPECT_THAT(policy_error("every: 1 min", "every: 0 s"), HasSubstr("more than 0"));
  EXPECT_THAT(policy_error("5 %", "150 %"), HasSubstr("false_alarms"));
  EXPECT_THAT(policy_error("false_alarms: 5 %", "false_alarms: {per: 10 s}"), HasSubstr("samples"));
  EXPECT_THAT(policy_error("watch: [n:Cu-Cu.1, r", "watch: [r:Cu-Cu.1, r"), HasSubstr("twice"));
}

}  // namespace
}  // namespace twin::stream::documents_test
