// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus_columns.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/text.h"
#include "formats/hdf5_rows.h"
#include "formats/limits.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

constexpr std::size_t most_columns = 1000, most_scans = std::size_t{1} << 16;
constexpr std::size_t apart = 64;  // rows of one column that a writer flushes before another's

/// What the standard calls it, and what recipes do.
constexpr std::array<std::pair<const char*, const char*>, 4> known_names{
    {{"incoming_beam", "i0"}, {"absorbed_beam", "signal"}, {"intensity", "mu"}, {"data", "mu"}}};

std::string unit_of(Hdf5Tree& tree, const std::string& path) {
  return first_text(tree.attribute(path, "units"));
}

bool is_energy_unit(const std::string& unit) {
  const std::string text = lower(unit);
  return text == "ev" || text == "kev";
}

/// Of the first dimension: whether more can come.
bool can_grow(Hdf5Tree& tree, const std::string& path, std::size_t now) {
  const auto largest = tree.largest(path);
  return !largest.empty() && largest.front() > now;
}

/// Numbers over the axis as they are, or as they may come to be.
enum class Fit { none, exact, growing };

Fit fit_of(Hdf5Tree& tree, const NexusSpectrum& spectrum, const std::string& path,
           const std::vector<std::size_t>& shape) {
  const std::size_t points = spectrum.columns.front().values.size(), rows = shape.back();
  if (rows == points) return Fit::exact;
  if (shape.size() != 1 || rows == 0 || !can_grow(tree, path, rows)) return Fit::none;
  if (!spectrum.grows) return rows < points ? Fit::growing : Fit::none;
  const bool near = std::max(rows, points) - std::min(rows, points) <= apart;
  return tree.use() == Hdf5Use::swmr && near ? Fit::exact : Fit::none;
}

bool has_column(const NexusSpectrum& spectrum, const std::string& name) {
  return std::ranges::any_of(spectrum.columns, [&](const auto& one) { return one.name == name; });
}

/// Says so where the numbers can't be read.
bool is_readable(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path) {
  const auto why = tree.unreadable(path);
  if (!why.empty()) spectrum.warnings.push_back(printable(path) + " was left out: " + why);
  return why.empty();
}

void push(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path, const std::string& name,
          bool stacked) {
  if (!is_readable(tree, spectrum, path)) return;
  spectrum.columns.push_back({name, unit_of(tree, path), tree.numbers(path), stacked});
  const auto shape = tree.shape(path);
  spectrum.in_place = spectrum.in_place && !(shape && can_grow(tree, path, shape->front()));
}

}  // namespace

std::string first_text(const std::vector<std::string>& texts) {
  return texts.empty() ? "" : clean(texts.front());
}

std::string last_step(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string our_name(const std::string& name) {
  for (const auto& [theirs, ours] : known_names)
    if (lower(name) == theirs) return ours;
  return lower(clean(name));
}

bool is_axis_name(std::string_view name) {
  const std::string text = lower(name);
  return text.find("energy") != std::string::npos || text == "e" || text == "k" || text == "pixel";
}

bool is_axis(Hdf5Tree& tree, const std::string& path) {
  const auto shape = tree.shape(path);
  return shape && shape->size() == 1 && shape->front() >= 2 &&
         (is_axis_name(last_step(path)) || is_energy_unit(unit_of(tree, path)));
}

void set_axis(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path) {
  std::string name = lower(clean(last_step(path)));
  const std::string unit = unit_of(tree, path);
  if (name.find("energy") != std::string::npos || name == "e" || is_energy_unit(unit))
    name = "energy";
  spectrum.columns.push_back({name, unit, tree.numbers(path), false});
  spectrum.grows = can_grow(tree, path, spectrum.columns.front().values.size());
  spectrum.in_place = !spectrum.grows;
  // A size that is only declared says something while the file is written, later the rows do.
  const auto largest = tree.largest(path);
  if (tree.use() == Hdf5Use::swmr && !largest.empty() && largest.front() <= most_numbers)
    spectrum.expected = largest.front();
}

void add_column(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
                const std::string& name, Growing& growing) {
  const auto shape = tree.shape(path);
  if (!shape || shape->empty() || shape->size() > 2 || spectrum.columns.size() >= most_columns)
    return;
  if (shape->front() == 0 || has_column(spectrum, name)) return;
  const Fit fit = fit_of(tree, spectrum, path, *shape);
  if (fit == Fit::growing && growing.size() < most_columns)
    growing.push_back({path, name, shape->back()});
  if (fit != Fit::exact) return;
  const bool stacked = shape->size() == 2;
  const std::size_t scans = stacked ? shape->front() : 1;
  if (scans > most_scans || (stacked && spectrum.stack && scans != spectrum.scans)) return;
  if (stacked) {
    spectrum.stack = true;
    spectrum.scans = scans;
    spectrum.grows = spectrum.grows || can_grow(tree, path, scans);
  }
  push(tree, spectrum, path, name, stacked);
}

void add_columns(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& group,
                 Growing& growing) {
  const auto signal = first_text(tree.attribute(group, "signal"));
  if (!signal.empty()) add_column(tree, spectrum, group + "/" + signal, our_name(signal), growing);
  for (const auto& name : tree.children(group))
    if (!is_axis_name(name))
      add_column(tree, spectrum, group + "/" + name, our_name(name), growing);
}

void add_sums(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
              const std::string& name) {
  const auto shape = tree.shape(path);
  if (!shape || shape->empty() || has_column(spectrum, name)) return;
  const std::size_t points = spectrum.columns.front().values.size(), frames = shape->front();
  const bool near = std::max(frames, points) - std::min(frames, points) <= apart;
  if (frames != points && !(tree.use() == Hdf5Use::swmr && near && frames > 0)) return;
  if (!is_readable(tree, spectrum, path)) return;
  Hdf5Rows rows(tree, path);
  if (!rows) return;
  const std::size_t each = rows.width();
  if (each == 0) return;
  if (frames > most_numbers / each)
    return spectrum.warnings.push_back(printable(path) +
                                       " was left out: over 67 million numbers in its frames");
  NexusSpectrum::Column sums{name, unit_of(tree, path), {}, false};
  for (std::size_t i = 0; i < frames; ++i) {
    const auto frame = rows.row(i);
    sums.values.push_back(std::accumulate(frame.begin(), frame.end(), 0.0));
  }
  spectrum.columns.push_back(std::move(sums));
}

void add_growing(Hdf5Tree& tree, NexusSpectrum& spectrum, const Growing& growing) {
  if (spectrum.columns.size() > 1 || growing.empty()) return;
  const std::size_t most = std::ranges::max(growing, {}, &GrowingColumn::rows).rows;
  const std::size_t behind = tree.use() == Hdf5Use::swmr ? apart : 0;
  for (const auto& one : growing)
    if (one.rows + behind >= most) push(tree, spectrum, one.path, one.name, false);
}

}  // namespace twin::formats
