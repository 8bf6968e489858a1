// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes that say something wrong, or two things: what the real tools make of them, and on which
// line they find it.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "core/constants.h"
#include "core/text.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace extract_recipe_test {
using record::Result;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

struct TwinExtractRecipe : Tools {
  Said extracted(const Words& files, const std::string& recipe, const Words& options = {}) {
    return extracted_by(recipe, files, options);
  }

  // What twin-extract says of a recipe that it refuses.
  std::string refusal(const std::string& recipe) {
    put("recipe.yaml", recipe);
    const auto said = run({"twin-extract", "--recipe", "recipe.yaml"});
    EXPECT_EQ(said.status, 78) << recipe << said.error;
    return said.error;
  }
};

const std::string head = "format: twin-recipe/1\nedge: Cu K\n";
const std::string ranges = "reduce: {pre1: -150, pre2: -30, norm1: 100, norm2: 400, nnorm: 1}\n";

double mu(double energy, double step) {
  const double above = energy - 8979.0;
  return 0.4 + step * (0.5 + std::atan(above / 1.5) / std::numbers::pi);
}

std::string table(const std::string& header, const std::function<std::string(double)>& row) {
  std::string out = header + "\n";
  for (double e = 8779; e < 9500; e += 1) out += shortest(e) + " " + row(e) + "\n";
  return out;
}

// Transmission has an edge step of 1, fluorescence one of 0.25.
std::string both_ways() {
  return table("# energy i0 itrans ifluor", [](double e) {
    return "1e6 " + shortest(1e6 * std::exp(-mu(e, 1))) + " " + shortest(1e6 * mu(e, 0.25));
  });
}

double step(const Said& said) {
  const auto found = all<Result>(said.out);
  if (found.size() != 1) {
    ADD_FAILURE() << said.error;
    return std::nan("");
  }
  return found[0].quantities.at("edge_step").value.value();
}

TEST_F(TwinExtractRecipe, MuDecidesWhichColumnsAreTheSamples) {
  put("a.dat", both_ways());
  EXPECT_NEAR(step(extracted({"a.dat"}, head + "mu: fluorescence\n" + ranges)), 0.25, 0.005);
  EXPECT_NEAR(step(extracted({"a.dat"}, head + "mu: transmission\n" + ranges)), 1, 0.02);
  const std::string columns = "columns: {energy: 1, i0: i0, it: itrans, if: ifluor}\n";
  EXPECT_NEAR(step(extracted({"a.dat"}, head + "mu: fluorescence\n" + columns + ranges)), 0.25,
              0.005);
  EXPECT_NEAR(step(extracted({"a.dat"}, head + "mu: transmission\n" + columns + ranges)), 1, 0.02);
  // Where nobody says, it is told which was taken.
  const auto silent = extracted({"a.dat"}, head + ranges);
  EXPECT_NEAR(step(silent), 1, 0.02);
  EXPECT_THAT(silent.error, HasSubstr("µ is that of transmission (itrans), and the file has "
                                      "fluorescence (ifluor) too; mu: fluorescence"));
  EXPECT_THAT(extracted({"a.dat"}, head + "mu: transmission\n" + ranges).error,
              Not(HasSubstr("fluorescence")));
}

TEST_F(TwinExtractRecipe, MuOfWhatTheFileLacksIsAFailureThatSaysSo) {
  put("a.dat", table("# energy i0 itrans",
                     [](double e) { return "1e6 " + shortest(1e6 * std::exp(-mu(e, 1))); }));
  const auto said = extracted({"a.dat"}, head + "mu: fluorescence\n");
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("a: which columns make µ of fluorescence can't be seen from "
                                    "their names (energy, i0, itrans); say columns: {energy: ..., "
                                    "i0: ..., fluorescence: ...}"));
  // What is put right of fluorescence can't be of transmission.
  const auto other =
      extracted({"a.dat"}, head + "sample: {formula: CuO}\nself_absorption: fluo\n" + ranges);
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.error, HasSubstr("recipe.yaml:4: self_absorption: is of fluorescence, and µ is "
                                     "made of transmission"));
}

TEST_F(TwinExtractRecipe, ContradictionsAreErrorsWithTheirLine) {
  const std::string it = "columns:\n  i0: i0\n  it: itrans\n";
  EXPECT_THAT(refusal(head + it + "mu: fluorescence\n"),
              HasSubstr("error: recipe.yaml:6: mu: columns has nothing for fluorescence, which is "
                        "made of i0 and fluorescence; it has what makes transmission"));
  EXPECT_THAT(refusal(head + it + "  if: ifluor\n"),
              HasSubstr("error: recipe.yaml:4: mu: columns would do for several; expected one of "
                        "transmission, fluorescence"));
  EXPECT_THAT(refusal(head + it + "sample: {formula: CuO}\nself_absorption: booth\n"),
              HasSubstr("error: recipe.yaml:7: self_absorption: is of fluorescence, and µ is made "
                        "of transmission"));
}

TEST_F(TwinExtractRecipe, MistakesOfPhysicsHaveTheirLine) {
  const std::string begin = "format: twin-recipe/1\n";
  EXPECT_THAT(refusal(begin + "name: x\nedge: Xx K\n"), HasSubstr("error: recipe.yaml:3: edge: "));
  EXPECT_THAT(refusal(begin + "edge: Cu K7\n"),
              HasSubstr("error: recipe.yaml:2: edge: 'K7' is no edge; expected K, L1, L2"));
  EXPECT_THAT(refusal(head + "sample:\n  angle_in: 40\n  formula: CsPbJ3\n"),
              HasSubstr("error: recipe.yaml:5: formula: "));
  const std::string paths =
      "paths:\n  - name: Cu-Cu.1\n    file: feff0001.dat\n    n: {free: true}\n    r:\n      "
      "expr: ";
  EXPECT_THAT(refusal(head + paths + "reff*(1+0.1\n"),
              HasSubstr("error: recipe.yaml:8: expr: r:Cu-Cu.1: position 12: ')' is missing"));
  EXPECT_THAT(refusal(head + "parameters:\n  alpha: {value: 0}\n" + paths + "reff*(1+alpa)\n"),
              HasSubstr("error: recipe.yaml:10: expr: r:Cu-Cu.1: position 9: 'alpa': unknown "
                        "name; perhaps alpha"));
  EXPECT_THAT(
      refusal(head + paths + "'2*r:Cu-Cu.2'\n"),
      HasSubstr(
          "error: recipe.yaml:8: expr: r:Cu-Cu.1: position 3: 'r:Cu-Cu.2': unknown name; perhaps "
          "r:Cu-Cu.1"));
  EXPECT_THAT(refusal(head + paths + "'2*r:Cu-Cu.1'\n"),
              HasSubstr("error: recipe.yaml:8: expr: the expression of r:Cu-Cu.1 comes back to "
                        "itself"));
  EXPECT_THAT(
      refusal(head + paths +
              "reff\nrestraints:\n  - {expr: 'n:Cu-Cu.1', value: 12, sigma: "
              "1}\n  - expr: n:Cu-O.1\n    value: 1\n    sigma: 1\n"),
      HasSubstr("error: recipe.yaml:11: expr: restraint 2: position 1: 'n:Cu-O.1': unknown name"));
  EXPECT_THAT(refusal(head + paths + "reff\nrestraints:\n  - {expr: n, value: 12, sigma: 1}\n"),
              HasSubstr("error: recipe.yaml:10: expr: restraint 1: reff, n, einstein() and debye() "
                        "are of a path"));
  EXPECT_THAT(refusal(head + "parameters:\n  a:\n    expr: b*2\n  b:\n    expr: a/2\n"),
              HasSubstr("comes back to itself"));
  EXPECT_THAT(refusal(head + "parameters:\n  a-b:\n    value: 1\n"),
              HasSubstr("error: recipe.yaml:5: a-b: a parameter has a name of letters"));
  EXPECT_THAT(refusal(head + paths + "reff\nvariants:\n  x:\n    free: [r:Cu-Cu.1]\n"),
              HasSubstr("error: recipe.yaml:11: x: r:Cu-Cu.1 follows from an expression"));
}

TEST_F(TwinExtractRecipe, FilesOfTheRecipeHaveItsLine) {
  EXPECT_THAT(run({"twin-extract", "--recipe", "nowhere.yaml"}).error, HasSubstr("nowhere.yaml"));
  put("recipe.yaml", head + "paths:\n  - {name: a, n: {free: true}, file: none.dat}\n");
  EXPECT_THAT(run({"twin-extract", "--recipe", "recipe.yaml"}).error,
              HasSubstr("error: recipe.yaml:4: file: none.dat: "));
  put("recipe.yaml", head + "xanes:\n  lcf:\n    standards:\n      - {name: a, file: none.dat}\n");
  EXPECT_THAT(run({"twin-extract", "--recipe", "recipe.yaml"}).error,
              HasSubstr("error: recipe.yaml:6: file: none.dat: "));
  put("recipe.yaml", head + "energy: {align: none.dat}\n");
  EXPECT_THAT(run({"twin-extract", "--recipe", "recipe.yaml"}).error,
              HasSubstr("error: recipe.yaml:3: align: none.dat: "));
}

TEST_F(TwinExtractRecipe, AShellThatTheCrystalLacksHasItsLine) {
  SKIP_WITHOUT("feff6l");
  EXPECT_THAT(refusal(head + "feff: {element: Cu, a: 3.61 Å, rmax: 3.5, legs: 2}\npaths:\n"
                             "  - {name: Cu-Cu.1, n: {free: true}}\n  - {name: Cu-O.1}\n"),
              HasSubstr("error: recipe.yaml:6: paths: path Cu-O.1: no O near enough"));
}

// A match reads the same recipe with the same eyes.
TEST_F(TwinExtractRecipe, TwinMatchRefusesWhatTwinExtractRefuses) {
  put("model.yaml", model());
  put("foil.jsonl", whole_stream(""));
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = recipe();
    text.replace(text.find(from), from.size(), to);
    put("recipe.yaml", text);
    const auto said = run({"twin-match", "--with", "foil.jsonl", "--scan", "a", "--model",
                           "model.yaml", "--engine", "cat"});
    EXPECT_EQ(said.status, 78) << said.error;
    return said.error;
  };
  EXPECT_THAT(refused("rbkg: 1.0", "rbkg: 100"),
              HasSubstr("twin-match: error: recipe.yaml:6: rbkg: 100; expected 0.1 to 6 Å"));
  EXPECT_THAT(refused("pre2: -30", "pre2: 30"),
              HasSubstr("twin-match: error: recipe.yaml:5: pre2: 30; expected"));
  EXPECT_THAT(refused("edge: Cu K", "edge: Cu Q"),
              HasSubstr("recipe.yaml:3: edge: 'Q' is no edge"));
}

TEST_F(TwinExtractRecipe, RestraintsNameParametersOfPaths) {
  SKIP_WITHOUT("feff6l");
  put("a.dat", columns());
  const auto r = [&](const std::string& more) {
    const auto said = extracted({"a.dat"}, recipe() + more);
    const auto found = all<Result>(said.out);
    EXPECT_EQ(found.size(), 1U) << said.error;
    return found.empty() ? Result{} : found[0];
  };
  const auto free = r("");
  const double own = free.quantities.at("r:Cu-Cu.1").value.value();
  const double wanted = own + 0.02;
  const auto held =
      r("restraints:\n  - {expr: 'r:Cu-Cu.1', value: " + shortest(wanted) +
        ", sigma: 1e-6}\nparameters:\n"
        "  a: {expr: 'r:Cu-Cu.1*sqrt(2)', unit: Å}\n  double: {expr: 2*a, unit: Å}\n");
  EXPECT_NEAR(held.quantities.at("r:Cu-Cu.1").value.value(), wanted, 1e-5);
  EXPECT_NEAR(held.quantities.at("a").value.value(), wanted * std::numbers::sqrt2, 2e-5);
  EXPECT_NEAR(held.quantities.at("double").value.value(), 2 * held.quantities.at("a").value.value(),
              1e-9);
  EXPECT_EQ(held.quantities.at("a").unit, "Å");
  EXPECT_GT(held.quantities.at("a").sigma_total(), 0);
  EXPECT_NEAR(held.quantities.at("a").sigma.value(),
              std::numbers::sqrt2 * held.quantities.at("r:Cu-Cu.1").sigma.value(), 1e-9);
}

// What S0² is not known to goes into what is fitted with n fixed.
TEST_F(TwinExtractRecipe, S02sUncertaintyReachesWhatIsFittedWithNFixed) {
  SKIP_WITHOUT("feff6l");
  put("a.dat", columns());
  const auto found = [&](double s02, double sigma) {
    std::string text = recipe() + "standard: {s02: " + shortest(s02) +
                       ", s02_sigma_sys: " + shortest(sigma) + "}\n";
    const std::string n = "n: {value: 12, free: true}";
    text.replace(text.find(n), n.size(), "n: 12");
    const auto said = extracted({"a.dat"}, text);
    const auto all_of = all<Result>(said.out);
    EXPECT_EQ(all_of.size(), 1U) << said.error;
    return all_of.empty() ? record::Quantity{0.0, 0.0, 0.0, "", "", {}}
                          : all_of[0].quantities.at("sigma2:Cu-Cu.1");
  };
  const double slope = (found(0.91, 0).value.value() - found(0.89, 0).value.value()) / 0.02;
  const double without = found(0.9, 0).sigma_sys.value();
  const double with = found(0.9, 0.1).sigma_sys.value();
  EXPECT_GT(std::abs(slope) * 0.1, 1e-3);
  EXPECT_NEAR(with, std::hypot(without, 0.1 * slope), 0.02 * with);
}

TEST_F(TwinExtractRecipe, AStepThatNothingElseTestsHasNoSystematicUncertainty) {
  put("long.dat", table("# energy mu", [](double e) { return shortest(mu(e, 1)); }));
  std::string rows = "# energy mu\n";
  for (double e = 8900; e < 9010; e += 0.5) rows += shortest(e) + " " + shortest(mu(e, 1)) + "\n";
  put("short.dat", rows);
  const auto said = extracted({"long.dat", "short.dat"}, head + "columns: {energy: 1, mu: 2}\n");
  const auto found = all<Result>(said.out);
  ASSERT_EQ(found.size(), 2U) << said.error;
  EXPECT_GT(found[0].quantities.at("edge_step").sigma_sys.value(), 0);
  EXPECT_FALSE(found[1].quantities.at("edge_step").sigma_sys);
}

}  // namespace

}  // namespace extract_recipe_test
