// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twin::formats {

/// A literal of Perl: a text, a number (as it was written), undef ("") or a list. Hashes are lists
/// of key, value, key, value ...
struct PerlValue {
  std::string text;
  std::vector<PerlValue> items;
  bool is_list = false;
};

/// `@name = literal;`, or `[record]`, which ends a group, or `1;`, which ends the file.
struct PerlStatement {
  enum class Kind { assignment, record, end };
  Kind kind = Kind::assignment;
  std::string variable;  ///< with its sign: "@args"
  PerlValue value;
  std::size_t line = 0;  ///< where it begins, from 1
  bool cut = false;      ///< the text ended inside it; the items before are here
};

/// Reads a dump of Perl variables statement by statement. Nothing is evaluated: an operator or a
/// call is an error, `$name` within double quotes stays as it is.
class PerlReader {
 public:
  static constexpr std::size_t most_items = std::size_t{1} << 22;
  static constexpr int deepest = 8;

  PerlReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  /// The next statement; nothing at the end of the text.
  /// \throws Error{data}  `name:line: ...`: not a literal, lists too deep or too long
  std::optional<PerlStatement> next();

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void skip_blanks();
  void skip_line();
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }
  [[nodiscard]] bool comes(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }

  bool value(PerlValue& out, int depth);
  bool list(PerlValue& out, char close, int depth);
  bool quoted(std::string& out);
  void escape(std::string& out);
  bool bare(std::string& out);

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0, line_ = 1, items_ = 0;
};

}  // namespace twin::formats
