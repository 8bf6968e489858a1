// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/reader.h"

#include <map>

#include "core/error.h"
#include "core/text.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/json.h"
#include "stream/line_source.h"
#include "stream/yaml.h"

namespace twin::stream {

using record::Value;

namespace {

enum class Encoding { unknown, json_lines, yaml };

/// A document's text as it stood, not yet parsed.
struct Piece {
  std::string text;
  std::size_t line = 0;
  bool too_long = false;
};

bool is_blank(std::string_view line) {
  line = trim(line);
  return line.empty() || line.starts_with('#');
}

/// "---" and "...", alone or before a blank.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == 3 || line[3] == ' ' || line[3] == '\t');
}

/// Cuts the lines of one input into documents.
class Cutter {
 public:
  Cutter(const std::string& path, std::size_t longest)
      : source_(path, longest), longest_(longest) {}
  Cutter(const std::string& name, const std::string& bytes, std::size_t longest)
      : source_(bytes, longest, name), longest_(longest) {}

  std::optional<Piece> next() { return encoding_ == Encoding::yaml ? next_yaml() : next_json(); }
  [[nodiscard]] bool is_yaml() const { return encoding_ == Encoding::yaml; }
  [[nodiscard]] bool interrupted() const { return source_.interrupted(); }

 private:
  std::optional<Piece> next_json() {
    while (auto line = source_.next()) {
      if (line->too_long) return Piece{{}, line->number, true};
      if (line->number == 1 && line->text.starts_with("\xEF\xBB\xBF")) line->text.erase(0, 3);
      if (encoding_ == Encoding::unknown && !is_blank(line->text)) {
        encoding_ = trim(line->text).starts_with('{') ? Encoding::json_lines : Encoding::yaml;
        if (is_yaml()) {
          pending_ = std::move(line);
          return next_yaml();
        }
      }
      if (!is_blank(line->text) && !is_marker(line->text, "---"))
        return Piece{std::move(line->text), line->number, false};
    }
    return std::nullopt;
  }

  std::optional<LineSource::Line> take_line() {
    if (!pending_) return source_.next();
    auto line = std::move(pending_);
    pending_.reset();
    return line;
  }

  std::optional<Piece> next_yaml() {
    Piece piece;
    bool content = false;
    while (auto line = take_line()) {
      if (is_marker(line->text, "...") || is_marker(line->text, "---")) {
        const bool more_on_line = line->text.starts_with("---") && !is_blank(line->text.substr(3));
        if (content) {
          if (more_on_line) pending_ = std::move(line);
          return piece;
        }
        if (!more_on_line) continue;
        line->text.erase(0, 3);
      }
      if (!content && is_blank(line->text) && !line->too_long) continue;
      if (!content) piece.line = line->number;
      content = true;
      piece.too_long =
          piece.too_long || line->too_long || piece.text.size() + line->text.size() > longest_;
      if (piece.too_long)
        piece.text.clear();
      else
        (piece.text += line->text) += '\n';
    }
    return content ? std::optional(std::move(piece)) : std::nullopt;
  }

  LineSource source_;
  std::size_t longest_;
  Encoding encoding_ = Encoding::unknown;
  std::optional<LineSource::Line> pending_;
};

/// A model file may stand where a stream is expected: it is a stream of one model.
bool is_model_file(const Value& document) {
  const Value* format = document.find("format");
  return format != nullptr && format->is_string() && format->string().starts_with("twin-model/") &&
         document.find("schema") == nullptr;
}

/// \param request  left with the document's request id, also when the document is refused
record::Record to_record(const Piece& piece, bool yaml, const std::string& path,
                         std::string& request) {
  const std::string name = printable(path);
  const int line = static_cast<int>(piece.line);
  const Value document =
      yaml ? parse_yaml(piece.text, name, line) : parse_json(piece.text, name, line);
  if (!document.is_object())
    throw Error(Cause::data, name + ":" + std::to_string(line) + ": expected a mapping, got " +
                                 std::string(document.kind_name()) +
                                 "; files of measurements become records by twin-acquire");
  const Value* asked = document.find("request");
  if (asked != nullptr && asked->is_string()) request = asked->string();
  if (is_model_file(document)) {
    record::ModelRecord out;
    out.model = decode_model(document, path);
    return out;
  }
  try {
    return decode(document);
  } catch (const Error& error) {
    throw error.at(name + ":" + std::to_string(piece.line));
  }
}

/// Which writers' streams have begun and not ended, and which ended badly.
class Ledger {
 public:
  void see(const record::Record& record) {
    if (const auto* start = std::get_if<record::Start>(&record)) {
      // The same command on the same input has the same id, so one may be there several times.
      auto& writer = writers_[start->header.id];
      writer.tool = start->tool;
      ++writer.open;
    } else if (const auto* end = std::get_if<record::End>(&record)) {
      auto& writer = writers_[end->header.by];
      --writer.open;
      const bool answered = end->status == 1 || end->status == 3 || end->status == 4;
      if (end->status != 0 && !answered && bad_.empty())
        bad_ = name(writer.tool) + " ended with status " + std::to_string(end->status);
    }
  }

  [[nodiscard]] std::optional<std::string> trouble() const {
    for (const auto& [id, writer] : writers_)
      if (writer.open > 0) return "start of " + name(writer.tool) + " without an end: it was cut";
    if (!bad_.empty()) return bad_;
    return std::nullopt;
  }

 private:
  struct Stream {
    std::string tool;
    int open = 0;
  };

  static std::string name(const std::string& tool) {
    return tool.empty() ? "a program" : printable(tool);
  }

  std::map<std::string, Stream> writers_;
  std::string bad_;
};

}  // namespace

struct Reader::State {
  std::vector<std::string> inputs;
  std::size_t longest = 0;
  std::size_t input = 0;
  std::unique_ptr<Cutter> cutter;
  Ledger ledger;
  std::string request;  ///< of the newest document

  /// Opens the next input when none is open. False when there is none.
  bool open() {
    if (cutter != nullptr) return true;
    if (input == inputs.size()) return false;
    const std::string& path = inputs[input++];
    cutter = std::make_unique<Cutter>(path, longest);
    return true;
  }
};

Reader::Reader(std::vector<std::string> inputs, std::size_t longest)
    : state_(std::make_unique<State>()) {
  state_->inputs = std::move(inputs);
  state_->longest = longest;
}

Reader::Reader(const std::string& name, const std::string& bytes, std::size_t longest)
    : Reader(std::vector<std::string>{name}, longest) {
  state_->input = 1;
  state_->cutter = std::make_unique<Cutter>(name, bytes, state_->longest);
}

Reader::~Reader() = default;

const std::string& Reader::request() const { return state_->request; }

std::optional<Item> Reader::next() {
  while (state_->open()) {
    const std::string& path = state_->inputs[state_->input - 1];
    std::optional<Piece> piece;
    try {
      piece = state_->cutter->next();
    } catch (const Error&) {
      state_->cutter.reset();  // what can't be read once is not asked again
      throw;
    }
    if (state_->cutter->interrupted()) return std::nullopt;  // a piece of YAML may be half
    if (!piece) {
      state_->cutter.reset();
      continue;
    }
    if (piece->too_long)
      throw Error(Cause::data, printable(path) + ":" + std::to_string(piece->line) +
                                   ": longer than " + std::to_string(state_->longest) +
                                   " bytes; skipped");
    state_->request.clear();
    Item item{to_record(*piece, state_->cutter->is_yaml(), path, state_->request), path,
              piece->line};
    state_->ledger.see(item.record);
    return item;
  }
  return std::nullopt;
}

std::optional<std::string> Reader::trouble() const { return state_->ledger.trouble(); }

}  // namespace twin::stream
