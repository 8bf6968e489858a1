// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/scan_message.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/units.h"
#include "formats/limits.h"
#include "sources/wire.h"

namespace twin::sources {

namespace {

constexpr std::string_view mark = "TwS1";
constexpr std::size_t head = 17;
constexpr std::size_t most_texts = 1000, most_columns = 1000;

void take_columns(Cutter& in, formats::ScanFile& scan) {
  const std::size_t columns = in.count(most_columns);
  const std::size_t rows = in.count(formats::most_numbers / std::max<std::size_t>(columns, 1));
  if (columns < 2 || rows < 2) refuse_message("fewer than two columns or rows");
  std::set<std::string> names;
  for (std::size_t i = 0; i < columns; ++i) {
    scan.names.push_back(in.text());
    scan.units.push_back(in.text());
    const auto& name = scan.names.back();
    if (name.empty() || lower(name) != name || !names.insert(name).second)
      refuse_message("a column's name");
    const auto unit = find_unit(scan.units.back());
    if (!scan.units.back().empty() && (!unit || unit->name != scan.units.back()))
      refuse_message("a column's unit");
    scan.columns.push_back(in.numbers(rows));
  }
}

}  // namespace

std::string encode(const Message& message) {
  std::string out(mark);
  out += static_cast<char>(message.kind);
  put(out, static_cast<std::uint64_t>(message.body.size()));
  put(out, crc32c(message.body));
  return out + message.body;
}

std::string encode_scan(const formats::ScanFile& scan) {
  std::string out;
  put_text(out, scan.label);
  put_text(out, scan.format);
  put(out, std::uint8_t{scan.truncated});
  put(out, static_cast<std::uint64_t>(scan.columns.size()));
  put(out, static_cast<std::uint64_t>(scan.rows()));
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    put_text(out, scan.names[i]);
    put_text(out, scan.units[i]);
    const auto& column = scan.columns[i];
    out.append(reinterpret_cast<const char*>(column.data()), column.size() * sizeof(double));
  }
  put(out, static_cast<std::uint64_t>(scan.metadata.size()));
  for (const auto& [key, value] : scan.metadata) {
    put_text(out, key);
    put_text(out, value);
  }
  const std::size_t warnings = std::min(scan.warnings.size(), most_texts);
  put(out, static_cast<std::uint64_t>(warnings));
  for (std::size_t i = 0; i < warnings; ++i) put_text(out, scan.warnings[i]);
  return out;
}

formats::ScanFile decode_scan(std::string_view body, const std::string& name) {
  Cutter in(body);
  formats::ScanFile scan;
  scan.name = name;
  scan.label = in.text();
  scan.format = in.text();
  if (scan.format != "nexus") refuse_message("its format");
  scan.truncated = in.number<std::uint8_t>() != 0;
  take_columns(in, scan);
  for (std::size_t left = in.count(most_texts); left > 0; --left) {
    std::string key = in.text();
    if (!scan.metadata.emplace(std::move(key), in.text()).second)
      refuse_message("a key that is there twice");
  }
  for (std::size_t left = in.count(most_texts); left > 0; --left)
    scan.warnings.push_back(in.text());
  if (!in.empty()) refuse_message("bytes behind it");
  return scan;
}

void MessageBuffer::add(std::string_view bytes) {
  if (begin_ > bytes_.size() / 2) bytes_.erase(0, std::exchange(begin_, 0));
  bytes_.append(bytes);
}

std::optional<Message> MessageBuffer::next() {
  const std::string_view rest = std::string_view(bytes_).substr(begin_);
  if (rest.substr(0, mark.size()) != mark.substr(0, rest.size())) refuse_message("no message");
  if (rest.size() < head) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(rest[4]);
  if (kind < 1 || kind > 10) refuse_message("a message of no kind");
  Cutter in(rest.substr(5));
  const auto size = in.count(longest_);
  const auto sum = in.number<std::uint32_t>();
  if (rest.size() - head < size) return std::nullopt;
  Message out{static_cast<Message::Kind>(kind), std::string(rest.substr(head, size))};
  if (crc32c(out.body) != sum) refuse_message("its checksum");
  const bool packed = out.kind == Message::Kind::scan || out.kind == Message::Kind::frame ||
                      out.kind == Message::Kind::atoms || out.kind == Message::Kind::channel;
  if (!packed && printable(out.body) != out.body) refuse_message("a text with control bytes");
  begin_ += head + size;
  if (begin_ == bytes_.size()) {
    bytes_.clear();
    begin_ = 0;
  }
  return out;
}

}  // namespace twin::sources
