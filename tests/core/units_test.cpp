// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/units.h"

#include <gmock/gmock.h>

#include <numbers>
#include <set>

#include "message_of.h"

namespace twin::units_test {
namespace {

using testing::HasSubstr;

TEST(Units, ConvertByDefinition) {
  EXPECT_DOUBLE_EQ(convert(1, "nm", "Å"), 10);
  EXPECT_DOUBLE_EQ(convert(250, "pm", "Å"), 2.5);
  EXPECT_DOUBLE_EQ(convert(8.979, "keV", "eV"), 8979);
  EXPECT_DOUBLE_EQ(convert(25, "°C", "K"), 298.15);
  EXPECT_DOUBLE_EQ(convert(0, "K", "°C"), -273.15);
  EXPECT_DOUBLE_EQ(convert(10, "min", "s"), 600);
  EXPECT_DOUBLE_EQ(convert(0.2, "ps", "fs"), 200);
  EXPECT_DOUBLE_EQ(convert(180, "deg", "rad"), std::numbers::pi);
  EXPECT_DOUBLE_EQ(convert(1, "bar", "Pa"), 1e5);
  EXPECT_DOUBLE_EQ(convert(1, "cm^2/s", "Å²/ps"), 1e4);
  // 1 kcal/mol = 4184 J / (6.02214076e23 · 1.602176634e-19 C), exact.
  EXPECT_NEAR(convert(1, "kcal/mol/A^2", "eV/Å²"), 0.0433641042, 1e-10);
  // CODATA 2018: 1 eV/Å³ = 160.2176634 GPa, from the exact elementary charge.
  EXPECT_NEAR(convert(1, "eV/Å³", "GPa"), 160.2176634, 1e-10);
}

TEST(Units, ThereAndBackIsTheSame) {
  for (const Unit& a : all_units())
    for (const Unit& b : all_units())
      if (a.dimension == b.dimension) {
        EXPECT_NEAR(convert(convert(7.25, a.name, b.name), b.name, a.name), 7.25, 1e-11);
      }
}

TEST(Units, EachNameIsThereOnceAndIsItsOwn) {
  std::set<std::string> names;
  for (const Unit& unit : all_units()) {
    EXPECT_TRUE(names.insert(unit.name).second) << unit.name;
    ASSERT_TRUE(find_unit(unit.name)) << unit.name;
    EXPECT_EQ(find_unit(unit.name)->name, unit.name);
  }
}

TEST(Units, AliasesAreCanonical) {
  EXPECT_EQ(find_unit("angstrom")->name, "Å");
  EXPECT_EQ(find_unit("\xE2\x84\xAB")->name, "Å");  // the Ångström sign U+212B
  EXPECT_EQ(find_unit("A\xCC\x8A")->name, "Å");     // A with a combining ring
  EXPECT_EQ(find_unit("A^2")->name, "Å²");
  EXPECT_EQ(find_unit("Å⁻¹")->name, "1/Å");
  EXPECT_EQ(find_unit("°")->name, "deg");
  EXPECT_EQ(find_unit("furlong"), std::nullopt);
}

TEST(Units, ErrorsSaySo) {
  EXPECT_THAT(message_of([] { (void)convert(1, "ev", "eV"); }), HasSubstr("perhaps eV"));
  EXPECT_THAT(message_of([] { (void)convert(1, "K", "Å"); }), HasSubstr("temperature"));
  EXPECT_THAT(message_of([] { (void)parse_in("3.69 A", "Å"); }), HasSubstr("perhaps Å"));
  EXPECT_THAT(message_of([] { (void)parse_in("3.69", "Å"); }), HasSubstr("no unit"));
  EXPECT_THAT(message_of([] { (void)convert(1, "\x1b[2J", "K"); }), HasSubstr("\\x1b"));
}

TEST(Measure, NumberAndUnit) {
  const Measure lattice = parse_measure(" 3.69 Å ");
  EXPECT_EQ(lattice.value, 3.69);
  EXPECT_EQ(lattice.unit, "Å");
  EXPECT_EQ(parse_measure("10%").unit, "%");
  EXPECT_EQ(parse_measure("-2e-3").value, -2e-3);
  EXPECT_EQ(parse_measure("-2e-3").unit, "");
  EXPECT_EQ(parse_measure("2eV").unit, "eV");
  EXPECT_EQ(parse_in("60 s", "s"), 60);
  EXPECT_EQ(parse_in("60 s", "min"), 1);
  for (const char* bad :
       {"", "Å", "nan K", "inf", "1e999 K", "3 K K", "3 4", "--3", "+-3 K", "0x10"})
    EXPECT_THROW((void)parse_measure(bad), Error) << bad;
}

}  // namespace
}  // namespace twin::units_test
