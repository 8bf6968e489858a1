// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/key_set.h"
#include "core/text.h"
#include "store/journal.h"
#include "store/nexus.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::store {

namespace {

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

std::string text_of(const record::Value& document, std::string_view key) {
  const record::Value* value = document.find(key);
  return value && value->is_string() ? value->string() : "";
}

std::string joined(std::initializer_list<std::string> parts) {
  std::string key;
  for (const auto& part : parts) key.append(part).append(1, '\0');
  return key;
}

// A measurement is its bytes under its name; any other record is its id.
std::string identity_of(const record::Value& document, const std::string& id) {
  if (text_of(document, "kind") != "measurement") return id;
  const std::string sha256 = text_of(document, "source_sha256");
  return joined({text_of(document, "run"), text_of(document, "scan"), sha256.empty() ? id : sha256,
                 text_of(document, "synthetic")});
}

// A scan of a file, whatever its bytes; "" where nothing says which file.
std::string name_of(const std::string& run, const std::string& scan, const std::string& file) {
  return file.empty() ? "" : joined({run, scan, file});
}

bool is_measurement(const std::string& line) {
  return line.find("\"kind\":\"measurement\"") != line.npos;
}

/// A measurement's stored line up to its arrays, which are long and say nothing of which it is.
record::Value head_of(const std::string& line, const std::string& where) {
  const auto arrays = line.find(",\"arrays\":");
  return stream::parse_json(arrays == line.npos ? line : line.substr(0, arrays) + "}", where);
}

/// The id of a stored line; it stands before anything else that is called so: see stream::encode.
std::string id_in(const std::string& line) {
  constexpr std::string_view key = "\"id\":\"";
  const auto at = line.find(key);
  if (at == line.npos) return "";
  const auto from = at + key.size();
  return line.substr(from, line.find('"', from) - from);
}

std::size_t points_of(const record::Value& document) {
  std::size_t points = 0;
  const record::Value* arrays = document.find("arrays");
  if (!arrays || !arrays->is_object()) return 0;
  for (const auto& [name, array] : arrays->object()) {
    const record::Value* shape = array.find("shape");
    const record::Value* data = array.is_array() ? &array : array.find("data");
    if (shape && shape->is_array() && shape->array().size() == 1 && shape->array()[0].is_integer())
      points = std::max(
          points, static_cast<std::size_t>(std::max<std::int64_t>(0, shape->array()[0].integer())));
    else if (data && data->is_array())
      points = std::max(points, data->array().size());
  }
  return points;
}

}  // namespace

struct Run::State {
  State(const std::string& where, Journal::Mode mode)
      : path(where), journal(where + ".journal", mode) {}

  std::string path;
  Journal journal;
  std::optional<std::int64_t> published;  ///< last sequence in the .nxs; nothing = not looked yet
  bool indexed = false;
  KeyMap<std::int64_t> known;   ///< sequences by identity
  KeyMap<std::int64_t> newest;  ///< of scans of files, by name

  /// Reads what is there; only when the first record is appended.
  void index() {
    if (std::exchange(indexed, true)) return;
    for (const auto& entry : journal.entries()) {
      const std::string line = journal.json(entry);
      // A state is long: not parsed for its id alone.
      if (is_measurement(line))
        remember(head_of(line, journal_name()), entry.sequence);
      else
        remember(id_in(line), entry.sequence);
    }
  }

  void remember(const std::string& identity, std::int64_t sequence) {
    known.insert(key_of_text(identity)).first = sequence;
  }

  void remember(const record::Value& document, std::int64_t sequence) {
    remember(identity_of(document, text_of(document, "id")), sequence);
    const std::string name = name_of(text_of(document, "run"), text_of(document, "scan"),
                                     text_of(document, "source_file"));
    if (!name.empty()) newest.insert(key_of_text(name)).first = sequence;
  }

  /// The record that is the same as this one; by its hash first, then by what it says.
  [[nodiscard]] std::optional<Accepted> same_as(const std::string& identity) const {
    const std::int64_t* sequence = known.find_value(key_of_text(identity));
    if (!sequence) return std::nullopt;
    const std::string there = line(*sequence), id = id_in(there);
    const bool same =
        identity == (is_measurement(there) ? identity_of(head_of(there, journal_name()), id) : id);
    return same ? std::optional(Accepted{*sequence, id, true}) : std::nullopt;
  }

  /// A file may go back to what it was: that is its newest state then, and no duplicate.
  [[nodiscard]] bool superseded(const record::Value& document, std::int64_t sequence) const {
    const std::string name = name_of(text_of(document, "run"), text_of(document, "scan"),
                                     text_of(document, "source_file"));
    const std::int64_t* last = name.empty() ? nullptr : newest.find_value(key_of_text(name));
    return last != nullptr && *last > sequence;
  }

  [[nodiscard]] std::string line(std::int64_t sequence) const {
    const auto& entries = journal.entries();
    return journal.json(*std::ranges::lower_bound(entries, sequence, {}, &JournalEntry::sequence));
  }

  [[nodiscard]] std::string journal_name() const { return printable(path) + ".journal"; }

  std::int64_t published_sequence() {
    if (!exists(path)) published = 0;
    if (!published) published = read_published_sequence(path);
    return *published;
  }
};

Run::Run(std::unique_ptr<State> state) : state_(std::move(state)) {}
Run::~Run() = default;
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;

Run Run::open(const std::string& path) {
  if (path.empty()) throw Error(Cause::cannot_create, "a run without a name; run.nxs is expected");
  if (exists(path) && !exists(path + ".journal"))
    throw Error(Cause::cannot_create, printable(path) +
                                          ": a file without a journal beside it, so no run of "
                                          "this program; another name is expected");
  return Run(std::make_unique<State>(path, Journal::Mode::write));
}

Run Run::read(const std::string& path) {
  return Run(std::make_unique<State>(path, Journal::Mode::read));
}

Accepted Run::append(const record::Record& record) {
  record::Value document = stream::encode(record);
  std::string id = text_of(document, "id");
  if (id.empty()) document.set("id", id = stream::content_id(document));
  state_->index();
  const auto same = state_->same_as(identity_of(document, id));
  if (same && !state_->superseded(document, same->sequence)) return *same;
  const std::int64_t sequence = state_->journal.append(stream::dump_json(document));
  state_->remember(document, sequence);
  return {sequence, id, false};
}

std::optional<Earlier> Run::earlier(const record::Measurement& m) {
  state_->index();
  const std::string name = name_of(m.context.run, m.context.scan, m.source_file);
  if (name.empty()) return std::nullopt;
  const std::int64_t* sequence = state_->newest.find_value(key_of_text(name));
  if (!sequence) return std::nullopt;
  const auto there = stream::parse_json(state_->line(*sequence), state_->journal_name());
  if (name_of(text_of(there, "run"), text_of(there, "scan"), text_of(there, "source_file")) != name)
    return std::nullopt;
  const record::Value* revision = there.find("revision");
  return Earlier{text_of(there, "id"),
                 revision && revision->is_integer() ? static_cast<int>(revision->integer()) : 0};
}

void Run::sync() { state_->journal.sync(); }

void Run::replay(std::int64_t since,
                 const std::function<void(std::int64_t, const std::string&)>& visit) const {
  replay(since, std::numeric_limits<std::int64_t>::max(), visit);
}

void Run::replay(std::int64_t since, std::int64_t last,
                 const std::function<void(std::int64_t, const std::string&)>& visit) const {
  state_->journal.refresh();
  const auto& entries = state_->journal.entries();
  const auto first = std::ranges::upper_bound(entries, since, {}, &JournalEntry::sequence);
  // By index: visit() may append.
  for (auto i = static_cast<std::size_t>(first - entries.begin()); i < entries.size(); ++i) {
    const JournalEntry entry = entries[i];
    if (entry.sequence > last) return;
    visit(entry.sequence, state_->journal.json(entry));
  }
}

std::vector<Listing> Run::list() const {
  std::vector<Listing> rows;
  replay(0, [&](std::int64_t sequence, const std::string& line) {
    const auto document = stream::parse_json(line, state_->journal_name());
    rows.push_back({.sequence = sequence,
                    .id = text_of(document, "id"),
                    .kind = text_of(document, "kind"),
                    .scan = text_of(document, "scan"),
                    .period = text_of(document, "period"),
                    .time = text_of(document, "time"),
                    .points = points_of(document)});
  });
  return rows;
}

void Run::publish() {
  Journal& journal = state_->journal;
  if (!journal.writable())
    throw Error(Cause::usage,
                printable(state_->path) + ": opened for reading; it can't be published");
  if (journal.last_sequence() == state_->published_sequence()) return;
  sync();  // nothing is published that is not safe in the journal
  write_nexus(state_->path, journal.last_sequence(), [&](const Visit& visit) { replay(0, visit); });
  state_->published = journal.last_sequence();
}

void Run::publish_beside(const std::string& path) {
  const Run run = read(path);
  const std::int64_t last = run.last_sequence();
  write_nexus(path, last, [&](const Visit& visit) { run.replay(0, last, visit); });
}

void Run::was_published() { state_->published.reset(); }

bool Run::publish_due() const {
  const std::int64_t last = state_->journal.last_sequence(), done = state_->published_sequence();
  return last > done && 10 * (last - done) >= done;
}

std::size_t Run::recovered_bytes() const { return state_->journal.recovered_bytes(); }
const std::vector<std::string>& Run::warnings() const { return state_->journal.warnings(); }
std::int64_t Run::last_sequence() const { return state_->journal.last_sequence(); }

}  // namespace twin::store
