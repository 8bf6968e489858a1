// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/key_set.h"
#include "core/text.h"
#include "store/identity.h"
#include "store/journal.h"
#include "store/nexus.h"
#include "store/nexus_reader.h"
#include "store/prune.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::store {

namespace {

constexpr std::int64_t most_records = 0xffffffff;

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
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
  State(const std::string& where, Descriptor restored)
      : path(where), journal(std::move(restored), where) {}

  std::string path;
  Journal journal;
  std::optional<std::int64_t> published;  ///< last sequence in the .nxs; nothing = not looked yet
  bool indexed = false;
  KeyIndex known;   ///< sequences by identity
  KeyIndex newest;  ///< of scans of files, by name

  /// Reads what is there; only when the first record is appended.
  void index() {
    if (indexed) return;
    known = {};
    newest = {};
    journal.visit(0, [&](std::int64_t sequence, const std::string& line) {
      const record::Value document = head_of(line, journal_name());
      remember(document, sequence);
      return true;
    });
    indexed = true;
  }

  void remember(const record::Value& document, std::int64_t sequence) {
    if (sequence > most_records) too_many(sequence);
    const std::string identity = identity_of(document, text_of(document, "id"));
    const auto same = same_as(identity);
    put(known, identity, same ? same->sequence : 0, sequence);
    const std::string name = name_of(document);
    if (!name.empty()) put(newest, name, newest_of(name), sequence);
  }

  [[noreturn]] void too_many(std::int64_t sequence) const {
    throw Error(Cause::data, journal_name() + ": record " + std::to_string(sequence) +
                                 "; a run has at most " + std::to_string(most_records) +
                                 ": begin another");
  }

  static void put(KeyIndex& index, const std::string& text, std::int64_t before,
                  std::int64_t after) {
    const auto key = key_of_text(text);
    const auto number = static_cast<std::uint32_t>(after);
    if (before > 0)
      index.replace(key, static_cast<std::uint32_t>(before), number);
    else
      index.add(key, number);
  }

  /// The newest record that is the same as this one; by its hash first, then by what it says.
  [[nodiscard]] std::optional<Accepted> same_as(const std::string& identity) const {
    std::string id;
    const std::int64_t sequence = known.find(key_of_text(identity), [&](std::uint32_t number) {
      const record::Value there = head_of(journal.json(number), journal_name());
      id = text_of(there, "id");
      return identity_of(there, id) == identity;
    });
    return sequence > 0 ? std::optional(Accepted{sequence, id, true}) : std::nullopt;
  }

  /// The newest record of a scan of a file; 0 = none.
  [[nodiscard]] std::int64_t newest_of(const std::string& name) const {
    return newest.find(key_of_text(name), [&](std::uint32_t number) {
      return name_of(head_of(journal.json(number), journal_name())) == name;
    });
  }

  /// A file may go back to what it was: that is its newest state then, and no duplicate.
  [[nodiscard]] bool superseded(const record::Value& document, std::int64_t sequence) const {
    const std::string name = name_of(document);
    return !name.empty() && newest_of(name) > sequence;
  }

  [[nodiscard]] std::string journal_name() const { return printable(path) + ".journal"; }

  std::int64_t published_sequence() {
    if (!exists(path)) published = 0;
    if (!published) published = read_published(path).sequence;
    return *published;
  }
};

Run::Run(std::unique_ptr<State> state) : state_(std::move(state)) {}
Run::~Run() = default;
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;

Run Run::open(const std::string& path) {
  if (path.empty()) throw Error(Cause::cannot_create, "a run without a name; run.nxs is expected");
  const std::string journal = path + ".journal";
  while (true) {
    if (is_pruned(path)) restore_journal(path);
    if (exists(path) && !exists(journal))
      throw Error(Cause::cannot_create, printable(path) +
                                            ": a file without a journal beside it, so no run of "
                                            "this program; another name is expected");
    auto state = std::make_unique<State>(path, Journal::Mode::write);
    if (state->journal.size() > 0 || read_published(path).sha256.empty())
      return Run(std::move(state));
    ::unlink(journal.c_str());  // pruned just now, and so made anew, and empty
  }
}

Run Run::read(const std::string& path) {
  if (is_pruned(path)) return Run(std::make_unique<State>(path, restored_journal(path)));
  return Run(std::make_unique<State>(path, Journal::Mode::read));
}

Accepted Run::append(const record::Record& record) {
  record::Value document = stream::encode(record);
  std::string id = text_of(document, "id");
  if (id.empty()) document.set("id", id = stream::content_id(document));
  state_->index();
  const auto same = state_->same_as(identity_of(document, id));
  if (same && !state_->superseded(document, same->sequence)) return *same;
  if (state_->journal.last_sequence() >= most_records) state_->too_many(most_records + 1);
  const std::int64_t sequence = state_->journal.append(stream::dump_json(document));
  state_->remember(document, sequence);
  return {sequence, id, false};
}

std::optional<Earlier> Run::earlier(const record::Measurement& m) {
  state_->index();
  const std::string name = name_of(m.context.run, m.context.scan, m.source_file);
  const std::int64_t sequence = name.empty() ? 0 : state_->newest_of(name);
  if (sequence == 0) return std::nullopt;
  const auto there = stream::parse_json(state_->journal.json(sequence), state_->journal_name());
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
  state_->journal.visit(since, [&](std::int64_t sequence, const std::string& line) {
    if (sequence > last) return false;
    visit(sequence, line);
    return true;
  });
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
  if (journal.last_sequence() < state_->published_sequence())
    throw Error(Cause::data, state_->journal_name() + ": ends with record " +
                                 std::to_string(journal.last_sequence()) + " of " +
                                 std::to_string(state_->published_sequence()) +
                                 " that are published; the published file stays");
  sync();  // nothing is published that is not safe in the journal
  const std::int64_t last = journal.last_sequence();
  write_nexus(state_->path, last, [&](const Visit& visit) { replay(0, last, visit); });
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
