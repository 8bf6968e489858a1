// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <istream>
#include <optional>

#include "core/error.h"
#include "core/hash.h"
#include "store/journal.h"

namespace twin::store {

namespace {

/// Lines with their offsets; of a line that is too long only that it is.
class Lines {
 public:
  Lines(std::istream& in, std::uint64_t from) : in_(in), block_(1u << 16, '\0'), end_(from) {}

  bool next() {
    begin_ = end_;
    text_.clear();
    whole_ = false;
    while (!whole_ && (at_ < size_ || fill())) {
      const char* from = block_.data() + at_;
      const auto* stop = static_cast<const char*>(std::memchr(from, '\n', size_ - at_));
      const std::size_t length = stop ? static_cast<std::size_t>(stop - from) : size_ - at_;
      if (text_.size() <= longest_record + 64) text_.append(from, length);
      at_ += length + (stop ? 1 : 0);
      end_ += length + (stop ? 1 : 0);
      whole_ = stop != nullptr;
    }
    return end_ > begin_;
  }

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::uint64_t begin() const { return begin_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] bool whole() const { return whole_; }  ///< it has its line end

 private:
  bool fill() {
    const auto got = in_.rdbuf()->sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
    at_ = 0;
    size_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    return size_ > 0;
  }

  std::istream& in_;
  std::string block_, text_;
  std::size_t at_ = 0, size_ = 0;
  std::uint64_t begin_ = 0, end_;
  bool whole_ = false;
};

std::uint32_t checksum(std::int64_t sequence, std::string_view json) {
  return crc32c(std::to_string(sequence).append(" ").append(json));
}

struct Payload {
  std::int64_t sequence;
  std::string_view json;
};

/// What a line holds, when it is one and its checksum agrees.
std::optional<Payload> payload_of(std::string_view line) {
  const char* const end = line.data() + line.size();
  std::int64_t sequence = 0;
  std::uint32_t crc = 0;
  const auto number = std::from_chars(line.data(), end, sequence);
  if (number.ec != std::errc{} || sequence < 1 || end - number.ptr < 10 || *number.ptr != ' ')
    return std::nullopt;
  const char* const digits = number.ptr + 1;
  const auto hex = std::from_chars(digits, digits + 8, crc, 16);
  if (hex.ec != std::errc{} || hex.ptr != digits + 8 || *hex.ptr != ' ') return std::nullopt;
  const std::string_view json(hex.ptr + 1, static_cast<std::size_t>(end - hex.ptr - 1));
  if (crc != checksum(sequence, json)) return std::nullopt;
  return Payload{sequence, json};
}

/// True when the header is there; false when the file is empty or ends within its header.
bool read_header(Lines& lines, const std::string& name) {
  const std::string_view wanted = journal_header.substr(0, journal_header.size() - 1);
  if (!lines.next()) return false;
  if (!lines.whole() && wanted.starts_with(lines.text())) return false;
  if (lines.text() == wanted) return true;
  const bool later = lines.text().starts_with("twinline-journal ") && lines.text().size() < 40;
  throw Error(Cause::data, name + (later ? ":1: a journal of another version; version 1 is known"
                                         : ":1: not a journal; 'twinline-journal 1' is expected"));
}

}  // namespace

std::string journal_line(std::int64_t sequence, std::string_view json) {
  std::array<char, 32> head{};
  const int size = std::snprintf(head.data(), head.size(), "%lld %08x ",
                                 static_cast<long long>(sequence), checksum(sequence, json));
  std::string line(head.data(), static_cast<std::size_t>(size));
  return line.append(json).append("\n");
}

JournalScan scan_journal(std::istream& in, const std::string& name, std::uint64_t from,
                         std::int64_t sequence, const JournalVisit& visit) {
  Lines lines(in, from);
  JournalScan scan;
  scan.whole = from;
  if (from == 0) {
    if (!read_header(lines, name)) {
      scan.size = lines.end();
      return scan;
    }
    scan.whole = lines.end();
  }
  bool more = true;
  while (more && lines.next() && lines.whole()) {
    const auto payload = payload_of(lines.text());
    const std::string where = name + ": byte " + std::to_string(lines.begin()) + ": ";
    if (!payload) {
      scan.warnings.push_back(where + "the checksum does not agree; the record is left out");
    } else if (payload->sequence <= sequence) {
      scan.warnings.push_back(where + "sequence " + std::to_string(payload->sequence) + " after " +
                              std::to_string(sequence) + "; the record is left out");
    } else {
      sequence = payload->sequence;
      more = visit({sequence, lines.begin(), lines.end()}, payload->json);
    }
    scan.whole = lines.end();
  }
  scan.size = lines.end();
  return scan;
}

}  // namespace twin::store
