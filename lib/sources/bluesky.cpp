// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/bluesky.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "formats/limits.h"
#include "formats/table.h"
#include "sources/bluesky_run.h"

namespace twin::sources {

using Json = nlohmann::ordered_json;  // data keys come in the order in which they were measured
using formats::ScanFile;

namespace {

constexpr std::size_t most_runs = 100;  // under way at once
constexpr std::size_t deepest = 32;

std::string text(const Json& document, const char* key) {
  const auto at = document.find(key);
  if (at == document.end()) return "";
  if (at->is_string()) return formats::clean(at->get<std::string>());
  return at->is_number_integer() ? at->dump() : "";
}

const Json& member(const Json& document, const char* key) {
  const auto at = document.find(key);
  if (at == document.end()) throw Error(Cause::data, std::string(key) + " is missing");
  return *at;
}

/// A sample's name, which is a text or a mapping with one.
std::string sample_of(const Json& start) {
  for (const auto* key : {"sample_name", "sample"}) {
    const auto at = start.find(key);
    if (at == start.end()) continue;
    if (at->is_object()) return text(*at, "name");
    if (at->is_string()) return text(start, key);
  }
  return "";
}

/// [[["energy"], "primary"], ...]
std::vector<std::string> dimensions_of(const Json& start) {
  std::vector<std::string> out;
  const auto hints = start.find("hints");
  if (hints == start.end() || !hints->is_object()) return out;
  const auto dimensions = hints->find("dimensions");
  if (dimensions == hints->end() || !dimensions->is_array()) return out;
  for (const auto& one : *dimensions)
    if (one.is_array() && !one.empty() && one[0].is_array())
      for (const auto& key : one[0])
        if (key.is_string()) out.push_back(key.get<std::string>());
  return out;
}

bool is_number(const Json& key) {
  const std::string type = text(key, "dtype");
  return (type == "number" || type == "integer" || type == "boolean") && !key.contains("external");
}

double number_of(const Json& value, const std::string& key) {
  double out = NAN;
  if (value.is_boolean()) out = value.get<bool>() ? 1 : 0;
  if (value.is_number()) out = value.get<double>();
  if (!std::isfinite(out))
    throw Error(Cause::data, printable(key) + ": a number that is finite is expected");
  return out;
}

}  // namespace

struct Bluesky::State {
  explicit State(std::string of) : name(std::move(of)) {}

  std::string name;
  std::map<std::string, RunUnderWay> runs;   ///< by uid
  std::map<std::string, Stream> streams;     ///< by uid of the descriptor
  std::map<std::string, std::string> whose;  ///< uids of runs by those of resources, datums
  std::size_t numbers = 0;

  void start(const Json& doc) {
    RunUnderWay run;
    run.uid = member(doc, "uid").get<std::string>();
    run.scan_id = text(doc, "scan_id");
    run.plan = text(doc, "plan_name");
    run.sample = sample_of(doc);
    run.dimensions = dimensions_of(doc);
    if (runs.size() >= most_runs) throw Error(Cause::data, "more than 100 runs without a stop");
    const std::string uid = run.uid;
    if (!runs.emplace(uid, std::move(run)).second)
      throw Error(Cause::data, "a second start of run " + printable(uid));
  }

  RunUnderWay& run_of(const Json& doc) {
    const auto at = runs.find(member(doc, "run_start").get<std::string>());
    if (at == runs.end()) throw Error(Cause::data, "of a run whose start is not here");
    return at->second;
  }

  void descriptor(const Json& doc) {
    RunUnderWay& run = run_of(doc);
    Stream stream;
    stream.run = run.uid;
    stream.name = text(doc, "name");
    if (stream.name.empty()) stream.name = "primary";
    const Json& keys = member(doc, "data_keys");
    if (!keys.is_object() || keys.size() > 10000)
      throw Error(Cause::data, "data_keys: a mapping of at most 10000 is expected");
    std::vector<std::pair<std::size_t, std::string>> order;
    for (const auto& [key, value] : keys.items()) {
      if (!value.is_object() || !is_number(value)) {
        stream.left_out.push_back(key);
        continue;
      }
      const auto at = std::ranges::find(run.dimensions, key);
      order.emplace_back(static_cast<std::size_t>(at - run.dimensions.begin()), key);
    }
    std::ranges::stable_sort(order, {}, [](const auto& one) { return one.first; });
    for (const auto& [place, key] : order) {
      stream.keys.push_back(key);
      stream.units.push_back(text(keys.at(key), "units"));
    }
    stream.columns.resize(stream.keys.size() + 1);
    const auto uid = member(doc, "uid").get<std::string>();
    if (!streams.emplace(uid, std::move(stream)).second)
      throw Error(Cause::data, "a second descriptor " + printable(uid));
    run.descriptors.push_back(uid);
  }

  Stream& stream_of(const Json& doc) {
    const auto at = streams.find(member(doc, "descriptor").get<std::string>());
    if (at == streams.end()) throw Error(Cause::data, "of a descriptor that is not here");
    return at->second;
  }

  /// What an event, or one of a page's, says of each key, time last.
  static std::vector<double> row_of(const Stream& stream, const Json& data, double time,
                                    std::optional<std::size_t> place) {
    std::vector<double> values;
    for (const auto& key : stream.keys) {
      const auto at = data.find(key);
      if (at == data.end()) throw Error(Cause::data, printable(key) + " is missing");
      if (place && (!at->is_array() || at->size() <= *place))
        throw Error(Cause::data, printable(key) + ": fewer values than times");
      values.push_back(number_of(place ? (*at)[*place] : *at, key));
    }
    values.push_back(time);
    return values;
  }

  /// Whole or not at all: of a document with a fault nothing is taken.
  void take_rows(Stream& stream, const std::vector<std::vector<double>>& rows,
                 const std::vector<std::int64_t>& sequences, const Json& doc) {
    if (numbers + rows.size() * stream.columns.size() > formats::most_numbers)
      throw Error(Cause::data, "more than 67 million numbers of runs under way");
    numbers += rows.size() * stream.columns.size();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t i = 0; i < rows[r].size(); ++i) stream.columns[i].push_back(rows[r][i]);
      stream.missing = stream.missing || sequences[r] != stream.events + 1;
      stream.events = std::max(stream.events + 1, sequences[r]);
    }
    runs.at(stream.run).digest.add(doc.dump());
  }

  void event(const Json& doc) {
    Stream& stream = stream_of(doc);
    const double time = number_of(member(doc, "time"), "time");
    const auto sequence = member(doc, "seq_num").get<std::int64_t>();
    take_rows(stream, {row_of(stream, member(doc, "data"), time, std::nullopt)}, {sequence}, doc);
  }

  void event_page(const Json& doc) {
    Stream& stream = stream_of(doc);
    const Json &times = member(doc, "time"), &numbers_of = member(doc, "seq_num");
    if (!times.is_array() || !numbers_of.is_array() || times.size() != numbers_of.size())
      throw Error(Cause::data, "time and seq_num: lists of the same length are expected");
    std::vector<std::vector<double>> rows;
    std::vector<std::int64_t> sequences;
    for (std::size_t i = 0; i < times.size(); ++i) {
      rows.push_back(row_of(stream, member(doc, "data"), number_of(times[i], "time"), i));
      sequences.push_back(numbers_of[i].get<std::int64_t>());
    }
    take_rows(stream, rows, sequences, doc);
  }

  /// Data that are kept in files.
  void elsewhere(const Json& doc) {
    std::string uid = text(doc, "run_start");
    for (const auto* key : {"resource", "stream_resource"})
      if (uid.empty() && doc.contains(key)) uid = whose[text(doc, key)];
    if (doc.contains("uid")) whose[text(doc, "uid")] = uid;
    const auto run = runs.find(uid);
    if (run != runs.end()) ++run->second.elsewhere;
  }

  std::vector<ScanFile> stop(const Json& doc) {
    RunUnderWay& run = run_of(doc);
    const std::string status = text(doc, "exit_status");
    std::string ended;
    if (status != "success") ended = "the run ended as " + (status.empty() ? "?" : status);
    const auto counts = doc.find("num_events");
    if (counts != doc.end() && counts->is_object())
      for (const auto& uid : run.descriptors) {
        Stream& stream = streams.at(uid);
        const auto count = counts->find(stream.name);
        if (count != counts->end() && count->is_number_integer() &&
            count->get<std::int64_t>() != static_cast<std::int64_t>(stream.rows()))
          stream.missing = true;
      }
    return over(run.uid, ended);
  }

  /// The scans of a run, which is over: its uid outlives it. \p ended  why it is not whole, "" when
  /// it is
  std::vector<ScanFile> over(std::string uid, const std::string& ended) {
    auto run = std::move(runs.extract(uid).mapped());
    std::map<std::string, std::string> constant;  // of streams with one event
    std::vector<ScanFile> out;
    const std::string sum = run.digest.hexadecimal();
    std::set<std::string> labels;
    for (const auto& descriptor : run.descriptors) {
      auto stream = std::move(streams.extract(descriptor).mapped());
      numbers -= std::min(numbers, stream.rows() * stream.columns.size());
      if (stream.rows() == 1)
        for (std::size_t i = 0; i < stream.keys.size(); ++i)
          constant[lower(stream.name + "." + stream.keys[i])] =
              shortest(stream.columns[i][0]) +
              (stream.units[i].empty() ? "" : " " + stream.units[i]);
      if (stream.rows() < 2 || stream.keys.empty()) continue;
      out.push_back(scan_of(run, std::move(stream), name, ended));
      const std::string stem = out.back().label;
      for (int n = 2; !labels.insert(out.back().label).second; ++n)
        out.back().label = stem + "." + std::to_string(n);
      out.back().sha256 = sum;
    }
    for (auto& scan : out) scan.metadata.insert(constant.begin(), constant.end());
    std::erase_if(whose, [&](const auto& one) { return one.second == uid; });
    return out;
  }

  std::vector<ScanFile> take(const std::string& kind, const Json& doc) {
    if (!doc.is_object()) throw Error(Cause::data, printable(kind) + ": no mapping");
    if (kind == "start") start(doc);
    if (kind == "descriptor") descriptor(doc);
    if (kind == "event") event(doc);
    if (kind == "event_page") event_page(doc);
    if (kind == "stop") return stop(doc);
    for (const auto* other : {"resource", "datum", "datum_page", "stream_resource", "stream_datum"})
      if (kind == other) elsewhere(doc);
    return {};  // what later versions have besides says nothing of the columns
  }
};

Bluesky::Bluesky(std::string name) : state_(std::make_unique<State>(std::move(name))) {}
Bluesky::~Bluesky() = default;

std::vector<ScanFile> Bluesky::take(std::string_view line, std::size_t number) {
  const std::string where = printable(state_->name) + ":" + std::to_string(number);
  if (trim(line).empty()) return {};
  const auto too_deep = [](int depth, Json::parse_event_t, Json&) {
    if (static_cast<std::size_t>(depth) > deepest)
      throw Error(Cause::data, "more than " + std::to_string(deepest) + " levels");
    return true;
  };
  try {
    const Json whole = Json::parse(line, too_deep);
    if (whole.is_array() && whole.size() == 2 && whole[0].is_string())
      return state_->take(whole[0].get<std::string>(), whole[1]);
    if (whole.is_object() && whole.contains("name") && whole.contains("doc"))
      return state_->take(whole["name"].get<std::string>(), whole["doc"]);
    throw Error(Cause::data, "[\"name\", {document}] is expected");
  } catch (const Json::exception& error) {
    throw Error(Cause::data, where + ": " + printable(error.what()));
  } catch (const Error& error) {
    throw error.at(where);
  }
}

std::vector<ScanFile> Bluesky::finish() {
  std::vector<ScanFile> out;
  while (!state_->runs.empty()) {
    const std::string uid = state_->runs.begin()->first;
    auto scans = state_->over(uid, "its documents end before its stop");
    std::ranges::move(scans, std::back_inserter(out));
  }
  return out;
}

}  // namespace twin::sources
