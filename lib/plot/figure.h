// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace twin::plot {

enum class Style { line, points, line_points, error_bars, bars };

struct Series {
  std::string label;
  std::vector<double> x, y;
  std::vector<double> sigma;  ///< for error_bars
  Style style = Style::line;
  std::vector<double> lowest = {}, highest = {};  ///< for error_bars, instead of sigma: their ends
};

struct Panel {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  std::vector<std::string> x_names;  ///< for bars: the text under each
};

/// Panels in a grid, drawn by gnuplot.
struct Figure {
  std::vector<Panel> panels;
  int columns = 2;
};

/// Refuses at once what draw() would refuse when all the work is done.
/// \throws Error{usage}          another suffix
/// \throws Error{cannot_create}  its folder is not there
/// \throws Error{unavailable}    no gnuplot
void check_target(const std::string& path);

/// Draws \p figure into \p path (.svg or .png) and keeps the gnuplot script with its data beside it
/// (`path.gp`). Labels are data: whitelisted, single-quoted, noenhanced, so that nothing in a label
/// can run a command.
/// \throws Error{usage}        another suffix
/// \throws Error{unavailable}  no gnuplot, or it failed (its last lines)
void draw(const Figure& figure, const std::string& path);

}  // namespace twin::plot
