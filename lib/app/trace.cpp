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
  explicit Tracer(const std::string& run) : name_(printable(run)), run_(store::Run::read(run)) {
    for (const auto& line : run_.list()) {
      sequences_[line.id] = line.sequence;
      if (line.kind == "event") events_.push_back(line.sequence);
    }
  }

  bool trace(const std::string& id) {
    show(find(id), 0);
    if (!std::cout.flush()) throw Error(Cause::output, "stdout: writing failed");
    return whole_;
  }

 private:
  /// The whole id of which this is the beginning.
  [[nodiscard]] std::string find(const std::string& beginning) const {
    const auto at = sequences_.lower_bound(beginning);
    if (beginning.empty() || at == sequences_.end() || !at->first.starts_with(beginning))
      throw Error(Cause::no_input, name_ + ": no record " + printable(beginning) +
                                       "; --list names "
                                       "what there is");
    const auto next = std::next(at);
    if (at->first != beginning && next != sequences_.end() && next->first.starts_with(beginning))
      throw Error(Cause::no_input, name_ + ": several records begin with " + printable(beginning));
    return at->first;
  }

  std::optional<Value> document(const std::string& id) const {
    const auto at = sequences_.find(id);
    if (at == sequences_.end()) return std::nullopt;
    std::optional<Value> out;
    run_.replay(at->second - 1, at->second, [&](std::int64_t, const std::string& line) {
      out = stream::parse_json(line, name_);
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
    const auto found = document(id);
    if (!found) return wrong(depth, id + ": not in this run");
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
    if (!found) return wrong(depth, "by " + id + ": its start is not in this run");
    const auto start = std::get<record::Start>(stream::decode(*found));
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
    const auto own = sequences_.find(text_in(measurement, "id"));
    std::optional<record::Devices> out;
    for (const auto sequence : events_) {
      if (out && own != sequences_.end() && sequence > own->second) break;
      run_.replay(sequence - 1, sequence, [&](std::int64_t, const std::string& line) {
        const Value event = stream::parse_json(line, name_);
        const Value* told = event.find("devices");
        if (text_in(event, "what") == "devices" && told) out = stream::decode_devices(*told, name_);
      });
    }
    return out;
  }

  std::string name_;
  store::Run run_;
  std::map<std::string, std::int64_t> sequences_;  ///< by id
  std::vector<std::int64_t> events_;
  std::set<std::string> shown_, told_;
  bool whole_ = true;
};

}  // namespace

bool trace(const std::string& run, const std::string& id) { return Tracer(run).trace(id); }

}  // namespace twin::app
