// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/edges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "message_of.h"

namespace twin::atoms::edges_test {
namespace {

using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;

// J.A. Bearden and A.F. Burr, Rev. Mod. Phys. 39, 125 (1967): Ba L3 5247.0, L2 5623.6; I L2 4852.1;
// Cs L3 5011.9; Cu K 8978.9. Tables differ by an eV at most for these.
TEST(Edges, HaveTheirTabulatedEnergies) {
  EXPECT_NEAR(edge_energy("Cu", "K"), 8979, 1);
  EXPECT_NEAR(edge_energy("Ba", "L3"), 5247, 1);
  EXPECT_NEAR(edge_energy("Ba", "L2"), 5623.6, 1);
  EXPECT_NEAR(edge_energy("I", "L2"), 4852.1, 1);
  EXPECT_NEAR(edge_energy("Cs", "L3"), 5011.9, 1);
  EXPECT_NEAR(edge_energy("Pb", "M5"), 2484, 1);
  EXPECT_EQ(tabulated({"Ti", "K"}).name(), "Ti K");
}

TEST(Edges, ThatAreNoneAreRefused) {
  for (const char* wrong : {"", "k", "L", "L4", "M6", "N1"})
    EXPECT_THROW(static_cast<void>(edge_energy("Pb", wrong)), Error) << wrong;
  const auto none = [] { static_cast<void>(edge_energy("Li", "M5")); };
  EXPECT_THAT(message_of(none, Cause::configuration), HasSubstr("M5"));
  EXPECT_THROW(static_cast<void>(edge_energy("Xx", "K")), Error);
}

TEST(Edges, EmissionIsBelowItsEdge) {
  EXPECT_NEAR(emission_energy("Cu", "K"), 8047.8, 1);    // Kα1, Bearden
  EXPECT_NEAR(emission_energy("Pb", "L3"), 10551.5, 1);  // Lα1
  for (const char* level : {"K", "L1", "L2", "L3", "M5"})
    EXPECT_LT(emission_energy("Pb", level), edge_energy("Pb", level)) << level;
  EXPECT_THROW(static_cast<void>(emission_energy("Li", "L3")), Error);
}

TEST(Edges, FormulasAreTakenApart) {
  EXPECT_THAT(elements_of("CsPbI3"), ElementsAre("I", "Cs", "Pb"));
  EXPECT_THAT(elements_of("(CH3NH3)PbI3"), ElementsAre("H", "C", "N", "I", "Pb"));
  double sum = 0;
  for (const Constituent& part : composition("CsPbI2.9Br0.1")) sum += part.mass_fraction;
  EXPECT_NEAR(sum, 1, 1e-12);
  const auto water = composition("H2O");
  EXPECT_NEAR(water.at(0).mass_fraction, 2 * 1.008 / 18.015, 3e-4);  // its table has 1.01 for H
  for (const char* wrong : {"", "pbi2", "Pb(I3", "PbI0", "Xx2", "Pb I2", "\x1b[2J", "2H",
                            "CaS1.2.3", "Ca)", "()", "Ca()", "CaO+", "(Ca)0", "CaXx", "Ca(.5)"})
    EXPECT_THROW(static_cast<void>(elements_of(wrong)), Error) << wrong;
}

TEST(Edges, ElementsHaveTheirNumbers) {
  EXPECT_THAT(elements_between(11, 13), ElementsAre("Na", "Mg", "Al"));
  for (int z = 1; z <= 103; ++z) EXPECT_EQ(atomic_number(elements_between(z, z).at(0)), z);
}

TEST(Edges, OfASampleAreSorted) {
  const auto found = edges_between({"Cs", "I", "Pb"}, 4500, 5800);
  std::vector<std::string> names;
  for (const TabulatedEdge& edge : found) names.push_back(edge.name());
  EXPECT_THAT(names, ElementsAre("I L3", "I L2", "Cs L3", "I L1", "Cs L2", "Cs L1"));
}

TEST(Edges, NextAndPreviousAreOfAnyElement) {
  const auto of = [](const char* element, const char* level) {
    return tabulated({element, level});
  };
  EXPECT_EQ(next_edge({"Y", "Ba", "Cu", "O"}, of("Ba", "L3"))->name(), "Ba L2");
  EXPECT_EQ(next_edge({}, of("Ba", "L3"))->name(), "Ba L2");  // ours counts anyway
  EXPECT_EQ(next_edge({"Cs", "Pb", "I"}, of("I", "L3"))->name(), "I L2");
  EXPECT_EQ(next_edge({"Cs", "Pb", "I"}, of("I", "L2"))->name(), "Cs L3");
  EXPECT_EQ(previous_edge({"Cs", "Pb", "I"}, of("Cs", "L3"))->name(), "I L2");
  EXPECT_FALSE(next_edge({"O", "Cu"}, of("Cu", "K")));
}

// J.H. Hubbell and S.M. Seltzer, NISTIR 5632 (1995): copper at 10 keV 215.9 cm²/g, water 5.329;
// tables agree to a few per cent.
TEST(Edges, AttenuationIsThatOfTheTables) {
  EXPECT_NEAR(mass_attenuation("Cu", 10000), 215.9, 0.03 * 215.9);
  EXPECT_NEAR(mass_attenuation("H2O", 10000), 5.329, 0.03 * 5.329);
  EXPECT_LT(mass_photoabsorption("H2O", 10000.0), mass_attenuation("H2O", 10000.0));
  EXPECT_THROW(static_cast<void>(mass_attenuation("Cu", 1.0)), Error);
  EXPECT_THROW(static_cast<void>(mass_attenuation("Cu", std::nan(""))), Error);
}

TEST(Edges, AttenuationMixesByMass) {
  double sum = 0;
  for (const Constituent& part : composition("PbTiO3"))
    sum += part.mass_fraction * mass_attenuation(part.element, 5000);
  EXPECT_NEAR(mass_attenuation("PbTiO3", 5000), sum, 1e-12 * sum);
}

// Where only our edge lies in reach the two parts add up to the table; 0.3 % is how well one power
// of the energy follows it.
TEST(Edges, PartsAroundAnEdgeAddUp) {
  const VectorXd above = VectorXd::LinSpaced(20, 9000, 9700),
                 below = VectorXd::LinSpaced(20, 8300, 8970);
  const TabulatedEdge edge = tabulated({"Cu", "K"});
  const AroundEdge high = around_edge(edge, above), low = around_edge(edge, below);
  const VectorXd table_above = mass_photoabsorption("Cu", above),
                 table_below = mass_photoabsorption("Cu", below);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NEAR((high.below + high.own)[i], table_above[i], 3e-3 * table_above[i]);
    EXPECT_NEAR(low.below[i], table_below[i], 3e-3 * table_below[i]);
  }
  EXPECT_GT(low.own.minCoeff(), 0);  // continued below, where it is closed
}

TEST(Edges, PartsAroundAnEdgeKnowNothingOfTheNext) {
  const VectorXd across = VectorXd::LinSpaced(100, 5260, 5900);  // Ba L2 lies at 5624
  const AroundEdge parts = around_edge(tabulated({"Ba", "L3"}), across);
  for (int i = 1; i < 100; ++i) EXPECT_LT(parts.own[i], parts.own[i - 1]);
}

TEST(Edges, AnOffsetMovesTheParts) {
  const TabulatedEdge edge = tabulated({"Ti", "K"});
  const VectorXd at = VectorXd::LinSpaced(5, 4900, 5300), moved = at.array() + 9.0;
  EXPECT_NEAR((around_edge(edge, at).own - around_edge(edge, moved, 9).own).cwiseAbs().maxCoeff(),
              0, 1e-9);
}

}  // namespace
}  // namespace twin::atoms::edges_test
