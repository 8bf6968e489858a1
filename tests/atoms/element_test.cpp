// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/element.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace twin::atoms::element_test {
namespace {

TEST(Element, HasItsPlaceInThePeriodicTable) {
  EXPECT_EQ(atomic_number("H"), 1);
  EXPECT_EQ(atomic_number("Cu"), 29);
  EXPECT_EQ(atomic_number("Pb"), 82);
  EXPECT_EQ(atomic_number("Lr"), 103);
  for (int z = 1; z <= 103; ++z) EXPECT_EQ(atomic_number(symbol_of(z)), z);
  for (const int wrong : {-1, 0, 104})
    EXPECT_THROW(static_cast<void>(symbol_of(wrong)), Error) << wrong;
  for (const char* wrong : {"", "cu", "CU", "Xx", "Cu K"})
    EXPECT_THROW(static_cast<void>(atomic_number(wrong)), Error) << wrong;
}

TEST(Edge, IsAnElementAndALevel) {
  for (const char* text : {"Pb L3", "  Pb   L3 ", "Pb\tL3"}) {
    const Edge edge = parse_edge(text);
    EXPECT_EQ(edge.element, "Pb");
    EXPECT_EQ(edge.level, "L3");
  }
}

// "L3" alone must not become some other edge.
TEST(Edge, RefusesHalfOfOne) {
  for (const char* wrong : {"", " ", "L3", "K", "Cu", "Cu K 1", "Xx K", "cu K"})
    EXPECT_THROW(static_cast<void>(parse_edge(wrong)), Error) << wrong;
}

}  // namespace
}  // namespace twin::atoms::element_test
