// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/error.h"
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

/// Run, scan, bytes and synthetic label: what makes two measurements the same one.
// A measurement is its bytes under its name; any other record is its id.
std::string identity_of(const record::Value& document, const std::string& id) {
  if (text_of(document, "kind") != "measurement") return id;
  const std::string sha256 = text_of(document, "source_sha256");
  std::string key;
  for (const auto& part : {text_of(document, "run"), text_of(document, "scan"),
                           sha256.empty() ? id : sha256, text_of(document, "synthetic")})
    key.append(part).append(1, '\0');
  return key;
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
  std::map<std::string, Accepted> known;  ///< measurements by identity

  /// Reads which measurements are there; only when the first one is appended.
  void index() {
    if (std::exchange(indexed, true)) return;
    for (const auto& entry : journal.entries()) {
      const std::string line = journal.json(entry);
      if (line.find("\"kind\":\"measurement\"") == line.npos)
        remember_id(line, entry.sequence);  // a state is long: not parsed for its id alone
      else
        remember(stream::parse_json(line, journal_name()), entry.sequence);
    }
  }

  void remember(const record::Value& document, std::int64_t sequence) {
    const std::string id = text_of(document, "id");
    known.try_emplace(identity_of(document, id), Accepted{sequence, id, true});
  }

  // The id stands before anything else that is called so: see stream::encode.
  void remember_id(const std::string& line, std::int64_t sequence) {
    constexpr std::string_view key = "\"id\":\"";
    const auto at = line.find(key);
    if (at == line.npos) return;
    const auto from = at + key.size();
    const std::string id = line.substr(from, line.find('"', from) - from);
    known.try_emplace(id, Accepted{sequence, id, true});
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
  const auto at = state_->known.find(identity_of(document, id));
  if (at != state_->known.end()) return at->second;
  const std::int64_t sequence = state_->journal.append(stream::dump_json(document));
  state_->remember(document, sequence);
  return {sequence, id, false};
}

void Run::sync() { state_->journal.sync(); }

void Run::replay(std::int64_t since,
                 const std::function<void(std::int64_t, const std::string&)>& visit) const {
  state_->journal.refresh();
  // By index: visit() may append.
  for (std::size_t i = 0; i < state_->journal.entries().size(); ++i) {
    const JournalEntry entry = state_->journal.entries()[i];
    if (entry.sequence > since) visit(entry.sequence, state_->journal.json(entry));
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

bool Run::publish_due() const {
  const std::int64_t last = state_->journal.last_sequence(), done = state_->published_sequence();
  return last > done && 10 * (last - done) >= done;
}

std::size_t Run::recovered_bytes() const { return state_->journal.recovered_bytes(); }
const std::vector<std::string>& Run::warnings() const { return state_->journal.warnings(); }
std::int64_t Run::last_sequence() const { return state_->journal.last_sequence(); }

}  // namespace twin::store
