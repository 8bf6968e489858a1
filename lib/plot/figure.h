// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace twin::plot {

enum class Style { line, dashed, points, line_points, error_bars, bars, spans };

struct Series {
  std::string label;
  std::vector<double> x, y;
  std::vector<double> sigma;  ///< for error_bars
  Style style = Style::line;
  std::vector<double> lowest = {}, highest = {};  ///< for error_bars, instead of sigma: their ends;
                                                  ///< for spans: their ends in x, a row each y
  int colour = -1;                                ///< of seven, from 0; -1: by its place
};

/// A stretch of x over the whole height, shaded behind the curves; of no width it is a line.
struct Band {
  double from = 0.0, to = 0.0;
  int colour = 0;  ///< as of curves; -1: grey
  double strength = 0.3;
};

/// A line over the whole height, with a word beside its upper end.
struct Mark {
  double x = 0.0;
  std::string label;
  bool dashed = false;
};

struct Panel {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  std::vector<std::string> x_names;       ///< for bars: the text under each
  std::vector<std::string> y_names = {};  ///< for spans: the text beside each row, from 0
  std::vector<Band> bands = {};
  std::vector<Mark> marks = {};
  std::vector<double> x_range = {}, y_range = {};  ///< their ends; empty: as the data have them
  double height = 1.0;  ///< of 400 points; heights that differ need one column, in which
                        ///< numbers stand under the panels that have an x_label
};

/// Panels in a grid, drawn by gnuplot. In one column their left and right ends are aligned.
struct Figure {
  std::vector<Panel> panels;
  int columns = 2;
  int width = 560;  ///< of a panel, points
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
