// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "feff/feff.h"
#include "message_of.h"

namespace twin::feff::choose_test {
namespace {

using testing::HasSubstr;

xas::ScatteringPath single(const std::string& scatterer, double reff, double degeneracy) {
  xas::ScatteringPath path;
  path.degeneracy = degeneracy;
  path.reff = reff;
  path.elements = {"Pb", scatterer};
  path.atoms = Eigen::MatrixX3d::Zero(2, 3);
  path.atoms(1, 0) = reff;
  path.mag = Eigen::VectorXd::Constant(3, reff);  // tells them apart
  return path;
}

Paths some() {
  auto triangle = single("I", 3.6, 24);
  triangle.legs = 3;
  triangle.elements = {"Pb", "I", "I"};
  Paths paths;
  paths.paths = {single("I", 3.18, 2), single("I", 3.19, 4), single("Cs", 3.3, 1), triangle,
                 single("I", 4.0, 1),  single("I", 4.021, 1)};
  for (std::size_t i = 0; i < paths.paths.size(); ++i)
    paths.paths[i].name = "path " + std::to_string(i + 1);
  return paths;
}

std::string complaint(const std::string& name) {
  return message_of([&] { static_cast<void>(choose(some(), name)); }, Cause::configuration);
}

TEST(Choose, CountsShellsOfThePairByDistance) {
  EXPECT_EQ(choose(some(), "Pb-Cs.1").reff, 3.3);
  EXPECT_EQ(choose(some(), "Pb-Cs.1").name, "Pb-Cs.1");
  EXPECT_EQ(choose(some(), "Pb-I.2").reff, 4.0);    // 4.021 is over 0.02 Å away
  EXPECT_EQ(choose(some(), "Pb-I.3").reff, 4.021);  // and the triangle between is not counted
}

TEST(Choose, PathsThatNoSpectrumTellsApartAreOneShell) {
  const auto shell = choose(some(), "Pb-I.1");
  EXPECT_EQ(shell.degeneracy, 6);
  EXPECT_DOUBLE_EQ(shell.reff, (2 * 3.18 + 4 * 3.19) / 6);
  EXPECT_EQ(shell.mag[0], 3.19);  // of the nearest to the mean
}

TEST(Choose, ByNumberTakesTheListAsItIs) {
  EXPECT_EQ(choose(some(), 1).degeneracy, 2);
  EXPECT_EQ(choose(some(), 4).legs, 3);
  EXPECT_EQ(choose(some(), 6).name, "path 6");
  for (const int wrong : {-1, 0, 7})
    EXPECT_THAT(message_of([&] { static_cast<void>(choose(some(), wrong)); }, Cause::configuration),
                HasSubstr("expected 1 to 6"));
}

TEST(Choose, SaysWhatThereIs) {
  EXPECT_THAT(complaint("Cs-I.1"), HasSubstr("the absorber is Pb"));
  EXPECT_THAT(complaint("Pb-O.1"), HasSubstr("there are I, Cs"));
  EXPECT_THAT(complaint("Pb-I.4"),
              HasSubstr("3 shells of I are near enough (3.180, 4.000, 4.021 Å)"));
  for (const char* wrong : {"", "Pb-I", "Pb.1", "Pb-I.0", "Pb-I.-1", "Pb-I.x", "-I.1", "Pb-.1",
                            "Pb-I.99999999999999999999", "path 1"})
    EXPECT_THAT(complaint(wrong), HasSubstr("as Pb-I.1")) << wrong;
  EXPECT_THAT(
      message_of([] { static_cast<void>(choose(Paths{}, "Pb-I.1")); }, Cause::configuration),
      HasSubstr("no paths"));
}

}  // namespace
}  // namespace twin::feff::choose_test
