// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/scan_message.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/units.h"
#include "formats/limits.h"

namespace twin::sources {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view mark = "TwS1";
constexpr std::size_t head = 17, longest = std::size_t{600} << 20;
constexpr std::size_t longest_text = std::size_t{1} << 16, most_texts = 1000, most_columns = 1000;

template <typename Number>
void put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string& out, std::string_view text) {
  text = text.substr(0, longest_text);
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Cause::data, "what the reader of HDF5 handed over is no scan (" + what + ")");
}

/// Takes a body apart from its beginning; whatever is not there is an error.
class Cutter {
 public:
  explicit Cutter(std::string_view bytes) : rest_(bytes) {}

  template <typename Number>
  Number number() {
    Number out{};
    std::memcpy(&out, bytes(sizeof out).data(), sizeof out);
    return out;
  }

  std::string text() {
    const auto size = number<std::uint32_t>();
    if (size > longest_text) refuse("a text over 64 KiB");
    std::string out(bytes(size));
    if (printable(out) != out) refuse("a text with control bytes");
    return out;
  }

  std::size_t count(std::size_t most) {
    const auto size = number<std::uint64_t>();
    if (size > most) refuse("too much of something");
    return static_cast<std::size_t>(size);
  }

  std::vector<double> numbers(std::size_t size) {
    const auto from = bytes(size * sizeof(double));
    std::vector<double> out(size);
    if (size > 0) std::memcpy(out.data(), from.data(), from.size());
    if (!std::ranges::all_of(out, [](double v) { return std::isfinite(v); }))
      refuse("a number that is not finite");
    return out;
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) refuse("it is cut");
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

  std::string_view rest_;
};

void take_columns(Cutter& in, formats::ScanFile& scan) {
  const std::size_t columns = in.count(most_columns);
  const std::size_t rows = in.count(formats::most_numbers / std::max<std::size_t>(columns, 1));
  if (columns < 2 || rows < 2) refuse("fewer than two columns or rows");
  std::set<std::string> names;
  for (std::size_t i = 0; i < columns; ++i) {
    scan.names.push_back(in.text());
    scan.units.push_back(in.text());
    const auto& name = scan.names.back();
    if (name.empty() || lower(name) != name || !names.insert(name).second)
      refuse("a column's name");
    const auto unit = find_unit(scan.units.back());
    if (!scan.units.back().empty() && (!unit || unit->name != scan.units.back()))
      refuse("a column's unit");
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
  if (scan.format != "nexus") refuse("its format");
  scan.truncated = in.number<std::uint8_t>() != 0;
  take_columns(in, scan);
  for (std::size_t left = in.count(most_texts); left > 0; --left) {
    std::string key = in.text();
    if (!scan.metadata.emplace(std::move(key), in.text()).second)
      refuse("a key that is there twice");
  }
  for (std::size_t left = in.count(most_texts); left > 0; --left)
    scan.warnings.push_back(in.text());
  if (!in.empty()) refuse("bytes behind it");
  return scan;
}

std::optional<Message> MessageBuffer::next() {
  const std::string_view rest = std::string_view(bytes_).substr(begin_);
  if (rest.substr(0, mark.size()) != mark.substr(0, rest.size())) refuse("no message");
  if (rest.size() < head) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(rest[4]);
  if (kind < 1 || kind > 6) refuse("a message of no kind");
  Cutter in(rest.substr(5));
  const auto size = in.count(longest);
  const auto sum = in.number<std::uint32_t>();
  if (rest.size() - head < size) return std::nullopt;
  Message out{static_cast<Message::Kind>(kind), std::string(rest.substr(head, size))};
  if (crc32c(out.body) != sum) refuse("its checksum");
  if (out.kind != Message::Kind::scan && printable(out.body) != out.body)
    refuse("a text with control bytes");
  begin_ += head + size;
  if (begin_ == bytes_.size()) {
    bytes_.clear();
    begin_ = 0;
  }
  return out;
}

}  // namespace twin::sources
