// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/text.h"
#include "crystals.h"
#include "feff/input.h"
#include "message_of.h"

namespace twin::feff::structure_input_test {
namespace {

using testing::HasSubstr;

Request of_lead() {
  Request request;
  request.structure = crystals::cesium_lead_iodide();
  request.absorber = "Pb";
  request.edge = "L3";
  return request;
}

std::string refusal(const Request& request) {
  return message_of([&] { static_cast<void>(ideal_input(request)); }, Cause::configuration);
}

TEST(StructureInput, HasAPotentialForTheAbsorberAndOneAnElement) {
  const std::string text = ideal_input(of_lead());
  EXPECT_THAT(text, testing::StartsWith("TITLE Pb Cs I3\nHOLE 4 1.0\nCONTROL 1 1 1 1\n"));
  EXPECT_THAT(text, HasSubstr("CRITERIA 0 0\n"));
  EXPECT_THAT(text, HasSubstr("POTENTIALS\n 0 82 Pb\n 1 53 I\n 2 55 Cs\n 3 82 Pb\nATOMS\n"
                              "    0.000000     0.000000     0.000000 0\n"
                              "   -3.145000     0.000000     0.000000 1\n"));
  int absorbers = 0;
  for (const auto line : split(text, '\n')) absorbers += line.size() == 40 && line.ends_with(" 0");
  EXPECT_EQ(absorbers, 1);
}

TEST(StructureInput, EdgesAreFeffsHoles) {
  for (const auto& [edge, hole] : {std::pair("K", 1), {"L1", 2}, {"L2", 3}, {"L3", 4}}) {
    auto request = of_lead();
    request.edge = edge;
    EXPECT_THAT(ideal_input(request), HasSubstr("\nHOLE " + std::to_string(hole) + " 1.0\n"));
  }
}

TEST(StructureInput, TheAbsorberIsChosenByItsLabel) {
  auto request = of_lead();
  request.structure = crystals::lead_titanate();
  request.absorber = "O";
  const auto nearest = [&](const std::string& site) {
    request.site = site;
    return structure_cluster(request)[1].r.norm();
  };
  EXPECT_NEAR(nearest(""), 4.1575 * 0.4259, 1e-9);  // the apical one, listed first
  EXPECT_EQ(nearest("O3"), nearest(""));
  EXPECT_NEAR(nearest("O4"), 1.97987, 1e-5);
  request.site = "O9";
  EXPECT_THAT(refusal(request), HasSubstr("no site 'O9' of O; it has O3, O4, O5"));
}

// Cs, the farthest of the nearest, is at 5.447 Å; FEFF adds up what is within 6.35 Å of it.
TEST(StructureInput, TheClusterHoldsWhatMakesThePotentials) {
  const auto cluster = structure_cluster(of_lead());
  const double cs = 6.29 * std::sqrt(3.0) / 2, pb = 6.29;
  EXPECT_GT(cluster.back().r.norm(), cs + 4.0);
  EXPECT_LE(cluster.back().r.norm(), pb + 6.35);
  EXPECT_EQ(cluster.size(), atoms::cluster(*of_lead().structure, 0, pb + 6.35).size());
}

TEST(StructureInput, TheClusterEndsAtFeffs500AtomsAndCutsNoShell) {
  auto request = of_lead();
  request.structure = crystals::lead_titanate();
  request.absorber = "Ti";
  request.rmax = 10;
  request.structure->cell *= 0.8;
  EXPECT_THAT(refusal(request), HasSubstr("over 500 atoms within 10 Å"));
  request.rmax = 6;
  const auto cluster = structure_cluster(request);
  EXPECT_LE(cluster.size(), 500u);
  const double last = cluster.back().r.norm();
  EXPECT_EQ(cluster.size(), atoms::cluster(*request.structure, 1, last + 1e-4).size());
}

TEST(StructureInput, RefusesWhatHasNoPaths) {
  auto request = of_lead();
  request.absorber = "Ag";
  EXPECT_THAT(refusal(request), HasSubstr("no Ag in it; it has Pb, Cs, I"));
  request = of_lead();
  request.edge = "M5";
  EXPECT_THAT(refusal(request), HasSubstr("K, L1, L2 or L3"));
  for (const double wrong : {0.0, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    request = of_lead();
    request.rmax = wrong;
    EXPECT_THAT(refusal(request), HasSubstr("expected 1.5 to 10")) << wrong;
  }
  request = of_lead();
  request.rmax = 2;
  EXPECT_THAT(refusal(request), HasSubstr("no atom within 2 Å"));
  request = of_lead();
  request.structure->sites[1].occupancy = 0.8;
  EXPECT_THAT(refusal(request), HasSubstr("site Cs2 (Cs) has an occupancy of 0.8"));
  request = of_lead();
  request.structure->sites.push_back({"I6", "I", {.5, 0.02, 0}, 1.0});
  EXPECT_THAT(refusal(request), HasSubstr("I3 and I6 are 0.13 Å apart"));
  request = of_lead();
  for (const char* element : {"Li", "Na", "K", "Rb", "F"})
    request.structure->sites.push_back(
        {element, element, {0.25, 0.25, 0.1 * static_cast<double>(*element % 10)}, 1.0});
  EXPECT_THAT(refusal(request), HasSubstr("FEFF6L takes 8"));
}

TEST(StructureInput, FrozenPathsAreForLatticesOnly) {
  EXPECT_THAT(
      message_of([] { static_cast<void>(frozen_paths(of_lead(), {Eigen::MatrixX3d::Zero(2, 3)})); },
                 Cause::configuration),
      HasSubstr("expected an ideal lattice"));
}

}  // namespace
}  // namespace twin::feff::structure_input_test
