// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/inline_svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

using namespace twin;

namespace inline_svg_test {
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

TEST(InlineSvg, KeepsWhatDrawsAndWrites) {
  const auto out = plot::inline_svg(
      "<?xml version='1.0'?><!DOCTYPE svg><svg width=\"8\"><!-- x --><title>Gnuplot</title>"
      "<path id='p' d='M0,0'/><use xlink:href='#p'/><text><tspan>1 &lt; 2 & "
      "3</tspan></text></svg>x");
  EXPECT_EQ(out,
            "<svg width=\"8\">\n<path id=\"p\" d=\"M0,0\"/>\n<use href=\"#p\"/>\n"
            "<text><tspan>1 &lt; 2 &amp; 3</tspan></text>\n</svg>\n");
}

TEST(InlineSvg, DropsWhatRunsAndLeads) {
  const auto out = plot::inline_svg(
      "<svg onload='x()'><script>alert(1)</script><style>@import 'h'</style><a xlink:href='http:x'>"
      "<text onclick=\"y()\" fill='url(http:z)'>words</text></a><image href='http:i'/>"
      "<use xlink:href='other.svg#p'/><foreignObject><iframe src='j'/></foreignObject></svg>");
  EXPECT_EQ(out, "<svg>\n<text>words</text>\n<use/>\n</svg>\n");
}

TEST(InlineSvg, RefusesWhatIsNone) {
  for (const char* text : {"", "<html>", "<svg", "<svg><g>", "<svg a=1></svg>", "<svg a='1></svg>",
                           "<svg><!-- </svg>", "<svg><path d></path></svg>"})
    EXPECT_THROW((void)plot::inline_svg(text), Error) << text;
}

}  // namespace

}  // namespace inline_svg_test
