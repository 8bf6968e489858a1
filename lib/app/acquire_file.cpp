// SPDX-License-Identifier: GPL-3.0-or-later
// Files as measurements: the parts of twin-acquire that know what is in a file.
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <regex>

#include "app/acquire.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "core/units.h"
#include "formats/read_scan.h"
#include "numeric/statistics.h"
#include "sources/contained.h"

namespace twin::app {

using record::Measurement;
using record::Quantity;

namespace {

// The first of these that is among the columns.
std::string first_of(const std::vector<std::string>& names,
                     std::initializer_list<const char*> wanted) {
  for (const auto* name : wanted)
    if (std::ranges::find(names, name) != names.end()) return name;
  return "";
}

std::string metadata(const formats::ScanFile& file, const std::string& key) {
  const auto at = file.metadata.find(key);
  return at == file.metadata.end() ? "" : at->second;
}

void add_header(Measurement& m, const formats::ScanFile& file) {
  const auto symbol = metadata(file, "element.symbol"), edge = metadata(file, "element.edge");
  if (!symbol.empty() && !edge.empty()) m.edge = symbol + " " + edge;
  m.context.sample = metadata(file, "sample.name");
  const auto temperature = metadata(file, "sample.temperature");
  if (temperature.empty()) return;
  try {
    m.context.environment["temperature"] =
        Quantity{parse_in(temperature, "K"), {}, {}, "K", "file header", {}};
  } catch (const Error&) {
    if (file.format == "xdi") return;  // told, with its line
    m.warnings.push_back("sample.temperature: \"" + printable(temperature) +
                         "\" is no temperature with a unit; left out");
  }
}

/// The column whose order counts: one that is called an energy, or the first of a file whose
/// columns are not named. Angles, pixels and k are what they are, and so is what a motor did.
std::optional<std::size_t> energy_column(const formats::ScanFile& file) {
  const auto exact = first_of(file.names, {"energy", "e", "e(ev)", "energy_ev"});
  if (!exact.empty()) return formats::column_index(file, exact);
  for (std::size_t i = 0; i < file.names.size(); ++i)
    if (file.names[i].find("energy") != std::string::npos) return i;
  if (file.units.front() == "eV") return 0;
  if (!file.units.front().empty() || (file.format != "columns" && file.format != "xdi"))
    return std::nullopt;
  const auto& first = file.names.front();
  for (const auto* other : {"k", "q", "r", "pixel", "angle", "theta", "bragg", "time"})
    if (first.starts_with(other) &&
        (first.size() == std::string_view(other).size() || std::string_view(other).size() > 1))
      return std::nullopt;
  return 0;
}

/// Which file, and when it was written last.
void name_source(Measurement& m, const std::string& path) {
  m.source_file = path;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  m.measured_at = utc_of(static_cast<double>(status.st_mtim.tv_sec) +
                         1e-9 * static_cast<double>(status.st_mtim.tv_nsec));
}

/// When it was measured, where the source says so.
void name_times(Measurement& m, const formats::ScanFile& file) {
  std::optional<double> from, to;
  if (file.format == "bluesky" && file.names.back() == "time" && file.rows() > 0) {
    const auto [first, last] = std::ranges::minmax(file.columns.back());
    if (first > 0 && last < 1e11) from = first, to = last;
  } else {
    const auto begin = metadata(file, "scan.start_time");
    from = parse_instant(begin.empty() ? metadata(file, "nexus.start_time") : begin);
    to = parse_instant(metadata(file, "scan.end_time"));
  }
  if (to) m.measured_at = utc_of(*to);
  if (from && utc_of(*from) < (m.measured_at.empty() ? utc_now() : m.measured_at))
    m.measured_from = utc_of(*from);
}

}  // namespace

std::pair<std::string, Quantity> parse_context(const std::string& text) {
  // name = value [±|+- sigma | (sigma)] unit
  static const std::regex form(
      R"(^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*([-+]?[.0-9]+(?:[eE][-+]?[0-9]+)?)\s*(?:(?:±|\+-|\+/-)\s*([.0-9]+(?:[eE][-+]?[0-9]+)?)|\(([.0-9]+)\))?\s*(\S*)\s*$)");
  std::smatch part;
  if (!std::regex_match(text, part, form))
    throw Error(Cause::usage, "--context " + printable(text) +
                                  ": expected NAME=VALUE±SIGMA UNIT, as temperature=295±3 K");
  const auto value = parse_double(part[2].str());
  const auto sigma = parse_double(part[3].matched ? part[3].str() : part[4].str());
  const auto unit = find_unit(part[5].str());
  if (part[5].str().empty())
    throw Error(Cause::usage, "--context " + printable(text) +
                                  ": a unit is missing; expected NAME=VALUE±SIGMA UNIT");
  if (!value || !std::isfinite(*value) || !unit || ((part[3].matched || part[4].matched) && !sigma))
    throw Error(Cause::usage,
                "--context " + printable(text) + ": " +
                    (unit ? "not a number" : "unknown unit " + printable(part[5].str())) +
                    "; expected NAME=VALUE±SIGMA UNIT");
  return {part[1].str(), Quantity{value, sigma, {}, unit->name, "stated", {}}};
}

Measurement measurement_of(formats::ScanFile file, const std::string& path) {
  const std::string stem = path == "-" ? "" : std::filesystem::path(path).stem().string();
  Measurement m;
  if (path != "-") name_source(m, path);
  name_times(m, file);
  m.technique = "xas";
  m.context.scan = file.label.empty() ? stem : stem.empty() ? file.label : stem + "." + file.label;
  m.source_sha256 = file.sha256;
  m.columns = file.names;
  if (file.truncated) m.status = record::Completeness::partial;
  add_header(m, file);
  if (const auto energy = energy_column(file)) formats::check_scan(file, *energy);
  for (const auto& text : file.warnings) m.warnings.push_back(text);
  for (const auto& [name, value] : file.stored) m.stored.set(name, value);
  for (std::size_t i = 0; i < file.columns.size(); ++i) {
    const std::size_t rows = file.columns[i].size();
    m.arrays[file.names[i]] = {std::move(file.columns[i]), {rows}, file.units[i], "", ""};
  }
  return m;
}

namespace {

std::vector<Measurement> measurements_of(std::vector<formats::ScanFile> files,
                                         const std::string& path, std::vector<Error>* refused) {
  std::vector<Measurement> out;
  for (auto& file : files) {
    try {
      out.push_back(measurement_of(std::move(file), path));
    } catch (const Error& error) {
      if (!refused || error.cause() != Cause::data) throw;
      refused->push_back(error);
    }
  }
  return out;
}

}  // namespace

std::vector<Measurement> measurements_from_file(const std::string& path,
                                                std::vector<Error>* refused) {
  const auto hdf5 = [](int file, const std::string& name, std::vector<Error>* bad) {
    return sources::read_contained(file, name, bad);
  };
  return measurements_of(formats::read_scans(path, refused, hdf5), path, refused);
}

std::vector<Measurement> measurements_from_growing(const std::string& path) {
  std::vector<Error> later;  // said when the file is whole
  return measurements_of(formats::read_growing_scans(path), path, &later);
}

std::vector<Measurement> bootstrap(const Measurement& m, const std::string& mu, long long n,
                                   long long seed) {
  const auto name = !mu.empty() ? mu : first_of(m.columns, {"xmu", "mu", "mutrans", "norm"});
  if (name.empty())
    throw Error(Cause::data,
                m.context.scan + ": --bootstrap needs a column of µ (xmu, mu, mutrans)");
  const auto& energy = m.arrays.at(m.columns.front()).data;
  const auto& curve = m.arrays.at(name).data;
  const double sigma = numeric::noise_by_differences(
      energy, curve, 0.5 * (energy.front() + energy.back()), energy.back());
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  std::normal_distribution<double> noise(0.0, sigma);
  std::vector<Measurement> out;
  for (long long i = 1; i <= n; ++i) {
    auto repeat = m;
    repeat.context.scan = m.context.scan + "+" + std::to_string(i);
    repeat.context.synthetic = "repeat " + std::to_string(i) + " of " + m.context.scan +
                               ", noise " + significant(sigma, 3) + " (its own), seed " +
                               std::to_string(seed);
    for (double& value : repeat.arrays.at(name).data) value += noise(random);
    out.push_back(std::move(repeat));
  }
  return out;
}

}  // namespace twin::app
