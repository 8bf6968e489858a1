// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/trace.h"

#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "app/acquire.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/time.h"
#include "store/run.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/json.h"

namespace twin::app {

using record::Value;

namespace {

std::string text_in(const Value& document, std::string_view key) {
  const Value* value = document.find(key);
  return value && value->is_string() ? value->string() : "";
}

/// Of a scan in a file as it is now; nothing where it is not there.
std::optional<std::string> sum_of_scan(const std::string& file, const std::string& scan) {
  std::vector<Error> refused;
  try {
    for (const auto& m : measurements_from_file(file, &refused))
      if (m.context.scan == scan) return m.source_sha256;
  } catch (const Error&) {
    return std::nullopt;  // it can't be read any more: so it has changed
  }
  return std::nullopt;
}

class Tracer {
 public:
  explicit Tracer(const std::vector<std::string>& runs) {
    for (const auto& run : runs) {
      names_.push_back(printable(run));
      runs_.push_back(store::Run::read(run));
      for (const auto& line : runs_.back().list()) {
        places_.try_emplace(line.id, Place{runs_.size() - 1, line.sequence});
        if (line.kind == "event") events_.push_back({runs_.size() - 1, line.sequence});
      }
    }
  }

  bool trace(const std::string& id) {
    show(find(id), 0);
    if (!std::cout.flush()) throw Error(Cause::output, "stdout: writing failed");
    return whole_;
  }

 private:
  /// Of a record: which of the runs has it, and where.
  struct Place {
    std::size_t run = 0;
    std::int64_t sequence = 0;
  };

  /// The whole id of which this is the beginning.
  [[nodiscard]] std::string find(const std::string& beginning) const {
    const auto at = places_.lower_bound(beginning);
    if (beginning.empty() || at == places_.end() || !at->first.starts_with(beginning))
      throw Error(Cause::no_input, join(names_, ", ") + ": no record " + printable(beginning) +
                                       "; --list names "
                                       "what there is");
    const auto next = std::next(at);
    if (at->first != beginning && next != places_.end() && next->first.starts_with(beginning))
      throw Error(Cause::no_input,
                  join(names_, ", ") + ": several records begin with " + printable(beginning));
    return at->first;
  }

  std::optional<Value> document(const std::string& id) const {
    const auto at = places_.find(id);
    if (at == places_.end()) return std::nullopt;
    return document(at->second);
  }

  [[nodiscard]] std::optional<Value> document(const Place& place) const {
    std::optional<Value> out;
    runs_[place.run].replay(place.sequence - 1, place.sequence,
                            [&](std::int64_t, const std::string& line) {
                              out = stream::parse_json(line, names_[place.run]);
                            });
    return out;
  }

  void say(int depth, const std::string& text) const {
    std::cout << std::string(static_cast<std::size_t>(2 * depth), ' ') << printable(text) << '\n';
  }

  void wrong(int depth, const std::string& text) {
    whole_ = false;
    say(depth, text);
  }

  void show(const std::string& id, int depth) {
    constexpr int deepest = 500;
    if (depth > deepest) return wrong(deepest, "...: it goes on, deeper than is followed");
    const auto found = document(id);
    if (!found) return wrong(depth, id + ": in none of these runs");
    const std::string kind = text_in(*found, "kind"), scan = text_in(*found, "scan");
    const bool same = stream::content_id(*found) == id;
    const std::string what = kind + " " + id + (scan.empty() ? "" : " " + scan);
    if (same)
      say(depth, what);
    else
      wrong(depth, what + ": its content is not what its id says");
    if (!shown_.insert(id).second) return say(depth + 1, "as above");
    show_writer(text_in(*found, "by"), depth + 1);
    if (kind == "measurement") show_source(*found, depth + 1);
    const Value* from = found->find("from");
    if (from && from->is_array())
      for (const Value& one : from->array())
        if (one.is_string()) show(one.string(), depth + 1);
  }

  void show_writer(const std::string& id, int depth) {
    if (id.empty()) return wrong(depth, "it does not say who wrote it");
    const auto found = document(id);
    if (!found) return wrong(depth, "by " + id + ": its start is in none of these runs");
    const auto decoded = stream::decode(*found);
    const auto* is = std::get_if<record::Start>(&decoded);
    if (is == nullptr) return wrong(depth, "by " + id + ": it is no start");
    const record::Start& start = *is;
    say(depth, "by " + start.tool + " " + start.version + " (" + id.substr(0, 8) +
                   "): " + join(start.command, " ") +
                   (start.seed ? "; seed " + std::to_string(*start.seed) : ""));
    if (!told_.insert(id).second) return;
    for (const auto& input : start.inputs) show_file(depth + 1, input.name, input.sha256);
  }

  void show_file(int depth, const std::string& path, const std::string& sha256) {
    const std::string what = "file " + path + " " + sha256.substr(0, 12) + ": ";
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
      return wrong(depth, what + "not there any more");
    if (sha256_file(path) == sha256) return say(depth, what + "unchanged");
    wrong(depth, what + "CHANGED since");
  }

  void show_source(const Value& measurement, int depth) {
    const std::string file = text_in(measurement, "source_file");
    const std::string sum = text_in(measurement, "source_sha256");
    if (file.empty()) return say(depth, "from no file");
    show_source_file(file, sum, text_in(measurement, "scan"), depth);
    show_devices(measurement, depth);
  }

  /// A scan of several in a file has a sum of its own.
  void show_source_file(const std::string& file, const std::string& sum, const std::string& scan,
                        int depth) {
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error) && sha256_file(file) != sum) {
      const std::string what = "file " + file + " " + sum.substr(0, 12) + ": ";
      const auto again = sum_of_scan(file, scan);
      if (again == sum) return say(depth, what + "unchanged, a scan of several in it");
    }
    show_file(depth, file, sum);
  }

  void show_devices(const Value& measurement, int depth) {
    std::string at = text_in(measurement, "measured_at");
    if (at.empty()) at = text_in(measurement, "time");
    const auto instant = parse_utc(at);
    const auto devices = devices_at(measurement);
    if (!devices || !instant) return;
    for (const auto& one : *devices)
      if (one.installed(*instant))
        say(depth, "device " + one.name + ": " + (one.model.empty() ? "" : one.model + ", ") +
                       "serial " + one.serial);
  }

  /// As they were told before the scan was stored, or first thing after it.
  [[nodiscard]] std::optional<record::Devices> devices_at(const Value& measurement) const {
    const auto own = places_.find(text_in(measurement, "id"));
    std::optional<record::Devices> out;
    if (own == places_.end()) return out;
    for (const auto& place : events_) {
      if (place.run != own->second.run) continue;
      if (out && place.sequence > own->second.sequence) break;
      const auto event = document(place);
      const Value* told = event ? event->find("devices") : nullptr;
      if (told && text_in(*event, "what") == "devices")
        out = stream::decode_devices(*told, names_[place.run]);
    }
    return out;
  }

  std::vector<std::string> names_;
  std::vector<store::Run> runs_;
  std::map<std::string, Place> places_;  ///< by id
  std::vector<Place> events_;
  std::set<std::string> shown_, told_;
  bool whole_ = true;
};

}  // namespace

bool trace(const std::vector<std::string>& runs, const std::string& id) {
  return Tracer(runs).trace(id);
}

}  // namespace twin::app
