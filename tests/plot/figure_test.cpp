// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "plot/script.h"

using namespace twin;

namespace figure_test {
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

plot::Figure sample() {
  plot::Figure out;
  plot::Panel curve{"|χ(R)| of the first shell", "R (Å)", "|χ(R)| (Å⁻³)", {}, {}};
  plot::Series line{"simulated", {}, {}, {}, plot::Style::line};
  plot::Series points{"measured", {}, {}, {}, plot::Style::error_bars};
  for (int i = 0; i < 200; ++i) {
    const double x = 0.03 * i;
    line.x.push_back(x);
    line.y.push_back(std::exp(-8 * (x - 2.5) * (x - 2.5)));
    if (i % 8) continue;
    points.x.push_back(x);
    points.y.push_back(line.y.back() + 0.02 * std::sin(50 * x));
    points.sigma.push_back(0.03);
  }
  curve.series = {line, points};
  plot::Panel bars{"odds", "", "ln odds", {}, {"Cu_mishin1", "Cu_u3", "Cu_zhou"}};
  bars.series = {{"fitted", {}, {-4.5, -2.0, 0.0}, {}, plot::Style::bars},
                 {"held back", {}, {-1.5, -0.5, 0.0}, {}, plot::Style::bars}};
  out.panels = {curve, bars};
  return out;
}

std::string drawn(const plot::Figure& figure, const std::string& path) {
  plot::draw(figure, path);
  return read_file(path);
}

}  // namespace

TEST(Figure, IsDrawnAsSvgAndKeepsItsScript) {
  const TemporaryFolder folder("plot-test");
  const std::string path = folder.path() + "/figure-1.svg";
  const std::string svg = drawn(sample(), path);
  EXPECT_THAT(svg, HasSubstr("<svg"));
  EXPECT_THAT(svg, HasSubstr("Cu_mishin1"));
  EXPECT_THAT(svg, HasSubstr("Å⁻³"));
  EXPECT_THAT(read_file(path + ".gp"), HasSubstr("set output 'figure-1.svg'"));
}

TEST(Figure, IsDrawnAsPng) {
  const TemporaryFolder folder("plot-test");
  EXPECT_THAT(drawn(sample(), folder.path() + "/f.PNG"), StartsWith("\x89PNG"));
}

TEST(Figure, TheSameFigureIsTheSameFile) {
  const TemporaryFolder folder("plot-test");
  EXPECT_EQ(drawn(sample(), folder.path() + "/f.svg"), drawn(sample(), folder.path() + "/f.svg"));
}

TEST(Figure, AnotherSuffixIsRefused) {
  for (const auto* name : {"f.pdf", "f", "f.svg.gp", ""}) {
    try {
      plot::draw(sample(), name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::usage) << name;
    }
  }
}

TEST(Figure, NothingToDrawIsStillAFigure) {
  const TemporaryFolder folder("plot-test");
  plot::Figure figure;
  EXPECT_THAT(drawn(figure, folder.path() + "/none.svg"), HasSubstr("<svg"));
  figure.panels = {{"empty", "x", "y", {}, {}},
                   {"nan", "x", "y", {{"a", {1, nothing}, {nothing, 1}, {}, {}}}, {}},
                   {"bars", "", "", {{"b", {}, {}, {}, plot::Style::bars}}, {"a", "b"}}};
  EXPECT_THAT(drawn(figure, folder.path() + "/empty.svg"), HasSubstr("no data"));
}

TEST(Figure, MissingAndAbsurdValuesAreLeftOut) {
  const TemporaryFolder folder("plot-test");
  plot::Figure figure;
  figure.panels.resize(1);
  const double inf = std::numeric_limits<double>::infinity();
  figure.panels[0].series = {
      {"line", {1, 2, 3, 4, 5}, {1, nothing, 3, inf, 1e300}, {}, plot::Style::line},
      {"bars", {1, 2}, {1, 2}, {nothing, -inf}, plot::Style::error_bars},
      {"point", {7}, {7}, {}, plot::Style::points}};
  EXPECT_THAT(drawn(figure, folder.path() + "/f.svg"), HasSubstr("line"));
  const std::string script = read_file(folder.path() + "/f.svg.gp");
  EXPECT_THAT(script, Not(HasSubstr("inf")));
  EXPECT_THAT(script, Not(HasSubstr("nan")));
}

TEST(Figure, LengthsThatDisagreeAreRefused) {
  plot::Figure figure;
  figure.panels.resize(1);
  figure.panels[0].series = {{"s", {1, 2}, {1}, {}, plot::Style::line}};
  EXPECT_THROW(static_cast<void>(plot::script_of(figure, "svg", "f.svg")), Error);
  figure.panels[0].series = {{"s", {1}, {1}, {}, plot::Style::error_bars}};
  EXPECT_THROW(static_cast<void>(plot::script_of(figure, "svg", "f.svg")), Error);
}

TEST(Figure, AnErrorBarMayHaveItsEnds) {
  plot::Figure figure;
  figure.panels.resize(1);
  auto& series = figure.panels[0].series;
  series = {{"s", {1, 2}, {1, 2}, {}, plot::Style::error_bars, {0.5, nothing}, {1.25, 3}}};
  const std::string script = plot::script_of(figure, "svg", "f.svg");
  EXPECT_THAT(script, HasSubstr("\n1 1 0.5 1.25\n2 2 2 3\n"));
  EXPECT_THAT(script, HasSubstr("using 1:3:(0):($4-$3) with vectors"));
  series[0].highest.pop_back();
  EXPECT_THROW(static_cast<void>(plot::script_of(figure, "svg", "f.svg")), Error);
}

TEST(Figure, ShadesMarksAndRowsOfSpansAreDrawn) {
  const TemporaryFolder folder("plot-test");
  plot::Figure figure;
  figure.columns = 1;
  figure.panels.resize(2);
  auto& curve = figure.panels[0];
  curve.series = {{"a", {0, 1, 2, 3}, {0, 1, 0, nothing}, {}, plot::Style::dashed}};
  curve.bands = {{1, 2, 4, 0.5}, {nothing, 2, 0, 0.5}, {1, 1, -1, 7}};
  curve.marks = {{1.5, "onset", false}, {nothing, "nowhere", true}, {2, "warm", true}};
  curve.height = 0.5;
  auto& rows = figure.panels[1];
  rows.series = {{"", {0, 1}, {0, 1}, {}, plot::Style::spans, {0, nothing}, {1, 3}}};
  rows.y_names = {"quiet", "track %d"};
  rows.x_range = {0, 3};
  const std::string svg = drawn(figure, folder.path() + "/f.svg");
  for (const char* word : {"onset", "warm", "quiet", "track %d"}) EXPECT_THAT(svg, HasSubstr(word));
  EXPECT_THAT(svg, Not(HasSubstr("nowhere")));
  const std::string script = read_file(folder.path() + "/f.svg.gp");
  EXPECT_THAT(script, HasSubstr("from 1,graph 0 to 2,graph 1"));
  EXPECT_THAT(script, HasSubstr("solid 1 "));  // no stronger than that
  EXPECT_THAT(script, HasSubstr("\n0 0 0 1\n1 1 1 3\n"));
  EXPECT_THAT(script, HasSubstr("size 560,600"));
  EXPECT_THAT(script, Not(HasSubstr("nan")));
  rows.series[0].highest.pop_back();
  EXPECT_THROW(static_cast<void>(plot::script_of(figure, "svg", "f.svg")), Error);
}

TEST(Figure, NoLabelRunsACommand) {
  const TemporaryFolder folder("plot-test");
  const std::string trap = folder.path() + "/trap";
  for (const std::string& label : std::vector<std::string>{
           "`touch " + trap + "`", "'; system('touch " + trap + "'); '",
           "\"; system(\"touch " + trap + "\"); \"", "x'\nsystem 'touch " + trap + "'\n'",
           "x'\n!touch " + trap + "\n", "'.system(\"touch " + trap + "\").'",
           "\\'; system('touch " + trap + "') #", "@M $(touch " + trap + ")",
           "END_OF_DATA\nsystem 'touch " + trap + "'", std::string("\0`touch ", 8) + trap + "`",
           "{/Symbol `touch " + trap + "`}", "%s%n%d", "\xff\xfe'; !touch " + trap,
           "\xe2\x80\xa8'!touch " + trap}) {
    plot::Figure figure = sample();
    for (auto& panel : figure.panels) {
      panel.title = panel.x_label = panel.y_label = label;
      for (auto& series : panel.series) series.label = label;
      for (auto& name : panel.x_names) name = label;
      panel.marks = {{1, label, true}};
      panel.y_names = {label};
    }
    plot::draw(figure, folder.path() + "/hostile.svg");
    EXPECT_FALSE(std::filesystem::exists(trap)) << label;
  }
}

TEST(Figure, NoPathRunsACommand) {
  const TemporaryFolder folder("plot-test");
  const std::string name = "a'; system('touch trap') #`touch trap`.svg";
  plot::draw(sample(), folder.path() + "/" + name);
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/" + name));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/trap"));
  EXPECT_FALSE(std::filesystem::exists("trap"));
}

TEST(Figure, AFolderThatIsNotThereIsSaid) {
  try {
    plot::draw(sample(), "/nowhere/at/all/f.svg");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::cannot_create);
  }
}

TEST(Label, KeepsWhatPeopleWrite) {
  EXPECT_EQ(plot::quoted("σ² (Å²), T = 295 ± 3 K"), "'σ² (Å²), T = 295 ± 3 K'");
  EXPECT_EQ(plot::quoted("it's `x` $y @z \\n\n\x1b"), "'it s ?x? ?y ?z ?n ?'");
  EXPECT_EQ(plot::quoted("a\xe2\x80\xae"
                         "b"),
            "'a?b'");  // turns the text round
  EXPECT_EQ(plot::quoted(std::string(1000, 'x')).size(), 122u);
  EXPECT_EQ(plot::quoted("\xc3"), "'?xc3'");  // half a character
}

}  // namespace figure_test
