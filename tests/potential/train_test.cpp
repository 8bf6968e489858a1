// SPDX-License-Identifier: GPL-3.0-or-later
#include "potential/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "md/potentials.h"
#include "message_of.h"
#include "potential/gate.h"

namespace twin::potential::train_test {
namespace {

using record::Value;
using ::testing::HasSubstr;
using ::testing::Not;

Value base() {
  Value model(Value::Object{});
  model.set("descriptor", Value(Value::Object{{"rcut", 6.5}}));
  model.set("fitting_net", Value(Value::Object{}));
  Value out(Value::Object{});
  out.set("model", model);
  return out;
}

TrainingFrames frames() {
  TrainingFrames out;
  out.train = {"/data/train"};
  out.validate = {"/data/valid"};
  out.elements = {"Pb", "I"};
  out.count = 12;
  out.volume_min = 45;
  out.volume_max = 58;
  out.source = "12 frames of data";
  return out;
}

Training training() {
  return {.name = "dp", .folder = "/somewhere", .members = 2, .steps = 500, .seed = 3};
}

TEST(TrainingInput, MembersDifferByTheirSeedsAlone) {
  const auto at = [](const Value& input, std::initializer_list<const char*> path) {
    const Value* value = &input;
    for (const char* key : path) value = value->find(key);
    return *value;
  };
  Value one = training_input(base(), frames(), training(), 0);
  Value other = training_input(base(), frames(), training(), 1);
  EXPECT_EQ(at(one, {"model", "type_map"}), Value(Value::Array{"Pb", "I"}));
  EXPECT_EQ(at(one, {"training", "numb_steps"}), Value(500));
  EXPECT_EQ(at(one, {"training", "training_data", "systems"}), Value(Value::Array{"/data/train"}));
  EXPECT_EQ(at(one, {"training", "validation_data", "systems"}),
            Value(Value::Array{"/data/valid"}));
  EXPECT_EQ(at(one, {"model", "descriptor", "rcut"}), Value(6.5));
  EXPECT_FALSE(one == other);
  for (Value* input : {&one, &other}) {
    input->find("model")->find("descriptor")->erase("seed");
    input->find("model")->find("fitting_net")->erase("seed");
    input->find("training")->erase("seed");
  }
  EXPECT_TRUE(one == other);
  EXPECT_TRUE(training_input(base(), frames(), training(), 1) ==
              training_input(base(), frames(), training(), 1));
}

TEST(TrainingInput, NeedsAModel) {
  EXPECT_THAT(
      message_of([] { (void)training_input(Value(Value::Object{}), frames(), training(), 0); },
                 Cause::configuration),
      HasSubstr("no mapping 'model'"));
}

/// As DeePMD-kit 3.2.0 prints it, for one of two systems and for both.
const std::string tested =
    "[2026-11-29 16:06:53,426] DEEPMD INFO    # testing system : data/valid\n"
    "[2026-11-29 16:06:53,426] DEEPMD INFO    Energy RMSE        : 9.371623e-02 eV\n"
    "[2026-11-29 16:06:53,426] DEEPMD INFO    Energy RMSE/Natoms : 9.842906e-03 eV\n"
    "[2026-11-29 16:06:53,427] DEEPMD INFO    Force  RMSE        : 9.151234e-02 eV/Å\n"
    "[2026-11-29 16:06:53,427] DEEPMD INFO    # ----------weighted average of errors----------- \n"
    "[2026-11-29 16:06:53,427] DEEPMD INFO    Energy RMSE/Natoms : 1.842906e-03 eV\n"
    "[2026-11-29 16:06:53,427] DEEPMD INFO    Force  RMSE        : 4.151234e-02 eV/Å\n"
    "[2026-11-29 16:06:53,427] DEEPMD INFO    Stress RMSE        : 5.922531e-04 eV/Å³\n";

TEST(TestErrors, AreThoseOverAllSystems) {
  const TestErrors errors = parse_test(tested);
  EXPECT_EQ(errors.energy_eV, 1.842906e-03);
  EXPECT_EQ(errors.force_eV_A, 4.151234e-02);
  EXPECT_EQ(errors.stress_eV_A3, 5.922531e-04);
  EXPECT_FALSE(parse_test(tested.substr(0, tested.rfind("[2026"))).stress_eV_A3);
  EXPECT_THAT(message_of([] { (void)parse_test("DEEPMD INFO Force  RMSE"); }),
              HasSubstr("told no errors"));
}

TEST(LabelledPressure, IsWhereALineVanishes) {
  Eigen::VectorXd volumes = Eigen::VectorXd::LinSpaced(20, 45, 58), pressures(20);
  for (Eigen::Index i = 0; i < 20; ++i) pressures[i] = 0.09 * (54 - volumes[i]) / 54;
  const auto found = labelled_pressure(volumes, pressures);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->volume, 54, 1e-9);
  EXPECT_NEAR(found->stiffness, 0.09, 1e-9);
  EXPECT_FALSE(labelled_pressure(volumes, pressures.array() + 0.1));  // beyond what was seen
  EXPECT_FALSE(labelled_pressure(volumes, -pressures));               // no crystal does that
  EXPECT_FALSE(labelled_pressure(volumes.head(9), pressures.head(9)));
  EXPECT_FALSE(labelled_pressure(Eigen::VectorXd::Constant(20, 50), pressures));
}

TEST(Description, OfWhatWasTrainedIsAPotential) {
  TrainingFrames data = frames();
  data.temperature_min = 200;
  data.temperature_max = 900;
  data.own_volume = 54;
  data.own_stiffness = 0.09;
  const std::string text = description_text(training(), data, parse_test(tested),
                                            {"dp.0.pb", "dp.1.pb"}, "DeePMD-kit v3");
  const md::Potential potential = md::parse_potential(text, "/somewhere/dp.yaml");
  EXPECT_EQ(potential.name, "dp");
  EXPECT_EQ(potential.deep.models,
            (std::vector<std::string>{"/somewhere/dp.0.pb", "/somewhere/dp.1.pb"}));
  EXPECT_EQ(potential.deep.volume_max, 58);
  EXPECT_EQ(potential.temperature_max, 900);
  EXPECT_EQ(potential.deep.error_force, 0.0415);
  EXPECT_EQ(potential.deep.own_volume, 54);
  EXPECT_EQ(potential.deep.gate, "");
  EXPECT_THAT(potential.source, HasSubstr("2 models of DeePMD-kit v3, 500 steps, seed 3"));

  GateVerdict verdict;
  verdict.reasons = {"a = 6.55 Å: it swells", "and more"};
  const std::string refused = with_gate(text, verdict, 634, "abc");
  const md::Potential judged = md::parse_potential(refused, "/somewhere/dp.yaml");
  EXPECT_EQ(judged.deep.gate, "refused");
  EXPECT_EQ(judged.deep.gate_temperature, 634);
  EXPECT_EQ(judged.deep.gate_reasons, "a = 6.55 Å: it swells; and more");
  verdict.passed = true;
  const std::string passed = with_gate(refused, verdict, 500, "abc");
  EXPECT_EQ(md::parse_potential(passed, "/somewhere/dp.yaml").deep.gate, "passed");
  EXPECT_THAT(passed, Not(HasSubstr("swells")));
}

}  // namespace
}  // namespace twin::potential::train_test
