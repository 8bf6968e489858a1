// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus_spectrum.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "formats/hdf5_rows.h"
#include "formats/limits.h"
#include "formats/nexus_columns.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

/// The groups of a class in \p group and in the instrument there.
std::vector<std::string> groups_of(Hdf5Tree& tree, const std::string& group,
                                   const std::vector<std::string>& classes) {
  std::vector<std::string> out;
  for (const auto& name : tree.children(group)) {
    const std::string path = group + "/" + name;
    if (!tree.is_group(path)) continue;
    const auto type = nexus_class(tree, path);
    if (std::ranges::find(classes, type) != classes.end()) out.push_back(path);
    if (type == "NXinstrument")
      for (auto& inner : groups_of(tree, path, classes)) out.push_back(std::move(inner));
  }
  return out;
}

void put_text(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
              const std::string& key) {
  const auto text = first_text(tree.texts(path));
  if (!text.empty()) spectrum.metadata.try_emplace(key, text);
}

/// A single number there; nothing where it is none, or one that is not finite.
std::optional<double> single_number(Hdf5Tree& tree, const std::string& path) {
  Hdf5Rows number(tree, path);
  if (!number || number.rows() != 1 || number.width() != 1) return std::nullopt;
  const double value = number.all().front();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// A number with its unit.
void put_quantity(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
                  const std::string& key) {
  const auto value = single_number(tree, path);
  const auto unit = first_text(tree.attribute(path, "units"));
  if (value && !unit.empty()) spectrum.metadata.try_emplace(key, shortest(*value) + " " + unit);
}

/// Points that the entry says a scan will have: Bluesky's plans, as apstools and others store them.
std::size_t announced(Hdf5Tree& tree, const std::string& entry) {
  for (const char* place : {"/num_points", "/instrument/bluesky/metadata/num_points"}) {
    const auto value = single_number(tree, entry + place);
    if (value && *value >= 2 && *value <= static_cast<double>(most_numbers))
      return static_cast<std::size_t>(*value);
  }
  return 0;
}

/// What an entry says of the sample, the edge, and how long its scan will be.
void add_metadata(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& entry) {
  spectrum.metadata["nexus.path"] = clean(spectrum.path);
  if (const auto points = announced(tree, entry); points > 0 && !spectrum.stack)
    spectrum.expected = points;
  put_text(tree, spectrum, entry + "/title", "nexus.title");
  put_text(tree, spectrum, entry + "/start_time", "nexus.start_time");
  for (const auto& sample : groups_of(tree, entry, {"NXsample"})) {
    put_text(tree, spectrum, sample + "/name", "sample.name");
    put_quantity(tree, spectrum, sample + "/temperature", "sample.temperature");
  }
  for (const char* element : {"/element", "/element/symbol", "/element/name"})
    put_text(tree, spectrum, entry + element, "element.symbol");
  for (const char* edge : {"/edge", "/absorption_edge", "/edge/name", "/absorbed_edge"})
    put_text(tree, spectrum, entry + edge, "element.edge");
}

/// The entry that a path lies in: as far as there is one.
std::string entry_of(Hdf5Tree& tree, const std::string& path) {
  std::string at = path;
  while (!at.empty()) {
    const auto type = nexus_class(tree, at);
    if (type == "NXentry" || type == "NXsubentry") return at;
    at.resize(at.rfind('/'));
  }
  return at;
}

/// The names in the attribute `axes`, the last of which is the fastest.
std::vector<std::string> axes_of(Hdf5Tree& tree, const std::string& group) {
  auto axes = tree.attribute(group, "axes");
  if (axes.size() != 1) return axes;
  std::string text = axes.front();
  std::ranges::replace_if(
      text, [](char c) { return c == ':' || c == ',' || c == '[' || c == ']'; }, ' ');
  axes.clear();
  for (const auto word : words(text)) axes.emplace_back(word);
  return axes;
}

std::string axis_of(Hdf5Tree& tree, const std::string& group) {
  const auto axes = axes_of(tree, group);
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis)
    if (*axis != "." && axis->find('/') == axis->npos && is_axis(tree, group + "/" + *axis))
      return *axis;
  if (!axes.empty()) return "";
  for (const auto& name : tree.children(group))
    if (is_axis(tree, group + "/" + name)) return name;
  return "";
}

std::string label_of(const NexusSpectrum& spectrum, std::size_t index) {
  if (index < spectrum.labels.size() && !trim(spectrum.labels[index]).empty())
    return clean(spectrum.labels[index]);
  std::string label = clean(spectrum.path.substr(spectrum.path.starts_with('/') ? 1 : 0));
  if (label.starts_with("entry/")) label.erase(0, 6);
  return spectrum.stack ? label + "[" + std::to_string(index) + "]" : label;
}

std::vector<double> values_of(const NexusSpectrum& spectrum, const NexusSpectrum::Column& column,
                              std::size_t index) {
  if (!column.stacked) return column.values;
  const std::size_t points = spectrum.columns.front().values.size();
  const auto begin = column.values.begin() + static_cast<std::ptrdiff_t>(index * points);
  return {begin, begin + static_cast<std::ptrdiff_t>(points)};
}

/// How many values there are before the NaN that fill an array up to its end; 0 when they stand
/// elsewhere.
std::size_t finite_part(const std::vector<double>& values) {
  const auto finite = [](double v) { return std::isfinite(v); };
  const auto end = std::ranges::find_if_not(values, finite);
  if (std::any_of(end, values.end(), finite)) return 0;
  return static_cast<std::size_t>(end - values.begin());
}

/// Rows up to the last one that has been written, where a writer fills in columns of zeros: in that
/// one every column that is not empty has a number.
std::size_t written_part(const std::vector<std::vector<double>>& columns, std::size_t rows) {
  const auto is_zero = [](double value) { return value == 0; };
  std::vector<const std::vector<double>*> used;
  for (std::size_t i = 1; i < columns.size(); ++i)
    if (!std::ranges::all_of(columns[i], is_zero)) used.push_back(&columns[i]);
  if (used.empty()) return 0;
  while (rows > 0 &&
         std::ranges::any_of(used, [&](const auto* one) { return is_zero((*one)[rows - 1]); }))
    --rows;
  return rows;
}

/// Whether all points of a scan are there, and what to say where they are not.
void judge_end(const Hdf5Tree& tree, const NexusSpectrum& spectrum, std::size_t index,
               std::size_t rows, const std::string& place, ScanFile& scan) {
  const std::size_t whole = std::max(spectrum.expected, spectrum.columns.front().values.size());
  const bool has_writer = tree.use() == Hdf5Use::swmr;
  const bool last = index + 1 == spectrum.scans;
  const bool may_go_on =
      has_writer && last && spectrum.grows && (spectrum.stack || spectrum.expected == 0);
  scan.truncated = rows < whole || may_go_on;
  if (rows < whole)
    scan.warnings.push_back(place + "filled up to row " + std::to_string(rows) + " of " +
                            std::to_string(whole) + "; the rest was left out");
  if (has_writer && scan.truncated)
    scan.warnings.push_back(place + "its writer did not close the file; " + std::to_string(rows) +
                            " points of it are there");
}

}  // namespace

std::string nexus_class(Hdf5Tree& tree, const std::string& path) {
  return first_text(tree.attribute(path, "NX_class"));
}

std::optional<NexusSpectrum> find_xas(Hdf5Tree& tree, const std::string& entry,
                                      const std::vector<std::string>& data) {
  NexusSpectrum spectrum;
  Growing growing;
  spectrum.path = entry;
  std::vector<std::string> places = data;
  for (auto& path : groups_of(tree, entry, {"NXmonochromator"})) places.push_back(std::move(path));
  places.push_back(entry);
  for (const auto& place : places)
    if (spectrum.columns.empty() && is_axis(tree, place + "/energy"))
      set_axis(tree, spectrum, place + "/energy");
  if (spectrum.columns.empty()) return std::nullopt;
  for (const auto& detector : groups_of(tree, entry, {"NXdetector", "NXmonitor"}))
    add_column(tree, spectrum, detector + "/data", our_name(last_step(detector)), growing);
  add_columns(tree, spectrum, entry, growing);
  for (const auto& group : data) add_columns(tree, spectrum, group, growing);
  add_growing(tree, spectrum, growing);
  if (spectrum.columns.size() < 2) return std::nullopt;
  add_metadata(tree, spectrum, entry);
  return spectrum;
}

std::optional<NexusSpectrum> find_data(Hdf5Tree& tree, const std::string& group) {
  const auto axis = axis_of(tree, group);
  if (axis.empty()) return std::nullopt;
  NexusSpectrum spectrum;
  Growing growing;
  spectrum.path = group;
  set_axis(tree, spectrum, group + "/" + axis);
  add_columns(tree, spectrum, group, growing);
  add_growing(tree, spectrum, growing);
  if (spectrum.columns.size() < 2) return std::nullopt;
  if (spectrum.stack) spectrum.labels = tree.texts(group + "/scan_names");
  add_metadata(tree, spectrum, entry_of(tree, group));
  return spectrum;
}

namespace {

/// areaDetector numbers its frames: those that were dropped on the way leave gaps.
void look_for_gaps(NexusSpectrum& spectrum) {
  for (const auto& column : spectrum.columns) {
    if (column.name != "ndarrayuniqueid") continue;
    double missing = 0;
    for (std::size_t i = 1; i < column.values.size(); ++i)
      missing += std::max(0.0, column.values[i] - column.values[i - 1] - 1);
    if (missing > 0)
      spectrum.warnings.push_back(shortest(missing) + " frames are missing by their numbers");
  }
}

}  // namespace

std::optional<NexusSpectrum> find_frames(Hdf5Tree& tree, const std::string& entry,
                                         const std::vector<std::string>& attributes,
                                         const std::vector<std::string>& frames) {
  NexusSpectrum spectrum;
  spectrum.path = entry;
  for (const auto& group : attributes)
    for (const auto& name : tree.children(group))
      if (spectrum.columns.empty() && is_axis(tree, group + "/" + name))
        set_axis(tree, spectrum, group + "/" + name);
  if (spectrum.columns.empty()) return std::nullopt;
  Growing growing;
  for (const auto& group : attributes) add_columns(tree, spectrum, group, growing);
  for (const auto& path : frames) add_sums(tree, spectrum, path, lower(clean(last_step(path))));
  look_for_gaps(spectrum);
  add_growing(tree, spectrum, growing);
  if (spectrum.columns.size() < 2) return std::nullopt;
  add_metadata(tree, spectrum, entry);
  return spectrum;
}

ScanFile scan_of(Hdf5Tree& tree, const NexusSpectrum& spectrum, std::size_t index) {
  ScanFile scan;
  scan.name = tree.name();
  scan.format = "nexus";
  scan.label = label_of(spectrum, index);
  scan.metadata = spectrum.metadata;
  const std::string place = scan.name + ": scan '" + scan.label + "': ";
  for (const auto& text : spectrum.warnings) scan.warnings.push_back(place + text);
  std::vector<std::string> names, units;
  std::size_t rows = spectrum.columns.front().values.size();
  for (const auto& column : spectrum.columns) {
    auto values = values_of(spectrum, column, index);
    const std::size_t filled = finite_part(values);
    if (filled < 2 && scan.columns.empty())
      throw Error(Cause::data, place + column.name + " holds what is no finite number");
    if (filled < 2) {
      scan.warnings.push_back(place + column.name +
                              " holds what is no finite number; it was left out");
      continue;
    }
    rows = std::min(rows, filled);
    scan.columns.push_back(std::move(values));
    names.push_back(column.name);
    units.push_back(column.unit);
  }
  if (scan.columns.size() < 2)
    throw Error(Cause::data, place + "no column of finite numbers besides " + names.front());
  if (tree.use() == Hdf5Use::swmr && spectrum.in_place) rows = written_part(scan.columns, rows);
  if (rows < 2) throw Error(Cause::data, place + "fewer than two points of it are written");
  for (auto& column : scan.columns) column.resize(rows);
  name_columns(scan, names);
  set_units(scan, units);
  judge_end(tree, spectrum, index, rows, place, scan);
  return scan;
}

}  // namespace twin::formats
