// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twin::formats {

/// Reads text line by line, never holding more than one line of at most 1 MiB.
///
/// Line ends are LF or CR LF; a byte order mark of UTF-8 is skipped.
class LineReader {
 public:
  static constexpr std::size_t longest = 1u << 20;

  /// \param expected  what a binary file is not, for the message: "text is"
  LineReader(std::istream& in, std::string name,
             std::string expected = "XDI or columns of numbers as text are");

  /// The next line without its end, valid until the next call; nothing at the end.
  /// \throws Error{data}  `name:line: ...`: longer than 1 MiB, or it holds a NUL byte (binary)
  std::optional<std::string_view> next();

  [[nodiscard]] std::size_t number() const { return number_; }  ///< of the line given, from 1
  [[nodiscard]] bool ended() const { return ended_; }  ///< it had a line end; false = end of file
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  bool fill();
  std::istream& in_;
  std::string name_, expected_, line_;
  std::vector<char> block_;
  std::size_t at_ = 0, size_ = 0, number_ = 0;
  bool ended_ = true;
};

}  // namespace twin::formats
