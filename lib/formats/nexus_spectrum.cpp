// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus_spectrum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

/// What the standard calls it, and what recipes do.
constexpr std::array<std::pair<const char*, const char*>, 4> known_names{
    {{"incoming_beam", "i0"}, {"absorbed_beam", "signal"}, {"intensity", "mu"}, {"data", "mu"}}};

std::string our_name(const std::string& name) {
  for (const auto& [theirs, ours] : known_names)
    if (lower(name) == theirs) return ours;
  return lower(clean(name));
}

std::string last_step(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_axis_name(std::string_view name) {
  const std::string text = lower(name);
  return text.find("energy") != std::string::npos || text == "e" || text == "k" || text == "pixel";
}

std::string first(const std::vector<std::string>& texts) {
  return texts.empty() ? "" : clean(texts.front());
}

std::string unit_of(Hdf5Tree& tree, const std::string& path) {
  return first(tree.attribute(path, "units"));
}

/// A data set of one dimension with two points or more.
bool is_axis(Hdf5Tree& tree, const std::string& path) {
  const auto shape = tree.shape(path);
  return shape && shape->size() == 1 && shape->front() >= 2;
}

/// Adds what \p path holds when it lies over the axis: [point] or [scan × point].
void add(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
         const std::string& name) {
  const auto shape = tree.shape(path);
  if (!shape || shape->empty() || shape->size() > 2 || spectrum.columns.size() >= 1000) return;
  const std::size_t points = spectrum.columns.front().values.size();
  if (shape->back() != points || shape->front() == 0) return;
  const bool stacked = shape->size() == 2;
  const std::size_t scans = stacked ? shape->front() : 1;
  if (scans > (std::size_t{1} << 16)) return;
  const auto same = [&](const auto& column) { return column.name == name; };
  if (std::ranges::any_of(spectrum.columns, same)) return;
  if (stacked && spectrum.stack && scans != spectrum.scans) return;
  if (stacked) {
    spectrum.stack = true;
    spectrum.scans = scans;
  }
  spectrum.columns.push_back({name, unit_of(tree, path), tree.numbers(path), stacked});
}

/// All that a group holds over the axis; `signal` first.
void add_all(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& group) {
  const auto signal = first(tree.attribute(group, "signal"));
  if (!signal.empty()) add(tree, spectrum, group + "/" + signal, our_name(signal));
  for (const auto& name : tree.children(group))
    if (!is_axis_name(name)) add(tree, spectrum, group + "/" + name, our_name(name));
}

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
  const auto text = first(tree.texts(path));
  if (!text.empty()) spectrum.metadata.try_emplace(key, text);
}

/// What an entry says of the sample and the edge.
void add_metadata(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& entry) {
  spectrum.metadata["nexus.path"] = clean(spectrum.path);
  put_text(tree, spectrum, entry + "/title", "nexus.title");
  put_text(tree, spectrum, entry + "/start_time", "nexus.start_time");
  for (const auto& sample : groups_of(tree, entry, {"NXsample"}))
    put_text(tree, spectrum, sample + "/name", "sample.name");
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
    if (*axis != "." && axis->find('/') == axis->npos && is_axis_name(*axis) &&
        is_axis(tree, group + "/" + *axis))
      return *axis;
  if (!axes.empty()) return "";
  for (const auto& name : tree.children(group))
    if (is_axis_name(name) && is_axis(tree, group + "/" + name)) return name;
  return "";
}

void set_axis(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path) {
  std::string name = lower(clean(last_step(path)));
  if (name.find("energy") != std::string::npos || name == "e") name = "energy";
  spectrum.columns.push_back({name, unit_of(tree, path), tree.numbers(path), false});
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
  const std::size_t points = spectrum.columns.front().values.size();
  const auto begin =
      column.values.begin() + static_cast<std::ptrdiff_t>(column.stacked ? index * points : 0);
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

}  // namespace

std::string nexus_class(Hdf5Tree& tree, const std::string& path) {
  return first(tree.attribute(path, "NX_class"));
}

std::optional<NexusSpectrum> find_xas(Hdf5Tree& tree, const std::string& entry,
                                      const std::vector<std::string>& data) {
  NexusSpectrum spectrum;
  spectrum.path = entry;
  std::vector<std::string> places = data;
  for (auto& path : groups_of(tree, entry, {"NXmonochromator"})) places.push_back(std::move(path));
  places.push_back(entry);
  for (const auto& place : places)
    if (spectrum.columns.empty() && is_axis(tree, place + "/energy"))
      set_axis(tree, spectrum, place + "/energy");
  if (spectrum.columns.empty()) return std::nullopt;
  for (const auto& detector : groups_of(tree, entry, {"NXdetector", "NXmonitor"}))
    add(tree, spectrum, detector + "/data", our_name(last_step(detector)));
  add_all(tree, spectrum, entry);
  for (const auto& group : data) add_all(tree, spectrum, group);
  if (spectrum.columns.size() < 2) return std::nullopt;
  add_metadata(tree, spectrum, entry);
  return spectrum;
}

std::optional<NexusSpectrum> find_data(Hdf5Tree& tree, const std::string& group) {
  const auto axis = axis_of(tree, group);
  if (axis.empty()) return std::nullopt;
  NexusSpectrum spectrum;
  spectrum.path = group;
  set_axis(tree, spectrum, group + "/" + axis);
  add_all(tree, spectrum, group);
  if (spectrum.columns.size() < 2) return std::nullopt;
  if (spectrum.stack) spectrum.labels = tree.texts(group + "/scan_names");
  add_metadata(tree, spectrum, entry_of(tree, group));
  return spectrum;
}

ScanFile scan_of(Hdf5Tree& tree, const NexusSpectrum& spectrum, std::size_t index) {
  ScanFile scan;
  scan.name = tree.name();
  scan.format = "nexus";
  scan.label = label_of(spectrum, index);
  scan.metadata = spectrum.metadata;
  const std::string place = scan.name + ": scan '" + scan.label + "': ";
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
  name_columns(scan, names);
  set_units(scan, units);
  scan.truncated = rows < scan.rows();
  if (scan.truncated)
    scan.warnings.push_back(place + "filled up to row " + std::to_string(rows) + " of " +
                            std::to_string(scan.rows()) + "; the rest was left out");
  for (auto& column : scan.columns) column.resize(rows);
  return scan;
}

}  // namespace twin::formats
