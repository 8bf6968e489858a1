// SPDX-License-Identifier: GPL-3.0-or-later
// How a run of twin-steer is drawn: see steer_picture.h.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/steer_picture.h"
#include "core/text.h"
#include "core/time.h"

namespace twin::app {

using plot::Panel;
using plot::Series;
using plot::Style;

namespace {

constexpr std::size_t most_panels = 8;
// Colours of the curves, as plot numbers them; grey.
constexpr int blue = 0, red = 1, green = 2, orange = 4, grey = -1;

struct Unit {
  double seconds;
  const char* name;
};

Unit unit_for(double seconds) {
  if (seconds < 180) return {1, "s"};
  if (seconds < 3 * 3600) return {60, "min"};
  return seconds < 4 * 86400 ? Unit{3600, "h"} : Unit{86400, "d"};
}

}  // namespace

/// Where samples stand in a panel.
struct SteerPicture::Axis {
  std::string label;
  std::vector<double> x;  // of each point that is kept; NaN where it is not known
  double first = 0.0;     // number of the first

  /// A sample's; of one that is no longer kept, the first one's.
  [[nodiscard]] double at(double sample) const {
    if (x.empty() || !std::isfinite(sample)) return none;
    const double last = static_cast<double>(x.size()) - 1;
    return x[static_cast<std::size_t>(std::clamp(sample - first, 0.0, last))];
  }

  /// All of them, with a margin; none where that is no stretch.
  [[nodiscard]] std::vector<double> range() const {
    const plot::Band all = band(first, first + static_cast<double>(x.size()), 0, 0);
    const double margin = 0.02 * (all.to - all.from);
    if (!(margin > 0)) return {};
    return {all.from - margin, all.to + margin};
  }

  /// All from \p low to \p high, shaded.
  [[nodiscard]] plot::Band band(double low, double high, int colour, double strength) const {
    plot::Band out{none, none, colour, strength};
    if (x.empty() || !(low <= high)) return out;
    const double last = static_cast<double>(x.size()) - 1;
    const auto from = static_cast<std::size_t>(std::clamp(low - first, 0.0, last));
    const auto to = static_cast<std::size_t>(std::clamp(high - first, 0.0, last));
    for (std::size_t i = from; i <= to; ++i) {
      out.from = std::fmin(out.from, x[i]);
      out.to = std::fmax(out.to, x[i]);
    }
    return out;
  }
};

SteerPicture::Axis SteerPicture::time_axis() const {
  Axis out;
  if (points_.empty()) return out;
  out.first = static_cast<double>(points_.front().sample);
  const auto [from, to] = std::ranges::minmax(points_, {}, [](const Point& p) { return p.time; });
  const bool timed =
      std::ranges::all_of(points_, [](const Point& p) { return std::isfinite(p.time); });
  if (!timed || !(to.time > from.time)) {
    out.label = "sample";
    for (const auto& p : points_) out.x.push_back(static_cast<double>(p.sample));
    return out;
  }
  const Unit unit = unit_for(to.time - from.time);
  std::string begin = utc_of(from.time).substr(0, 19);
  std::ranges::replace(begin, 'T', ' ');
  out.label = "time since " + begin + " UTC (" + unit.name + ")";
  for (const auto& p : points_) out.x.push_back((p.time - from.time) / unit.seconds);
  return out;
}

SteerPicture::Axis SteerPicture::covariate_axis(const Axis& time) const {
  if (!policy_.baseline || policy_.baseline->drift_in.empty()) return time;
  Axis out = time;
  out.label =
      policy_.baseline->drift_in + (covariate_unit_.empty() ? "" : " (" + covariate_unit_ + ")");
  for (std::size_t i = 0; i < points_.size(); ++i) out.x[i] = points_[i].covariate;
  return out;
}

void SteerPicture::mark_periods(Panel& panel, const Axis& axis, const std::string& name) const {
  std::string before;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const std::string& period = points_[i].period;
    if (period == std::exchange(before, period)) continue;
    const auto found = differ_.find(period);
    const bool differs =
        found != differ_.end() && std::ranges::find(found->second, name) != found->second.end();
    panel.marks.push_back({axis.x[i], period + (differs ? ": differs" : ""), true});
  }
}

Panel SteerPicture::quantity(std::size_t which, const Axis& axis) const {
  const std::string& name = policy_.watch[which];
  const auto unit = units_.find(name);
  Panel out;
  out.y_label = name;
  if (unit != units_.end() && !unit->second.empty()) out.y_label += " (" + unit->second + ")";
  out.height = 0.55;
  Series series;
  series.style = Style::error_bars;
  series.colour = blue;
  series.x = axis.x;
  for (const auto& p : points_) {
    series.y.push_back(p.value[which]);
    series.sigma.push_back(p.sigma[which]);
  }
  out.series.push_back(std::move(series));
  for (const auto& b : baselines_)
    if (b.high >= axis.first) out.bands.push_back(axis.band(b.low, b.high, grey, 0.2));
  for (const auto& c : changes_) {
    const bool changed = std::ranges::find(c.significant, name) != c.significant.end();
    const double strength = changed ? 0.5 : 0.15;
    if (c.onset.high >= axis.first) {
      out.bands.push_back(axis.band(c.onset.low, c.onset.high, orange, strength));
      out.marks.push_back({axis.at(c.onset.best),
                           std::to_string(c.number) + (changed ? "" : ", not significant"), false});
    }
    if (c.end && c.end->high >= axis.first)
      out.bands.push_back(axis.band(c.end->low, c.end->high, green, strength));
  }
  mark_periods(out, axis, name);
  return out;
}

Panel SteerPicture::sum(const Axis& axis) const {
  Panel out;
  out.y_label = "log R, threshold dashed";
  out.height = 0.55;
  const double threshold = *log_threshold_;
  Series series{.label = "", .x = axis.x, .y = {}, .sigma = {}, .style = Style::line};
  series.colour = blue;
  double before = none, most = 0.0;
  for (const auto& p : points_) {
    // While a change is followed nothing is added: R stands still.
    series.y.push_back(p.log_sum == before ? none : p.log_sum);
    before = p.log_sum;
    most = std::fmax(most, p.log_sum);
  }
  // A large change would leave no room for how it came to one.
  out.y_range = {std::min(-1.0, -0.05 * threshold),
                 std::clamp(1.1 * most, 1.3 * threshold, 2.5 * threshold)};
  Series line{.label = "", .x = {}, .y = {}, .sigma = {}, .style = Style::dashed};
  line.colour = red;
  line.x = {axis.x.front(), axis.x.back()};
  line.y = {threshold, threshold};
  out.series = {std::move(series), std::move(line)};
  for (const auto& c : changes_) {
    if (c.found < axis.first) continue;
    const std::string what =
        c.significant.empty() ? "no quantity alone" : join(c.significant, ", ");
    out.marks.push_back({axis.at(c.found),
                         std::to_string(c.number) + (c.step ? ": step, " : ": slow, ") + what,
                         false});
  }
  return out;
}

/// A row for each mode, from the quiet one to the tracking one.
Panel SteerPicture::modes(const Axis& axis) const {
  Panel out;
  out.y_label = "mode";
  const auto row_of = [&](const std::string& mode) {
    const auto at = std::ranges::find(out.y_names, mode);
    return static_cast<double>(at - out.y_names.begin());
  };
  out.y_names = {policy_.quiet};
  for (const auto& [mode, _] : policy_.modes)
    if (mode != policy_.quiet && mode != policy_.track) out.y_names.push_back(mode);
  if (policy_.track != policy_.quiet) out.y_names.push_back(policy_.track);
  out.height = 0.2 + 0.05 * static_cast<double>(out.y_names.size());
  Series bars;
  bars.style = Style::spans;
  bars.colour = blue;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const double to =
        i + 1 < asked_.size() ? asked_[i + 1].from : static_cast<double>(points_.back().sample);
    if (to < axis.first) continue;
    bars.x.push_back(axis.at(asked_[i].from));
    bars.y.push_back(row_of(asked_[i].mode));
    bars.lowest.push_back(axis.at(asked_[i].from));
    bars.highest.push_back(axis.at(to));
  }
  out.series.push_back(std::move(bars));
  return out;
}

std::string SteerPicture::title(std::size_t shown) const {
  std::vector<std::string> out;
  const auto &first = points_.front().scan, &last = points_.back().scan;
  if (!first.empty() && !last.empty()) out.push_back("scans " + first + " to " + last);
  if (std::cmp_less(points_.size(), count_))
    out.push_back("the last " + std::to_string(points_.size()) + " of " + std::to_string(count_) +
                  " samples");
  if (shown < policy_.watch.size())
    out.push_back("the first " + std::to_string(shown) + " of " +
                  std::to_string(policy_.watch.size()) + " quantities");
  return join(out, "; ");
}

plot::Figure SteerPicture::figure() const {
  plot::Figure out;
  out.columns = 1;
  out.width = 900;
  if (points_.empty()) return out;
  const Axis time = time_axis(), covariate = covariate_axis(time);
  const std::size_t shown = std::min(policy_.watch.size(), most_panels);
  for (std::size_t i = 0; i < shown; ++i) out.panels.push_back(quantity(i, covariate));
  const std::size_t quantities = out.panels.size();
  if (log_threshold_) out.panels.push_back(sum(time));
  if (!asked_.empty() && log_threshold_) out.panels.push_back(modes(time));
  out.panels.front().title = title(shown);
  for (std::size_t i = 0; i < out.panels.size(); ++i)
    out.panels[i].x_range = (i < quantities ? covariate : time).range();
  if (covariate.label != time.label) out.panels[quantities - 1].x_label = covariate.label;
  out.panels.back().x_label = time.label;
  return out;
}

}  // namespace twin::app
