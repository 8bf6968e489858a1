// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/cif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "core/file.h"
#include "message_of.h"

namespace twin::formats::cif_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// A CIF from its parts; \p cell is six numbers, \p symmetry whole lines, \p atoms rows of label,
/// symbol, x, y, z.
std::string cif(const std::vector<std::string>& cell, const std::string& symmetry,
                const std::string& atoms) {
  const std::vector<std::string> tags{"length_a",    "length_b",   "length_c",
                                      "angle_alpha", "angle_beta", "angle_gamma"};
  std::string text = "# made for a test\ndata_made\n";
  for (std::size_t i = 0; i < cell.size(); ++i) text += "_cell_" + tags[i] + " " + cell[i] + "\n";
  return text + symmetry +
         "\nloop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n"
         "_atom_site_fract_y\n_atom_site_fract_z\n" +
         atoms + "\n";
}

std::vector<std::string> cubic(const std::string& a) { return {a, a, a, "90", "90", "90"}; }

std::string named(const std::string& name) {
  return "_symmetry_space_group_name_H-M '" + name + "'\n";
}

// R. W. G. Wyckoff, Crystal Structures 1, 2nd ed. (1963): 2H PbI2, with the operations of P -3 m 1.
const std::string lead_iodide = cif(
    {"4.557(1)", "4.557(1)", "6.979(2)", "90", "90", "120"},
    named("P -3 m 1") +
        "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n'-y, x-y, z'\n'-x+y, -x, z'\n'y, x, -z'\n"
        "'x-y, -y, -z'\n'-x, -x+y, -z'\n'-x, -y, -z'\n'y, -x+y, -z'\n'x-y, x, -z'\n"
        "'-y, -x, z'\n'-x+y, y, z'\n'x, x-y, z'\n",
    "Pb1 Pb2+ 0 0 0\nI1 I1- 0.3333 0.6667 0.2675(5)");

/// How many atoms of an element lie at a distance of the first site of another.
struct Shell {
  std::string centre, neighbour;
  double r;
  int count;
};

void expect_shells(const std::string& text, const std::vector<Shell>& expected) {
  const auto structure = parse_cif(text, "a.cif");
  for (const auto& [centre, neighbour, r, count] : expected) {
    int found = 0;
    for (const auto& atom :
         atoms::cluster(structure, atoms::find_site(structure, centre), r + 0.01))
      found += atom.element == neighbour && atom.r.norm() > r - 0.01;
    EXPECT_EQ(found, count) << centre << "-" << neighbour << " at " << r;
  }
}

TEST(Cif, AnOperationsNumbersAreShort) {
  const std::string symmetry =
      "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, " + std::string(30, '4') + "+z'\n";
  EXPECT_THROW((void)parse_cif(cif(cubic("4"), symmetry, "Ti1 Ti 0 0 0"), "a.cif"), Error);
}

TEST(Cif, AHallSymbolsScrewNeedsAnAxis) {
  const auto of = [](const std::string& name) {
    return parse_cif(cif({"3.9", "3.9", "9.15", "90", "90", "90"},
                         "_space_group_name_Hall \"" + name + "\"\n", "Ti1 Ti 0.1 0.2 0.3"),
                     "a.cif");
  };
  for (const std::string name : {"P 1 -21", "P 3 21", "-P 1 21", "P_6_21", "P 4 -2'2", "P 2'1"})
    EXPECT_THROW((void)of(name), Error) << name;
  // Written, or implied: along z in the first place, along x behind an even order.
  EXPECT_EQ(of("P 2yb").sites.size(), 2U);
  EXPECT_EQ(of("P 41").sites.size(), 4U);
  EXPECT_NO_THROW((void)of("P 4 21"));
}

TEST(Cif, ExpandsSymmetryAndReadsUncertainties) {
  const auto structure = parse_cif(lead_iodide, "PbI2.cif");
  EXPECT_EQ(structure.name, "PbI2.cif");
  EXPECT_EQ(atoms::formula(structure), "Pb I2");
  ASSERT_EQ(structure.sites.size(), 3u);
  EXPECT_EQ(structure.sites[0].element, "Pb");
  EXPECT_EQ(structure.sites[2].label, "I1");
  // 0.3333 and 0.6667 are put where the threefold axis is.
  EXPECT_NEAR(structure.sites[1].fractional[0], 1.0 / 3, 1e-12);
  EXPECT_NEAR(structure.sites[1].fractional[1], 2.0 / 3, 1e-12);
  EXPECT_NEAR(structure.sites[1].fractional[2], 0.2675, 1e-12);
  EXPECT_NEAR(structure.cell.determinant(), 4.557 * 4.557 * 6.979 * std::sqrt(0.75), 1e-9);
  EXPECT_NEAR(structure.cell.row(2).norm(), 6.979, 1e-12);
}

// Coordination numbers of seven crystals from their names alone; distances from the cell.
TEST(Cif, CrystalsHaveTheirShells) {
  expect_shells(lead_iodide, {{"Pb", "I", 3.22604, 6}, {"I", "Pb", 3.22604, 3}});
  // Straumanis and Yu, Acta Cryst. A 25, 676 (1969), doi:10.1107/S0567739469001549.
  const double fcc = 3.6149 / std::sqrt(2.0);
  expect_shells(cif(cubic("3.6149"), named("F m -3 m"), "Cu1 Cu 0 0 0"),
                {{"Cu", "Cu", fcc, 12}, {"Cu", "Cu", 3.6149, 6}});
  // Wyckoff (1963), as above, for the next three.
  expect_shells(cif(cubic("5.668(2)"), named("F -4 3 m"), "Zn1 Zn 0 0 0\nSe1 Se 0.25 0.25 0.25"),
                {{"Zn", "Se", 2.45432, 4}, {"Zn", "Zn", 4.00788, 12}, {"Se", "Zn", 2.45432, 4}});
  expect_shells(cif(cubic("4.1769"), named("Fm-3m"), "Ni1 Ni2+ 0 0 0\nO1 O2- .5 .5 .5"),
                {{"Ni", "O", 2.08845, 6}, {"Ni", "Ni", 2.95351, 12}});
  expect_shells(cif(cubic("5.404"), "_space_group_IT_number 205\n",
                    "Fe1 Fe 0 0 0\nS1 S 0.38504 0.38504 0.38504"),
                {{"Fe", "S", 2.2586, 6}, {"Fe", "Fe", 3.82121, 12}, {"S", "S", 2.152, 1}});
  // Trots and Myagkota, J. Phys. Chem. Solids 69, 2520 (2008), doi:10.1016/j.jpcs.2008.05.007.
  expect_shells(
      cif(cubic("6.29"), named("P m -3 m"), "Cs1 Cs 0.5 0.5 0.5\nPb1 Pb 0 0 0\nI1 I 0.5 0 0"),
      {{"Pb", "I", 3.145, 6}, {"Cs", "I", 4.44770, 12}, {"I", "Pb", 3.145, 2}});
  // Glazer and Mabud, Acta Cryst. B 34, 1065 (1978), doi:10.1107/S0567740878004938.
  expect_shells(
      cif({"3.9039", "3.9039", "4.1575", "90", "90", "90"}, "_space_group_name_Hall 'P 4 -2'\n",
          "Pb1 Pb 0 0 0\nTi1 Ti .5 .5 .5377\nO1 O .5 .5 .1118\nO2 O .5 0 .6174"),
      {{"Ti", "O", 4.1575 * 0.4259, 1}, {"Ti", "O", 1.97987, 4}, {"Ti", "O", 4.1575 * 0.5741, 1}});
}

TEST(Cif, RhombohedralAxesAreToldByTheCell) {
  // Bismuth, R -3 m: Cucka and Barrett, Acta Cryst. 15, 865 (1962), doi:10.1107/S0365110X62002297.
  const auto hexagonal = parse_cif(
      cif({"4.546", "4.546", "11.862", "90", "90", "120"}, named("R -3 m"), "Bi1 Bi 0 0 0.23389"),
      "h");
  EXPECT_EQ(hexagonal.sites.size(), 6u);
  const auto rhombohedral = parse_cif(cif({"4.7458", "4.7458", "4.7458", "57.23", "57.23", "57.23"},
                                          named("R -3 m"), "Bi1 Bi 0.23389 0.23389 0.23389"),
                                      "r");
  EXPECT_EQ(rhombohedral.sites.size(), 2u);
  const auto near = [](const atoms::Structure& structure) {
    return atoms::cluster(structure, 0, 3.3).size();
  };
  EXPECT_EQ(near(hexagonal), 4u);  // itself and three neighbours at 3.07 Å
  EXPECT_EQ(near(rhombohedral), 4u);
}

TEST(Cif, ElementsFromSymbolsAndLabels) {
  const auto elements = [](const std::string& rows) {
    std::string text = cif(cubic("9"), named("P 1"), rows);
    text.replace(text.find("_atom_site_type_symbol\n"), 23, "");
    std::string all;
    for (const auto& site : parse_cif(text, "a").sites) all += site.element + " ";
    return all;
  };
  EXPECT_EQ(elements("Pb1 0 0 0\nI2B .5 0 0\nC1 0 .5 0\nCl3 0 0 .5"), "Pb I C Cl ");
  EXPECT_EQ(elements("D1 0 0 0\nO .5 0 0"), "H O ");
  const auto complaint = [&](const std::string& row) {
    return message_of([&] { static_cast<void>(elements(row)); });
  };
  EXPECT_THAT(complaint("CA1 0 0 0"), AllOf(StartsWith("a: "), HasSubstr("C or Ca")));
  EXPECT_THAT(complaint("Q1 0 0 0"), HasSubstr("no chemical element"));
  const auto symbol = [](const std::string& word) {
    return parse_cif(cif(cubic("9"), named("P 1"), "X1 " + word + " 0 0 0"), "a").sites[0].element;
  };
  EXPECT_EQ(symbol("PB2+"), "Pb");
  EXPECT_EQ(symbol("I-"), "I");
  EXPECT_EQ(symbol("D"), "H");
  EXPECT_THAT(message_of([&] { static_cast<void>(symbol("Wat")); }),
              HasSubstr("'Wat' is no chemical element"));
  EXPECT_THAT(message_of([&] { static_cast<void>(symbol("OH")); }), HasSubstr("'OH'"));
}

TEST(Cif, OccupanciesAreKeptAndRefusedByWhoNeedsWholeAtoms) {
  std::string text = cif(cubic("6.29"), named("P m -3 m"),
                         "Cs1 Cs .5 .5 .5 0.85(2)\nPb1 Pb 0 0 0 1.\nI1 I .5 0 0 ?\nVa I .3 0 0 0");
  text.replace(text.find("_fract_z\n"), 9, "_fract_z\n_atom_site_occupancy\n");
  const auto structure = parse_cif(text, "mixed.cif");
  EXPECT_EQ(structure.sites.size(), 5u);  // Va is empty
  EXPECT_EQ(structure.sites[0].occupancy, 0.85);
  EXPECT_THAT(message_of([&] { atoms::check_ordered(structure); }, Cause::configuration),
              AllOf(StartsWith("mixed.cif: site Cs1 (Cs) has an occupancy of 0.85"),
                    HasSubstr("ordered cell")));
}

std::string complaint(const std::string& text) {
  return message_of([&] { static_cast<void>(parse_cif(text, "a.cif")); });
}

std::string without(std::string text, const std::string& part) {
  return text.replace(text.find(part), part.size(), "");
}

TEST(Cif, SaysWhatIsMissing) {
  const std::string good = cif(cubic("6"), named("P m -3 m"), "Pb1 Pb 0 0 0");
  EXPECT_EQ(complaint(good), "no error");
  EXPECT_THAT(complaint(without(good, "_cell_length_b 6\n")),
              AllOf(StartsWith("a.cif: "), HasSubstr("_cell_length_b")));
  EXPECT_THAT(complaint(without(good, named("P m -3 m"))), HasSubstr("nothing about symmetry"));
  EXPECT_THAT(complaint("data_x\n_cell_length_a 5\n"), HasSubstr("has no atoms"));
  EXPECT_THAT(complaint("nothing like it"), AllOf(StartsWith("a.cif:1"), HasSubstr("CIF")));
  EXPECT_THAT(complaint(""), StartsWith("a.cif: "));
  EXPECT_THAT(complaint(cif(cubic("6"), named("P 1"), "Pb1 Pb 0 ? 0")),
              HasSubstr("atom Pb1: its _atom_site_fract_y is '?'"));
  EXPECT_THAT(complaint(cif(cubic("6"), named("P 1"), "Pb1 Pb 0 zero 0")), HasSubstr("'zero'"));
}

TEST(Cif, RefusesSymmetryThatIsOpenOrWrong) {
  const auto with = [](const std::string& symmetry, const std::string& a = "6") {
    return complaint(cif(cubic(a), symmetry, "Pb1 Pb 0 0 0"));
  };
  EXPECT_THAT(with(named("F d -3 m")), HasSubstr("two origins"));
  EXPECT_EQ(with(named("F d -3 m:2")), "no error");
  EXPECT_THAT(with(named("P nonsense")), HasSubstr("unknown"));
  EXPECT_THAT(with("_space_group_IT_number 62\n"), HasSubstr("settings"));
  EXPECT_THAT(with("_space_group_IT_number 231\n"), HasSubstr("1 to 230"));
  EXPECT_THAT(with(named("P 63/m m c")), HasSubstr("does not fit its cell"));
  const std::string operations = "loop_\n_space_group_symop_operation_xyz\n";
  EXPECT_THAT(with(operations + "x,y,w\n"), HasSubstr("'x,y,w' can't be read"));
  EXPECT_THAT(with(operations + "x,x,z\n"), HasSubstr("changes volumes"));
  EXPECT_THAT(with(named("F m -3 m") + operations + "x,y,z\n"), HasSubstr("1 symmetry operations"));
  EXPECT_EQ(with(named("P -1") + operations + "x,y,z\n-x,-y,-z\n"), "no error");
}

TEST(Cif, RefusesCellsThatCannotBe) {
  const auto with = [](const std::vector<std::string>& cell) {
    return complaint(cif(cell, named("P 1"), "Pb1 Pb 0 0 0"));
  };
  EXPECT_THAT(with({"0", "5", "5", "90", "90", "90"}), HasSubstr("_cell_length_a is 0 Å"));
  EXPECT_THAT(with({"5", "-5", "5", "90", "90", "90"}), HasSubstr("_cell_length_b"));
  EXPECT_THAT(with({"5", "5", "1e300", "90", "90", "90"}), HasSubstr("_cell_length_c"));
  EXPECT_THAT(with({"5", "5", "5", "180", "90", "90"}), HasSubstr("_cell_angle_alpha"));
  EXPECT_THAT(with({"5", "5", "5", "90", "60", "150"}), HasSubstr("no volume"));
  EXPECT_THAT(with({"5", "5", "?", "90", "90", "90"}), HasSubstr("'?'"));
}

TEST(Cif, HasItsLimits) {
  std::string rows;
  for (int i = 0; i < 10001; ++i) rows += "C C 0 0 " + std::to_string(i) + "e-5\n";
  EXPECT_THAT(complaint(cif(cubic("900"), named("P 1"), rows)), HasSubstr("10000 atoms"));
  EXPECT_THAT(complaint(std::string((4 << 20) + 1, '#')), HasSubstr("4 MiB"));
}

// Cut anywhere it is refused, or gives the same atoms (the end of the last number is missed).
TEST(Cif, CutOffItIsRefused) {
  const auto whole = parse_cif(lead_iodide, "a.cif").sites.size();
  const auto rows = lead_iodide.find("I1 I1-");
  for (std::size_t length = 0; length < rows; ++length) {
    const std::string part = lead_iodide.substr(0, length);
    if (part.find("Pb1 Pb2+ 0 0 0") != std::string::npos) break;  // a loop of one atom is whole
    EXPECT_NE(complaint(part), "no error") << length;
  }
  for (std::size_t length = rows + 1; length < rows + 22; ++length)  // a row that is short
    EXPECT_NE(complaint(lead_iodide.substr(0, length)), "no error") << length;
  EXPECT_EQ(whole, 3u);
}

TEST(Cif, ReadsAFileAndTheFirstBlockWithAtoms) {
  const TemporaryFolder folder("twinline-test");
  create_file(folder.path() + "/two.cif",
              "data_global\n_audit_creation_method 'by hand'\n" + lead_iodide);
  EXPECT_EQ(read_cif(folder.path() + "/two.cif").name, "two.cif");
  EXPECT_NE(message_of([&] { static_cast<void>(read_cif(folder.path() + "/none.cif")); },
                       Cause::no_input),
            "no error");
}

}  // namespace
}  // namespace twin::formats::cif_test
