// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twin::md {

/// The lines of a description of a potential, one `key: value` each, `#` begins a comment line.
/// Every complaint is an Error{configuration} with file, line and key.
class Description {
 public:
  /// \throws Error{configuration}  a line without a colon, a key that is given twice
  Description(std::string_view text, std::string where);

  /// All of \p required must be there, nothing else but \p allowed.
  void check_keys(const std::vector<std::string>& required,
                  const std::vector<std::string>& allowed) const;

  [[nodiscard]] bool has(const std::string& key) const { return values_.contains(key); }

  /// What follows "bond " in the keys that begin so, in the order of the lines.
  [[nodiscard]] std::vector<std::string> after(const std::string& prefix) const;

  /// "" where the key is not there.
  [[nodiscard]] const std::string& text(const std::string& key) const;

  /// Letters, digits and "_-+.", not beginning with a dot or a dash: safe in an input script and in
  /// a path.
  [[nodiscard]] std::string plain(const std::string& key) const;

  /// Such words, between blanks.
  [[nodiscard]] std::vector<std::string> plain_words(const std::string& key) const;

  [[nodiscard]] double number(const std::string& key, const std::string& unit) const;
  [[nodiscard]] double positive(const std::string& key, const std::string& unit) const;

  /// Numbers between commas, each in its unit; \p expected says what they are.
  [[nodiscard]] std::vector<double> numbers(const std::string& key,
                                            const std::vector<std::string>& units,
                                            const std::string& expected) const;

  [[noreturn]] void fail(const std::string& what) const;  ///< of the whole
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;

 private:
  struct Line {
    std::string value;
    int number = 0;
  };
  void add(std::string_view line, int number);

  std::string where_;
  std::map<std::string, Line> values_;
};

/// See Description::plain().
[[nodiscard]] bool is_plain(std::string_view word);

}  // namespace twin::md
