// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potential_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace twin::md::potential_file_test {
namespace {

using ::testing::HasSubstr;

Potential copper(const std::string& style) {
  Potential potential;
  potential.elements = {"Cu"};
  potential.pair_style = style;
  return potential;
}

const std::string setfl =
    "one\ntwo # more\nthree\n2 Ni Cu\n3 0.1 2 0.2 5.5\n28 58.7 3.52 fcc\n1 2 3\n4 5\n"
    "29 63.5 3.615 fcc\n1 2\n3 4 5\n1 2 3 4\n5 6\n";
const std::string funcfl = "title\n29 63.55 3.615 FCC\n3 0.1 2 0.2 5\n1 2 3\n4 5\n6.0E0 7\n";

std::string message_of(const std::string& style, const std::string& text) {
  try {
    check_potential_file(copper(style), text, "f");
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::data);
    return error.what();
  }
  return "";
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(PotentialFile, ThatIsWholeIsTaken) {
  EXPECT_EQ(message_of("eam/alloy", setfl), "");
  EXPECT_EQ(message_of("eam", funcfl), "");
}

TEST(PotentialFile, CutBeforeItsLastNumberIsTruncated) {
  for (const auto& [style, text] :
       {std::pair<std::string, std::string>{"eam/alloy", setfl}, {"eam", funcfl}})
    for (std::size_t cut = 0; cut + 2 < text.size(); ++cut)
      EXPECT_NE(message_of(style, text.substr(0, cut)), "") << cut;
  EXPECT_EQ(message_of("eam", funcfl.substr(0, funcfl.size() - 3)),
            "f:6: the file ends after 6 of 7 numbers of its three functions: it is truncated");
}

TEST(PotentialFile, OfOthersIsNamed) {
  EXPECT_EQ(message_of("eam/alloy", changed(setfl, "2 Ni Cu", "2 Ni Al")),
            "f:4: it is of Ni, Al; expected Cu");
  EXPECT_EQ(message_of("eam", changed(funcfl, "29 ", "28 ")),
            "f:2: atomic number '28'; expected 29, Cu");
}

TEST(PotentialFile, ThatIsNoneIsRefused) {
  EXPECT_EQ(message_of("eam", " \n"), "f: empty; expected an embedded-atom potential of Cu");
  EXPECT_THAT(message_of("eam", "<html>\nNot found\n"), HasSubstr("f:2: atomic number 'Not'"));
  EXPECT_THAT(message_of("eam/alloy", changed(setfl, "2 Ni Cu", "1 Ni Cu")),
              HasSubstr("f:4: expected the number of elements and their names"));
  EXPECT_THAT(message_of("eam/alloy", changed(setfl, "3 0.1", "-3 0.1")),
              HasSubstr("f:5: '-3 0.1 2 0.2 5.5'; expected Nrho, drho, Nr, dr and the cut-off"));
  EXPECT_THAT(message_of("eam", changed(funcfl, "6.0E0", "six")),
              HasSubstr("f:6: 'six'; expected a number of its three functions"));
  EXPECT_THAT(message_of("eam", changed(funcfl, "6.0E0", "nan")), HasSubstr("f:6: 'nan'"));
}

}  // namespace
}  // namespace twin::md::potential_file_test
