// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/script.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace twin::plot {

namespace {

/// Okabe and Ito's colours, which the colour-blind can tell apart. https://jfly.uni-koeln.de/color
constexpr const char* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                   "#e69f00", "#56b4e9", "#000000"};

std::string colour_of(int number) {
  return colours[static_cast<std::size_t>(std::max(number, 0)) % std::size(colours)];
}

/// gnuplot's ranges fail far from 1; no physical number is that large.
bool is_drawable(double value) { return std::isfinite(value) && std::abs(value) < 1e100; }

bool is_bars(const Series& s) { return s.style == Style::bars; }

bool is_line(const Series& s) {
  return s.style == Style::line || s.style == Style::dashed || s.style == Style::line_points;
}

bool has_ends(const Series& s) { return !s.lowest.empty() || !s.highest.empty(); }

/// What stands behind x and y of one point: its error bar.
std::string bar_of(const Series& s, std::size_t i) {
  if (s.style != Style::error_bars && s.style != Style::spans) return "";
  const auto end = [&](double value) {
    return ' ' + shortest(is_drawable(value) ? value : s.style == Style::spans ? s.x[i] : s.y[i]);
  };
  if (has_ends(s)) return end(s.lowest[i]) + end(s.highest[i]);
  return ' ' + shortest(is_drawable(s.sigma[i]) ? std::abs(s.sigma[i]) : 0.0);
}

void check(const Series& s, const Panel& panel) {
  const bool by_position = is_bars(s) && s.x.empty();
  const bool bars = s.style == Style::error_bars || s.style == Style::spans;
  const bool ends = s.lowest.size() == s.y.size() && s.highest.size() == s.y.size();
  if ((!by_position && s.x.size() != s.y.size()) ||
      (bars && (has_ends(s) ? !ends : s.sigma.size() != s.y.size())))
    throw Error(Cause::data, "figure: " + printable(panel.title) + ": " + printable(s.label) +
                                 ": " + std::to_string(s.x.size()) + " x, " +
                                 std::to_string(s.y.size()) + " y, " +
                                 std::to_string(s.sigma.size()) + " sigma; they must be as many");
}

/// The lines of a data block. What is not finite is left out; it interrupts a line.
std::string rows_of(const Series& s, double shift) {
  std::string out;
  for (std::size_t i = 0; i < s.y.size(); ++i) {
    const double x = s.x.empty() ? static_cast<double>(i) : s.x[i];
    if (!is_drawable(x) || !is_drawable(s.y[i])) {
      if (is_line(s) && !out.empty()) out += '\n';
      continue;
    }
    out += shortest(x + shift) + ' ' + shortest(s.y[i]) + bar_of(s, i) + '\n';
  }
  return out;
}

std::string how(const Series& s, double width) {
  const std::string point = s.y.size() > 300 ? " pt 7 ps 0.25" : " pt 7 ps 0.6";
  switch (s.style) {
    case Style::line:
      return "using 1:2 with lines lw 1.6";
    case Style::dashed:
      return "using 1:2 with lines lw 1.2 dt 2";
    case Style::line_points:
      return "with linespoints" + point;
    case Style::points:
    case Style::error_bars:
      return "using 1:2 with points" + point;
    case Style::spans:
      return "using 1:2:3:4:($2-0.4):($2+0.4) with boxxyerror fill solid 0.7 noborder";
    case Style::bars:
      return "using 1:2:(" + shortest(width) + ") with boxes fill solid 0.7 noborder";
  }
  return "";
}

/// gnuplot's own errorbars blank out what lies behind their points.
std::string error_bars_of(const Series& s) {
  return std::string(has_ends(s) ? "using 1:3:(0):($4-$3)" : "using 1:($2-$3):(0):(2*$3)") +
         " with vectors nohead lw " + (s.y.size() > 300 ? "0.5" : "1.2");
}

/// 'a' 0, 'b' 1 ...
std::string numbered(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    // gnuplot reads a tic label as a format.
    std::string name;
    for (const char c : quoted(names[i])) name += c == '%' ? std::string("%%") : std::string(1, c);
    out += (i ? ", " : "") + name + " " + std::to_string(i);
  }
  return out;
}

std::string range_of(const std::string& axis, const std::vector<double>& ends) {
  if (ends.size() != 2 || !is_drawable(ends[0]) || !is_drawable(ends[1])) return "";
  return "set " + axis + "range [" + shortest(ends[0]) + ":" + shortest(ends[1]) + "]\n";
}

std::string tics_of(const Panel& panel) {
  std::string out = "set ytics auto\n";
  const auto end = [](const std::vector<std::string>& names) {
    return shortest(static_cast<double>(names.size()) - 0.4) + "]\n";
  };
  if (!panel.y_names.empty())
    out = "set ytics (" + numbered(panel.y_names) + ")\nset yrange [-0.6:" + end(panel.y_names);
  out += range_of("x", panel.x_range) + range_of("y", panel.y_range);
  if (panel.x_names.empty()) return out + "set xtics auto norotate\n";
  const bool many = panel.x_names.size() > 6;
  return out + "set xtics (" + numbered(panel.x_names) + ")" +
         (many ? " rotate by -30\n" : " norotate\n") + "set xrange [-0.6:" + end(panel.x_names);
}

/// What stands in a panel besides its curves; shading lies behind them.
std::string shades_of(const Panel& panel) {
  std::string out = "unset object\nunset arrow\nunset label\n";
  for (const Band& b : panel.bands) {
    if (!is_drawable(b.from) || !is_drawable(b.to)) continue;
    const std::string colour = b.colour < 0 ? "#999999" : colour_of(b.colour);
    out += "set object rectangle from " + shortest(b.from) + ",graph 0 to " + shortest(b.to) +
           ",graph 1 behind fc rgb '" + colour + "' fs transparent solid " +
           shortest(std::clamp(b.strength, 0.0, 1.0)) + " border lc rgb '" + colour + "'\n";
  }
  std::size_t row = 0;
  for (const Mark& m : panel.marks) {
    if (!is_drawable(m.x)) continue;
    const std::string x = shortest(m.x);
    out += "set arrow from " + x + ",graph 0 to " + x +
           ",graph 1 nohead back lw 1 lc rgb '#555555'" + (m.dashed ? " dt 2\n" : "\n");
    if (m.label.empty()) continue;
    // Beside each other they would be written over each other.
    const double height = 0.94 - 0.09 * static_cast<double>(row++ % 4);
    out += "set label " + quoted(m.label) + " at " + x + ",graph " + shortest(height) +
           " offset character 0.4,0 front font ',10' tc rgb '#333333'\n";
  }
  return out;
}

/// Bars of several series stand beside each other around each position.
struct BarLayout {
  double width = 0.6;
  std::size_t count = 0;
  [[nodiscard]] double shift(std::size_t which) const {
    return (static_cast<double>(which) - 0.5 * static_cast<double>(count - 1)) * width;
  }
};

BarLayout layout_of(const Panel& panel) {
  BarLayout out;
  out.count = static_cast<std::size_t>(std::ranges::count_if(panel.series, is_bars));
  if (out.count > 0) out.width = 0.8 / static_cast<double>(out.count);
  return out;
}

std::string panel_script(const Panel& panel, std::size_t number) {
  const BarLayout bars = layout_of(panel);
  const bool curve =
      std::ranges::any_of(panel.series, [](const Series& s) { return s.style == Style::line; });
  const std::string margin = curve ? "0" : "graph 0.04";  // a curve fills its width
  std::string data, plots;
  std::size_t bar = 0;
  for (std::size_t i = 0; i < panel.series.size(); ++i) {
    const Series& s = panel.series[i];
    check(s, panel);
    const std::string rows = rows_of(s, is_bars(s) ? bars.shift(bar++) : 0.0);
    if (rows.empty()) continue;
    const std::string name = "$data_" + std::to_string(number) + "_" + std::to_string(i);
    data += name + " << END_OF_DATA\n" + rows + "END_OF_DATA\n";
    const std::string colour =
        " lc rgb '" + colour_of(s.colour < 0 ? static_cast<int>(i) : s.colour) + "' ";
    const auto add = [&](const std::string& drawn, const std::string& title) {
      plots += (plots.empty() ? "plot " : ", \\\n     ") + name + " " + drawn + colour + title;
    };
    if (s.style == Style::error_bars) add(error_bars_of(s), "notitle");
    add(how(s, bars.width), s.label.empty() ? "notitle" : "title " + quoted(s.label));
  }
  std::string out = data + "set title " + quoted(panel.title) + "\nset xlabel " +
                    quoted(panel.x_label) + "\nset ylabel " + quoted(panel.y_label) +
                    "\nset offsets " + margin + ", " + margin +
                    ", graph 0.04, graph 0.04\nset xrange [*:*]\nset yrange [*:*]\n" +
                    tics_of(panel) + shades_of(panel);
  if (bars.count > 0) out += "set yrange [*<0:0<*]\n";
  if (plots.empty()) {
    out +=
        "set xrange [0:1]\nset yrange [0:1]\n"
        "set label 1 'no data' at graph 0.5, 0.5 center\nplot NaN notitle\nunset label 1\n";
    return out;
  }
  return out + plots + "\n";
}

}  // namespace

std::string script_of(const Figure& figure, const std::string& terminal,
                      const std::string& output_name) {
  const auto panels = static_cast<int>(figure.panels.size());
  const int columns = std::clamp(figure.columns, 1, std::max(panels, 1));
  const int rows = std::max(1, (panels + columns - 1) / columns);
  const bool alike =
      std::ranges::all_of(figure.panels, [](const Panel& p) { return p.height == 1; });
  double height = 0.0;  // of the column, in panels
  for (const Panel& p : figure.panels) height += p.height;
  if (alike || columns > 1) height = rows;
  const std::string size = " noenhanced size " + std::to_string(figure.width * columns) + "," +
                           std::to_string(std::lround(400 * height)) + "\n";
  std::string out = "# gnuplot, in the folder where the figure shall be\nset encoding utf8\n";
  if (terminal == "svg")
    out += "set terminal svg background rgb 'white'" + size;
  else
    out += "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) set terminal pngcairo" + size +
           "if (!strstrt(GPVAL_TERMINALS, 'pngcairo')) set terminal png" + size;
  out += "set output '" + output_name + "'\nset key top right\n";
  out += "set grid lt 1 lw 0.5 lc rgb '#dddddd'\n";
  if (columns == 1 && panels > 1) out += "set lmargin at screen 0.12\nset rmargin at screen 0.97\n";
  const bool own = columns == 1 && !alike;
  out +=
      own ? "set multiplot\n"
          : "set multiplot layout " + std::to_string(rows) + "," + std::to_string(columns) + "\n";
  double top = height;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    top -= figure.panels[i].height;
    if (own)
      out += "set size 1," + shortest(figure.panels[i].height / height) + "\nset origin 0," +
             shortest(top / height) + "\nset format x" +
             (figure.panels[i].x_label.empty() ? " ''\n" : "\n");  // as the panel below
    out += panel_script(figure.panels[i], i);
  }
  return out + "unset multiplot\nunset output\n";
}

}  // namespace twin::plot
