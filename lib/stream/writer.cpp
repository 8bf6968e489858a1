// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "stream/codec.h"
#include "stream/json.h"
#include "stream/limits.h"
#include "stream/rows.h"
#include "stream/yaml.h"

namespace twin::stream {

using record::Value;

namespace {

/// All of \p bytes, or an error. SIGPIPE is ignored by whoever runs a tool: then EPIPE comes here.
void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd waiting{descriptor, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno == EPIPE) {
      throw Error(Cause::closed_pipe, "standard output: the reader has gone");
    } else if (errno != EINTR) {
      throw Error(Cause::output, std::string("standard output: ") + std::strerror(errno));
    }
  }
}

/// Characters as people count them: bytes that do not continue one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t has = width_of(text);
  if (has < width) text.append(width - has, ' ');
  return text;
}

std::string for_people(const Cell& cell) {
  if (!cell.quantity) return cell.text.empty() ? "-" : printable(cell.text);
  if (!cell.quantity->value) return "-";
  return with_uncertainty(*cell.quantity->value, cell.quantity->sigma_total());
}

// Refused before it is written: whoever reads would skip it, and the record would be lost on the
// way.
void check_length(std::size_t bytes, std::size_t most, const std::string& what) {
  if (bytes <= most) return;
  throw Error(Cause::data, "a record of " + std::to_string(bytes) + " bytes; " + what +
                               " holds at most " + std::to_string(most >> 20) +
                               " MiB: fewer columns or curves, or a scan in parts, would fit");
}

std::string tsv_number(const std::optional<double>& value) { return value ? shortest(*value) : ""; }

}  // namespace

struct Writer::State {
  int descriptor;
  Format format;
  std::vector<std::string> columns;
  std::vector<std::string> expected;
  std::vector<std::size_t> widths;
  bool asked = false;               ///< somebody named the columns
  std::set<std::string> had;        ///< columns that a row had
  std::set<std::string> there_are;  ///< names that rows have
  bool headed = false;
  std::string by;
  bool ended = false;
  long long count = 0;
  long long failures = 0;

  void put(const record::Record& record, const Value& document) {
    switch (format) {
      case Format::jsonl: {
        const std::string line = dump_json(document);
        check_length(line.size(), longest_line, "a line");
        return write_all(descriptor, line + "\n");
      }
      case Format::yaml: {
        const std::string text = dump_yaml(document);
        check_length(text.size(), longest_document, "a YAML document");
        return write_all(descriptor, "---\n" + text);
      }
      default:
        break;
    }
    if (!makes_row(record)) return;
    if (columns.empty()) choose_columns(record);
    if (asked) remember(record);
    std::string text = headed ? "" : heading();
    headed = true;
    text += format == Format::table ? table_row(record) : tsv_row(record);
    write_all(descriptor, text);
  }

  /// What will come, and what the first result has.
  void choose_columns(const record::Record& record) {
    columns = expected;
    if (!expected.empty() && !std::holds_alternative<record::Result>(record)) return;
    for (auto& name : default_columns(record))
      if (std::ranges::find(columns, name) == columns.end()) columns.push_back(std::move(name));
  }

  void remember(const record::Record& record) {
    for (const auto& column : columns)
      if (filled(cell(record, column))) had.insert(column);
    for (auto& name : default_columns(record)) there_are.insert(std::move(name));
  }

  /// Names over the columns; in a table each as wide as "2.5431(22)" and a time need.
  std::string heading() {
    std::string out;
    for (const std::string& column : columns) {
      const std::string name = printable(column);
      const std::size_t least = column == "time" ? 24 : 12;
      widths.push_back(std::max(width_of(name), least));
      const bool first = widths.size() == 1;
      if (format == Format::table) {
        out += (first ? "" : "  ") + padded(name, widths.back());
      } else {
        out += (first ? "" : "\t") + name;
        if (names_quantity(column)) out += "\t" + name + ".sigma\t" + name + ".sigma_sys";
      }
    }
    return end_line(out);
  }

  std::string table_row(const record::Record& record) const {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i)
      out += (i == 0 ? "" : "  ") + padded(for_people(cell(record, columns[i])), widths[i]);
    return end_line(out);
  }

  std::string tsv_row(const record::Record& record) const {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Cell found = cell(record, columns[i]);
      const record::Quantity quantity = found.quantity.value_or(record::Quantity{});
      out += i == 0 ? "" : "\t";
      out += found.quantity ? tsv_number(quantity.value) : printable(found.text);
      if (names_quantity(columns[i]))
        out += "\t" + tsv_number(quantity.sigma) + "\t" + tsv_number(quantity.sigma_sys);
    }
    return out + "\n";
  }

  static std::string end_line(std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    return line + "\n";
  }
};

Writer::Writer(int descriptor, Format format, std::vector<std::string> columns,
               std::vector<std::string> expected)
    : state_(std::make_unique<State>()) {
  state_->descriptor = descriptor;
  state_->format = format;
  state_->asked = !columns.empty();
  state_->columns = std::move(columns);
  state_->expected = std::move(expected);
}

Writer::~Writer() = default;

std::string Writer::write(record::Record record) {
  record::Header& header = record::header_of(record);
  const bool ours = !header.id.empty() && !state_->by.empty() && header.by == state_->by;
  const bool passes = !header.id.empty() && !ours;
  const bool starts = !passes && std::holds_alternative<record::Start>(record);
  if (state_->ended) throw Error(Cause::internal, "a record after the end of a stream");
  if (state_->by.empty() != starts && !passes)
    throw Error(Cause::internal, starts ? "a second start" : "a record before the start");
  if (!passes && !starts) header.by = state_->by;
  if (!passes && header.time.empty()) header.time = utc_now();
  Value document = encode(record);
  if (!passes && !ours) {
    header.id = content_id(document);
    auto& members = document.object();
    members.emplace(members.begin() + 2, "id", header.id);  // after schema and kind
    if (starts) state_->by = header.id;
  }
  state_->put(record, document);
  const bool counts = !passes && !starts && !std::holds_alternative<record::End>(record);
  if (counts) ++state_->count;
  if (counts && std::holds_alternative<record::Failure>(record)) ++state_->failures;
  return header.id;
}

void Writer::end(int status) {
  record::End end;
  end.count = state_->count;
  end.failures = state_->failures;
  end.status = status;
  write(end);
  state_->ended = true;
}

std::vector<std::string> Writer::unknown_columns() const {
  std::vector<std::string> out;
  if (!state_->asked || !state_->headed) return out;
  const std::vector<std::string> names(state_->there_are.begin(), state_->there_are.end());
  for (const auto& column : state_->columns)
    if (names_quantity(column) && !state_->had.contains(column))
      out.push_back(printable(column) + perhaps(column, names));
  return out;
}

long long Writer::count() const { return state_->count; }
long long Writer::failures() const { return state_->failures; }

}  // namespace twin::stream
