// SPDX-License-Identifier: GPL-3.0-or-later
// What recipes say beside the copper foil's, which is in documents_test.cpp.
#include <gmock/gmock.h>

#include "core/error.h"
#include "message_of.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::stream::recipe_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Recipe, OfFluorescenceSaysHowItIsDetectedAndPutRight) {
  const auto recipe = decode_recipe(
      parse_yaml("{format: twin-recipe/1, edge: Pb L3, mu: fluorescence,"
                 " columns: {energy: 1, i0: 2, it: 3, ir: 4, if: [5, 6], energy_unit: eV,"
                 "   dead_time: {tau: [1.2 µs, 900 ns], time: 7}},"
                 " sample: {formula: CsPbI3, angle_in: 30, angle_out: 60 deg},"
                 " deglitch: {threshold: 6, remove: [[13050, 13052]]}, energy: {to: 13035},"
                 " rebin: true, merge: {by: period, expect: 3}, self_absorption: fluo,"
                 " reduce: {e0: reference, nvict: 2, method: mback}}",
                 "x"),
      "x.yaml");
  EXPECT_EQ(recipe.columns.signal, "fluorescence");
  EXPECT_THAT(recipe.columns.fluorescence, ElementsAre("5", "6"));
  ASSERT_TRUE(recipe.columns.dead_time);
  EXPECT_THAT(recipe.columns.dead_time->tau,
              ElementsAre(testing::DoubleNear(1.2e-6, 1e-20), testing::DoubleNear(9e-7, 1e-20)));
  EXPECT_EQ(recipe.columns.dead_time->time, "7");
  EXPECT_EQ(recipe.sample.angle_in, 30);
  EXPECT_NEAR(recipe.sample.angle_out, 60, 1e-12);
  EXPECT_THAT(recipe.deglitch->remove, ElementsAre(testing::Pair(13050, 13052)));
  EXPECT_EQ(recipe.energy->to, 13035);
  EXPECT_TRUE(recipe.rebin);
  EXPECT_EQ(recipe.merge->expect, 3);
  EXPECT_EQ(recipe.self_absorption->method, "fluo");
  EXPECT_EQ(recipe.reduce.e0_from, "reference");
  EXPECT_EQ(recipe.reduce.nvict, 2);
  EXPECT_EQ(recipe.reduce.method, "mback");
}

TEST(Recipe, WithAthenasDefaultsDiffersFromLarchs) {
  const auto with = [](const std::string& more) {
    return decode_recipe(parse_yaml("{format: twin-recipe/1, edge: Cu K" + more + "}", "x"), "x");
  };
  const auto larch = with(""), athena = with(", defaults: athena");
  EXPECT_EQ(larch.autobk.kweight, 1);
  EXPECT_EQ(larch.autobk.clamp_hi, 1);
  EXPECT_FALSE(larch.reduce.pre1);
  EXPECT_EQ(athena.autobk.kweight, 2);
  EXPECT_EQ(athena.autobk.clamp_hi, 24);
  EXPECT_EQ(athena.autobk.nclamp, 5);
  EXPECT_EQ(athena.reduce.pre1, -150);
  EXPECT_EQ(athena.reduce.before_end, 100);
  EXPECT_EQ(with(", defaults: athena, reduce: {norm2: 600}").reduce.norm2, 600);
  EXPECT_FALSE(with(", defaults: athena, reduce: {norm2: 600}").reduce.before_end);
}

TEST(Recipe, OfAGeneralFitTiesPathsByExpressions) {
  const auto recipe = decode_recipe(
      parse_yaml(
          "{format: twin-recipe/1, edge: Pb L3, feff: {structure: PbI2.cif, site: Pb1},"
          " standard: {measurement: pbI2.xdi, structure: PbI2.cif, gives: [s02, de0]},"
          " fit: {space: q, dr: 0.2, epsilon_k: 1e-3},"
          " parameters: {alpha: {value: 0, bounds: [-0.1, 0.1], prior: [0, 0.01]},"
          "   theta: {value: 200, unit: K, each: true}, strain: {expr: 3*alpha, unit: ''}},"
          " restraints: [{expr: 'r:Pb-I.1*100', value: 0, sigma: 1}], joint: {scans: [a, b]},"
          " paths: [{name: Pb-I.1, n: 6, r: {expr: reff*(1+alpha)},"
          "   sigma2: {expr: 'einstein(T, theta)'}, c4: {free: true}},"
          "   {name: ms, index: 4}, {name: own, file: feff0001.dat}]}",
          "x"),
      "folder/x.yaml");
  EXPECT_EQ(recipe.feff.structure, "folder/PbI2.cif");
  EXPECT_EQ(recipe.feff.site, "Pb1");
  EXPECT_EQ(recipe.standard->scan, "folder/pbI2.xdi");
  EXPECT_TRUE(recipe.standard->file);
  EXPECT_EQ(recipe.fit.space, "q");
  EXPECT_EQ(recipe.fit.dr, 0.2);
  EXPECT_EQ(recipe.fit.epsilon_k, 1e-3);
  ASSERT_EQ(recipe.parameters.size(), 3u);
  EXPECT_EQ(recipe.parameters[0].prior->sigma, 0.01);
  EXPECT_TRUE(recipe.parameters[1].each);
  EXPECT_EQ(recipe.parameters[2].expression, "3*alpha");
  EXPECT_FALSE(recipe.parameters[2].free);
  EXPECT_EQ(recipe.restraints.at(0).expression, "r:Pb-I.1*100");
  EXPECT_THAT(recipe.joint->scans, ElementsAre("a", "b"));
  EXPECT_EQ(recipe.paths.at(0).sigma2.expression, "einstein(T, theta)");
  EXPECT_TRUE(recipe.paths.at(0).c4.free);
  EXPECT_EQ(recipe.paths.at(1).index, 4);
  EXPECT_EQ(recipe.paths.at(2).file, "folder/feff0001.dat");
}

TEST(Recipe, OfXanesNamesItsStandards) {
  const auto recipe = decode_recipe(
      parse_yaml("{format: twin-recipe/1, edge: V K, xanes: {"
                 " lcf: {standards: [{name: V2O5, file: V2O5.xdi, valence: 5},"
                 "   {name: V2O3, file: V2O3.xdi, valence: 3}], range: [-30, 80], slope: false},"
                 " prepeaks: {baseline_range: [5452, 5479], peak_range: [5463, 5474], peaks: 2},"
                 " white_line: true, series: {components: 2, mcr: true}}}",
                 "x"),
      "x.yaml");
  ASSERT_TRUE(recipe.xanes.lcf);
  EXPECT_EQ(recipe.xanes.lcf->standards.at(1).valence, 3);
  EXPECT_EQ(recipe.xanes.lcf->emin, -30);
  EXPECT_FALSE(recipe.xanes.lcf->slope);
  EXPECT_EQ(recipe.xanes.prepeaks->ehi, 5474);
  EXPECT_EQ(recipe.xanes.prepeaks->peaks, 2);
  EXPECT_TRUE(recipe.xanes.white_line);
  EXPECT_TRUE(recipe.xanes.series->mcr);
}

TEST(Recipe, MistakesInNewPlacesAreNamed) {
  const auto error = [](const std::string& more) {
    const std::string text = "{format: twin-recipe/1, edge: Pb L3, " + more + "}";
    try {
      static_cast<void>(decode_recipe(parse_yaml(text, "x.yaml"), "x.yaml"));
    } catch (const Error& mistake) {
      EXPECT_EQ(mistake.cause(), Cause::configuration) << mistake.what();
      return std::string(mistake.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error("columns: {i0: 1, it: 2, if: 3}"), HasSubstr("mu: columns would do"));
  EXPECT_THAT(error("mu: yield, columns: {i0: 1, it: 2}"),
              HasSubstr("columns has nothing for yield, which is made of i0 and yield; it has what "
                        "makes transmission"));
  EXPECT_THAT(error("columns: {i0: 1, it: 2}, self_absorption: fluo, sample: {formula: PbI2}"),
              HasSubstr("self_absorption: is of fluorescence, and µ is made of transmission"));
  EXPECT_THAT(error("columns: {i0: 1, if: 3, dead_time: {tau: [1 µs, 2 µs]}}"),
              HasSubstr("one for each fluorescence channel"));
  EXPECT_THAT(error("columns: {i0: 1, if: 3, dead_time: {tau: 1}}"), HasSubstr("no unit"));
  EXPECT_THAT(error("self_absorption: fluo"), HasSubstr("formula"));
  EXPECT_THAT(error("sample: {angle_in: 120}"), HasSubstr("at most 90"));
  EXPECT_THAT(error("energy: {to: 1, shift: 2}"), HasSubstr("expected one of"));
  EXPECT_THAT(error("paths: [{name: a, file: x.dat, n: {expr: a, free: true}}]"),
              HasSubstr("takes the place"));
  EXPECT_THAT(error("paths: [{name: Pb-I.1}]"), HasSubstr("feff: is missing"));
  const auto of_standard = decode_recipe(
      parse_yaml("{format: twin-recipe/1, edge: Pb L3, paths: [{name: Pb-I.1, n: {free: true}}],"
                 " standard: {measurement: pbI2.xdi, structure: PbI2.cif, gives: [s02]}}",
                 "x"),
      "x.yaml");
  EXPECT_EQ(of_standard.feff.structure, "PbI2.cif");
  EXPECT_THAT(error("parameters: {a: {value: 1, prior: [0, 0]}}"), HasSubstr("more than 0"));
  EXPECT_THAT(error("parameters: {a: {expr: 2*b, value: 1}}"), HasSubstr("value: and expr are"));
  EXPECT_THAT(error("parameters: {a: {expr: 2*b, free: true}}"), HasSubstr("free: and expr are"));
  EXPECT_THAT(error("parameters: {a: {expr: ' '}}"), HasSubstr("expr: is empty"));
  EXPECT_THAT(error("parameters: {a: {value: 3, bounds: [0, 1]}}"),
              HasSubstr("outside its bounds"));
  EXPECT_THAT(error("restraints: [{expr: '', value: 0, sigma: 1}]"), HasSubstr("expr: is empty"));
  EXPECT_THAT(error("joint: {scans: [a]}"), HasSubstr("two scans"));
  EXPECT_THAT(error("xanes: {lcf: {standards: []}}"), HasSubstr("standards"));
  EXPECT_THAT(error("xanes: {prepeaks: {baseline_range: [5001, 5004], peak_range: [5002, 5005]}}"),
              HasSubstr("not inside"));
  EXPECT_THAT(error("columns: {mu: 2, pixels: {polynomial: [1]}}"), HasSubstr("two coefficients"));
}

// Whoever reads a recipe, and on the line where the number stands.
TEST(Recipe, NumbersThatNoSpectrumHasAreRefused) {
  const auto error = [](const std::string& section) {
    const std::string text = "format: twin-recipe/1\nedge: Pb L3\n" + section;
    return message_of(
        [&] { static_cast<void>(decode_recipe(parse_yaml(text, "x.yaml"), "x.yaml")); },
        Cause::configuration);
  };
  EXPECT_THAT(
      error("reduce:\n  pre1: -100\n  pre2: 30\n"),
      HasSubstr("x.yaml:5: pre2: 30; expected -20000 to 0 eV; the pre-edge range lies below "
                "the edge, in eV from E0"));
  EXPECT_THAT(error("reduce: {pre1: 20, pre2: 60}\n"), HasSubstr("x.yaml:3: pre1: 20; expected"));
  EXPECT_THAT(error("reduce:\n  norm1: -40\n"), HasSubstr("x.yaml:4: norm1: -40; expected 0 to"));
  EXPECT_THAT(error("reduce: {norm2: -100}\n"), HasSubstr("norm2: -100; expected 1 to"));
  EXPECT_THAT(error("reduce: {norm1: 300, norm2: 100}\n"), HasSubstr("norm2: is not above norm1"));
  EXPECT_THAT(error("scans:\n  a:\n    reduce:\n      pre2: 5\n"), HasSubstr("x.yaml:6: pre2: 5"));
  EXPECT_THAT(error("autobk:\n  rbkg: 100\n"), HasSubstr("x.yaml:4: rbkg: 100"));
  EXPECT_EQ(error("reduce: {pre1: -100, pre2: 0, norm1: 0, norm2: 1}\n"), "no error");
  EXPECT_THAT(error("fit: {kmin: 0}\n"), HasSubstr("kmin: 0; expected 0.05 to 40"));
  EXPECT_THAT(error("fit: {kweights: [2, 1, 2]}\n"), HasSubstr("kweights: 2 stands twice"));
  EXPECT_THAT(error("fit: {window: kaiser, dk: 0}\n"),
              HasSubstr("dk: 0 makes a window kaiser of nothing"));
  EXPECT_THAT(error("fit: {space: q, rwindow: gaussian, dr: 0.01}\n"),
              HasSubstr("dr: 0.01 makes a window gaussian of nothing"));
  EXPECT_THAT(error("autobk: {window: gaussian, dk: 0}\n"), HasSubstr("dk: 0 makes a window"));
  EXPECT_THAT(error("bands: [2-3, 900-999]\n"), HasSubstr("bands: expected as in 2.8-3.6 (Å)"));
  EXPECT_THAT(error("bands: [2-3, 2.0-3.0]\n"), HasSubstr("bands: 2.0-3.0 stands twice"));
  EXPECT_THAT(error("bands: [2.5-2.51]\n"), HasSubstr("narrower than the steps of R"));
  EXPECT_THAT(error("standard: {s02: 0.9, s02_sigma: -0.1}\n"),
              HasSubstr("s02_sigma: is negative"));
  EXPECT_THAT(error("standard: {s02: 1e-30}\n"), HasSubstr("s02: 1e-30; expected 0.01 to 100"));
  const std::string path = "paths:\n  - name: a\n    file: f\n    ";
  EXPECT_THAT(error(path + "sigma2: -1\n"), HasSubstr("x.yaml:6: sigma2: -1; expected 0 to 1 Å²"));
  EXPECT_THAT(error(path + "r: {value: 250 pm, free: true}\n"), HasSubstr("no error"));
  EXPECT_THAT(error(path + "r: {value: 250, free: true}\n"), HasSubstr("r: 250; expected 0.5 to"));
  EXPECT_THAT(error(path + "e0: 1e6\n"), HasSubstr("e0: 1e+06; expected -100 to 100 eV"));
  EXPECT_THAT(error(path + "n: 1\nvariants: {v: {}}\n"), HasSubstr("name nothing"));
  EXPECT_THAT(error(path + "n: 1\nvariants: {v: {free: ['n:a'], fixed: ['n:a']}}\n"),
              HasSubstr("n:a can't be free and fixed"));
  EXPECT_THAT(error("parameters: {a: {value: 1, unit: parsec}}\n"),
              HasSubstr("unit: unknown unit \"parsec\""));
}

}  // namespace
}  // namespace twin::stream::recipe_test
