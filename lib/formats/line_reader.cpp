// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/line_reader.h"

#include <cstring>
#include <istream>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::formats {

LineReader::LineReader(std::istream& in, std::string name, std::string expected)
    : in_(in), name_(printable(name)), expected_(std::move(expected)), block_(1u << 16) {}

bool LineReader::fill() {
  // Past the stream to its buffer: errors of decompression go through as they are thrown.
  const auto got = in_.rdbuf()->sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
  at_ = 0;
  size_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  return size_ > 0;
}

std::optional<std::string_view> LineReader::next() {
  line_.clear();
  ended_ = false;
  ++number_;
  while (!ended_) {
    if (at_ == size_ && !fill()) break;
    const char* begin = block_.data() + at_;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', size_ - at_));
    const std::size_t length = end ? static_cast<std::size_t>(end - begin) : size_ - at_;
    const auto fail = [&](const std::string& what) {
      throw Error(Cause::data, name_ + ":" + std::to_string(number_) + ": " + what);
    };
    if (line_.size() + length > longest)
      fail("a line of more than 1 MiB; lines of numbers are expected");
    if (std::memchr(begin, '\0', length)) fail("a NUL byte: binary; " + expected_ + " expected");
    line_.append(begin, length);
    at_ += length + (end ? 1 : 0);
    ended_ = end != nullptr;
  }
  if (!ended_ && line_.empty()) return std::nullopt;
  std::string_view line = line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return line;
}

}  // namespace twin::formats
