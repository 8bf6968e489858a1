// SPDX-License-Identifier: GPL-3.0-or-later
// twin-model(5): other structures, vacancies, strain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "record/model.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace twin::stream;

namespace model_structures_test {
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace {

const std::string discrete =
    "format: twin-model/1\nname: cspbi3\n"
    "structure: {cif: cubic.cif, supercell: [4, 4, 4], tilts: {pattern: \"0-+\", angles: [0 deg, 9 "
    "deg, 0.1 rad]}, vacancies: {I: {fraction: 2 %, move: "
    "remove-pair}}, arrangement: 3}\n"
    "alternatives:\n  - {name: delta, cif: delta.cif, supercell: [2, 4, 1]}\n"
    "  - {name: cell, data: cell.data}\n"
    "  - {name: complex, complex: {centre: Pb, ligands: [{element: I, count: 4, at: 3.2 Å}], box: "
    "30 "
    "Å}}\n"
    "alternative: delta\n"
    "potential: {any_of: [myp-cspbi3, other]}\n"
    "ensemble: {nvt: {temperature: 634 K}}\n"
    "free:\n  strain: {bounds: [-0.02, 0.02], prior: {mean: 0, sigma: 0.005}}\n"
    "  vacancy_I: {bounds: [0, 0.05], move: remove-pair}\n"
    "  A_Cs-I: {bounds: [0.8, 1.25]}\n"
    "run: {starts: 2}\n";

std::string with_transition(const std::string& text) {
  std::string out = discrete;
  return out.insert(out.find("potential: {any_of"), "transitions:\n  - {" + text + "}\n");
}

std::string transition_error(const std::string& text) {
  try {
    (void)decode_model(parse_yaml(with_transition(text), "x.yaml"), "x.yaml");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Model, SaysWhichTransitionsItExpects) {
  const auto model = decode_model(
      parse_yaml(with_transition("from: delta, to: structure, at: {mean: 320 °C, sigma: 10 °C}, "
                                 "width: {mean: 7 K, sigma: 2 K}"),
                 "x.yaml"),
      "x.yaml");
  ASSERT_EQ(model.transitions.size(), 1u);
  const auto& one = model.transitions[0];
  EXPECT_EQ(one.from, "delta");
  EXPECT_EQ(one.to, "structure");
  EXPECT_EQ(one.in, "temperature");
  EXPECT_EQ(one.unit, "K");
  EXPECT_TRUE(one.rising);
  EXPECT_NEAR(one.at, 593.15, 1e-9);
  EXPECT_NEAR(one.at_sigma, 10, 1e-9);
  EXPECT_EQ(one.width, 7);
  EXPECT_EQ(encode_model(decode_model(encode_model(model), "again")), encode_model(model));
  EXPECT_EQ(record::structure_of("delta:myp-cspbi3"), "delta");
  EXPECT_EQ(record::structure_of("myp-cspbi3"), record::own_structure);
}

TEST(Model, SaysWhatIsWrongWithATransition) {
  const std::string rest = "at: {mean: 600 K, sigma: 10 K}, width: {mean: 7 K, sigma: 2 K}";
  for (const auto& [text, word] : {
           std::pair<std::string, std::string>{"from: delt, to: structure, " + rest,
                                               "perhaps delta"},
           {"from: delta, to: delta, " + rest, "another structure"},
           {"from: delta, to: cell, when: sometimes, " + rest, "when"},
           {"from: delta, to: cell, at: {mean: 600 K, sigma: 0 K}, width: {mean: 7 K, sigma: 2 K}",
            "sigma"},
           {"from: delta, to: cell, at: {mean: 600, sigma: 10 K}, width: {mean: 7 K, sigma: 2 K}",
            "unit"},
           {"from: delta, to: cell, at: {mean: 600 K, sigma: 10 K}, width: {mean: 0 K, sigma: 1 K}",
            "mean"},
           {"from: delta, to: cell, at: {mean: 600 K, sigma: 10 K}, width: {mean: 3 eV, sigma: 1 "
            "K}",
            "eV"},
           {"from: delta, to: cell, at: {mean: 600 K}, width: {mean: 3 K, sigma: 1 K}", "sigma"},
           {"from: delta, to: cell, in: charge, at: {mean: 0.5, sigma: 1 K}, width: {mean: 3 K, "
            "sigma: 1 K}",
            "K"},
           {"from: delta, to: cell, until: now, " + rest, "until"},
       })
    EXPECT_THAT(transition_error(text), AllOf(HasSubstr(word), HasSubstr("x.yaml:"))) << text;
}

TEST(Model, OfOtherStructuresVacanciesAndStrain) {
  const auto model = decode_model(parse_yaml(discrete, "x.yaml"), "x.yaml");
  ASSERT_EQ(model.alternatives.size(), 3u);
  EXPECT_EQ(model.alternatives[0].structure.cif, "delta.cif");
  EXPECT_EQ(model.alternatives[1].structure.data, "cell.data");
  EXPECT_EQ(model.alternatives[1].structure.supercell[0], 1);
  EXPECT_EQ(model.alternatives[2].structure.complex.ligands.at(0).count, 4);
  EXPECT_EQ(model.alternative, "delta");
  EXPECT_EQ(model.structure.vacancies.at(0).fraction, 0.02);
  EXPECT_EQ(model.structure.arrangement, 3);
  EXPECT_EQ(model.structure.tilts.pattern, "0-+");
  EXPECT_NEAR(model.structure.tilts.angles[1], 0.157079632679, 1e-9);
  EXPECT_EQ(model.free.at(0).value, 0);
  EXPECT_EQ(model.free.at(0).prior_sigma, 0.005);
  EXPECT_EQ(model.free.at(1).value, 0.02);  // as the structure has it
  EXPECT_EQ(model.free.at(1).move, "remove-pair");
  EXPECT_EQ(model.free.at(2).value, 1);  // a factor of the potential's own number
  EXPECT_EQ(model.run.starts, 2);
  EXPECT_EQ(encode_model(decode_model(encode_model(model), "again")), encode_model(model));
  EXPECT_EQ(record::running(model).structure.cif, "delta.cif");
  auto later = model;  // as twin-match writes it
  later.history.emplace_back().alternative = "delta:other";
  EXPECT_EQ(decode_model(encode_model(later), "x").history.at(0).alternative, "delta:other");
  EXPECT_EQ(record::alternatives_of(model)[3], "delta:other");
}

TEST(Model, OfOtherStructuresIsRefusedWithItsLine) {
  const auto error = [](const std::string& from, const std::string& to) {
    std::string text = discrete;
    text.replace(text.find(from), from.size(), to);
    try {
      static_cast<void>(decode_model(parse_yaml(text, "x.yaml"), "x.yaml"));
    } catch (const Error& caught) {
      return std::string(caught.what());
    }
    return std::string("(nothing was thrown)");
  };
  EXPECT_THAT(error("fraction: 2 %", "fraction: 40 %"),
              HasSubstr("x.yaml:3: fraction: expected 0"));
  EXPECT_THAT(error("move: remove-pair}}", "move: take}}"), HasSubstr("x.yaml:3: move: "));
  EXPECT_THAT(error("name: delta", "name: a/b"), HasSubstr("x.yaml:5: name: \"a/b\" is no name"));
  EXPECT_THAT(error("name: cell", "name: delta"),
              HasSubstr("x.yaml:6: name: delta is there twice"));
  EXPECT_THAT(error("alternative: delta", "alternative: delt"), HasSubstr("perhaps delta"));
  EXPECT_THAT(error("data: cell.data", "data: cell.data, cif: x.cif"), HasSubstr("beside cif"));
  EXPECT_THAT(error("count: 4", "count: 7"), HasSubstr("x.yaml:7: count: "));
  EXPECT_THAT(error("bounds: [0, 0.05]", "bounds: [0, 0.5]"),
              HasSubstr("fractions from 0 to 0.25"));
  EXPECT_THAT(error("[-0.02, 0.02]", "[-0.02, 0.02], move: remove"), HasSubstr("move: unknown"));
  EXPECT_THAT(error("[0.8, 1.25]", "[0, 1.25]"), HasSubstr("expected factors above 0"));
  EXPECT_THAT(error("A_Cs-I:", "A_CsI:"), HasSubstr("as A_Cs-I, can"));
  EXPECT_THAT(error("vacancy_I:", "vacancy_:"), HasSubstr("can't vary"));
  EXPECT_THAT(error("vacancy_I:", "composition_Br:"), HasSubstr("expected fraction_ with"));
  EXPECT_THAT(error("vacancy_I:", "fraction_:"), HasSubstr("can't vary"));
  EXPECT_THAT(error("A_Cs-I:", "A_-I:"), HasSubstr("can't vary"));
  EXPECT_THAT(error("0-+", "0-*"), HasSubstr("x.yaml:3: pattern: expected three of"));
  EXPECT_THAT(error("9 deg", "90 deg"), HasSubstr("x.yaml:3: angles: expected -20 to 20 deg"));
  EXPECT_THAT(error("starts: 2", "starts: 3"), HasSubstr("starts"));
}

const std::string mixture =
    "format: twin-model/1\nname: mixture\n"
    "structure: {lattice: fcc, element: Cu, a: 3.6 Å, substitutions: {Cu: {by: Ni, fraction: 25 "
    "%}}}\n"
    "alternatives:\n  - {name: ordered, lattice: fcc, element: Ni, a: 3.6 Å, substitutions: "
    "{Ni: {by: Cu, fraction: 1}, Cu: {by: Ni, fraction: 0}}}\n"
    "potential: CuNi\nensemble: {nvt: {temperature: 300 K}}\n"
    "free:\n  fraction_Ni: {bounds: [0, 1]}\n";

std::string mixture_error(const std::string& from, const std::string& to) {
  std::string text = mixture;
  text.replace(text.find(from), from.size(), to);
  try {
    static_cast<void>(decode_model(parse_yaml(text, "x.yaml"), "x.yaml"));
  } catch (const Error& caught) {
    return caught.what();
  }
  return "(nothing was thrown)";
}

TEST(Model, OfMixedCrystals) {
  const auto model = decode_model(parse_yaml(mixture, "x.yaml"), "x.yaml");
  ASSERT_EQ(model.structure.substitutions.size(), 1u);
  EXPECT_EQ(model.structure.substitutions[0].element, "Cu");
  EXPECT_EQ(model.structure.substitutions[0].by, "Ni");
  EXPECT_EQ(model.structure.substitutions[0].fraction, 0.25);
  EXPECT_EQ(model.alternatives.at(0).structure.substitutions.size(), 2u);
  EXPECT_EQ(model.free.at(0).value, 0.25);  // as the structure has it
  EXPECT_EQ(encode_model(decode_model(encode_model(model), "again")), encode_model(model));
}

TEST(Model, OfMixedCrystalsIsRefusedWithItsLine) {
  EXPECT_EQ(mixture_error("25 %", "100 %"), "(nothing was thrown)");
  EXPECT_THAT(mixture_error("25 %", "101 %"), HasSubstr("x.yaml:3: fraction: expected 0 to 1"));
  EXPECT_THAT(mixture_error("by: Ni, fraction: 25 %", "by: Ni"), HasSubstr("fraction"));
  EXPECT_THAT(mixture_error("by: Ni, ", ""), HasSubstr("x.yaml:3: by"));
  EXPECT_THAT(mixture_error("by: Ni", "by: Cu"), HasSubstr("by: Cu is what is there already"));
  EXPECT_THAT(mixture_error("by: Ni,", "by: Ni, move: remove,"), HasSubstr("move"));
  EXPECT_THAT(mixture_error("bounds: [0, 1]", "bounds: [-0.1, 1]"),
              HasSubstr("expected fractions from 0 to 1"));
  EXPECT_THAT(mixture_error("fraction_Ni:", "fraction_Ag:"),
              HasSubstr("x.yaml:9: fraction_Ag: no substitution by Ag is in structure; expected"));
  EXPECT_THAT(mixture_error("Cu: {by: Ni, fraction: 0}", "Cu: {by: Ag, fraction: 0}"),
              HasSubstr("no substitution by Ni is in alternative ordered"));
  EXPECT_THAT(mixture_error("25 %}}", "25 %}, Ag: {by: Ni, fraction: 0}}"),
              HasSubstr("2 substitutions by Ni are in structure; expected one"));
}

const std::string cell =
    "format: twin-model/1\nname: cell\n"
    "free:\n  diffusion: {start: 2e-3, bounds: [1e-4, 1e-2]}\n"
    "  thickness: {start: 10 nm, bounds: [0 Å, 500 Å], prior: {mean: 10 nm, sigma: 10 Å}}\n"
    "fit_to: [plateau]\ntolerance: {plateau: 2 %}\n";

std::string cell_error(const std::string& from, const std::string& to) {
  std::string text = cell;
  text.replace(text.find(from), from.size(), to);
  try {
    static_cast<void>(decode_model(parse_yaml(text, "x.yaml"), "x.yaml"));
  } catch (const Error& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

TEST(Model, WithoutAtomsHasParametersOfItsEngine) {
  const auto model = decode_model(parse_yaml(cell, "x.yaml"), "x.yaml");
  EXPECT_TRUE(model.structure.none());
  EXPECT_EQ(model.potentials, std::vector<std::string>{"cell"});
  ASSERT_EQ(model.free.size(), 2u);
  EXPECT_EQ(model.free[0].unit, "");
  EXPECT_EQ(model.free[1].unit, "nm");
  EXPECT_EQ(model.free[1].upper, 50);
  EXPECT_EQ(*model.free[1].prior_sigma, 1);
  const auto again = decode_model(encode_model(model), "again");
  EXPECT_EQ(encode_model(again), encode_model(model));
  EXPECT_EQ(again.free[1].unit, "nm");
}

TEST(Model, WithoutAtomsRefusesWhatIsOfAtoms) {
  EXPECT_THAT(cell_error("free:", "absorption: {edge: Cu K}\nfree:"), HasSubstr("structure"));
  EXPECT_THAT(cell_error("free:", "alternatives: []\nfree:"), HasSubstr("structure"));
  EXPECT_THAT(cell_error("free:", "Structure: {}\nfree:"), HasSubstr("structure"));
  EXPECT_THAT(cell_error("name: cell", "name: a:b"), HasSubstr("no name"));
  EXPECT_THAT(cell_error("start: 2e-3, ", ""), HasSubstr("x.yaml:4: start: is missing"));
  EXPECT_THAT(cell_error("0 Å, 500 Å", "0 K, 1 K"), HasSubstr("x.yaml:5: bounds"));
  EXPECT_THAT(cell_error("10 nm", "10 volts"), HasSubstr("x.yaml:5: start: "));
}

}  // namespace

TEST(Model, OfPhasesThatCoexist) {
  const std::string mixed =
      "format: twin-model/1\nname: mixed\nstructure: {cif: cubic.cif}\n"
      "phases:\n  - {name: delta, cif: delta.cif, supercell: [2, 4, 1], fraction: 30 %}\n"
      "  - {name: tetragonal, cif: tetragonal.cif}\n"
      "potential: myp-cspbi3\nensemble: {nvt: {temperature: 634 K}}\n"
      "free:\n  strain: {bounds: [-0.02, 0.02]}\n  fraction:delta: {bounds: [0, 1]}\n"
      "absorption: {edge: [Pb L3, I L3]}\nmeasure_with: [a.yaml, b.yaml]\n";
  const auto model = decode_model(parse_yaml(mixed, "x.yaml"), "x.yaml");
  ASSERT_EQ(model.phases.size(), 2u);
  EXPECT_EQ(model.phases[0].fraction, 0.3);
  EXPECT_EQ(model.phases[0].structure.supercell[1], 4);
  EXPECT_EQ(model.free.at(1).value, 0.3);  // as the phase has it
  EXPECT_EQ(record::shares_of(model), (std::vector<double>{0.7, 0.3, 0.0}));
  EXPECT_EQ(model.absorption.edge, "Pb L3");
  EXPECT_EQ(model.absorption.more_edges, (std::vector<std::string>{"I L3"}));
  EXPECT_EQ(model.measure_with, (std::vector<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_EQ(encode_model(decode_model(encode_model(model), "again")), encode_model(model));

  const auto error = [&](const std::string& from, const std::string& to) -> std::string {
    std::string text = mixed;
    text.replace(text.find(from), from.size(), to);
    try {
      static_cast<void>(decode_model(parse_yaml(text, "x.yaml"), "x.yaml"));
    } catch (const Error& failure) {
      return failure.what();
    }
    return "";
  };
  EXPECT_THAT(error("fraction:delta:", "fraction:delat:"), HasSubstr("fraction:delta"));
  EXPECT_THAT(error("name: tetragonal", "name: delta"), HasSubstr("there twice"));
  EXPECT_THAT(error("name: tetragonal", "name: structure"), HasSubstr("the model's own"));
  EXPECT_THAT(error("tetragonal.cif", "tetragonal.cif, fraction: 0.8"), HasSubstr("add up to 1.1"));
  EXPECT_THAT(error("30 %", "-0.1"), HasSubstr("0 to 1"));
  EXPECT_THAT(error("[0, 1]}", "[0, 1.5]}"), HasSubstr("0 to 1"));
  EXPECT_THAT(error("strain: {bounds: [-0.02, 0.02]}", "a: {start: 6 Å, bounds: [5 Å, 7 Å]}"),
              HasSubstr("expected strain"));
  EXPECT_THAT(error("absorption: {edge: [Pb L3, I L3]}\n", ""), HasSubstr("absorption"));
  EXPECT_THAT(error("[Pb L3, I L3]", "[Pb L3, Pb L3]"), HasSubstr("stands twice"));
  EXPECT_THAT(error("[a.yaml, b.yaml]", "[]"), HasSubstr("empty"));
}

}  // namespace model_structures_test
