// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace twin {

/// \p text made safe for a terminal or a log: control bytes (ESC, newline, DEL, C1 in UTF-8) are
/// written as \xNN, invalid UTF-8 likewise. Every file name and foreign text goes through it.
[[nodiscard]] std::string printable(std::string_view text);

/// True when \p text is valid UTF-8 without overlong forms and surrogates.
[[nodiscard]] bool is_utf8(std::string_view text);

/// The whole of \p text as a number, the locale never asked. Fortran's `.878E+04` and `1.0D+3` are
/// understood; nan and inf are returned as such. Nothing where it is not a number.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);

/// The whole of \p text as an integer; nothing where it is not one or does not fit.
[[nodiscard]] std::optional<long long> parse_integer(std::string_view text);

/// The shortest decimal form that reads back as \p value ("0.1", "1e-07", "nan").
[[nodiscard]] std::string shortest(double value);

/// \p value with \p digits significant digits, no trailing zeros cut, for people.
[[nodiscard]] std::string significant(double value, int digits);

/// A number with its uncertainty in the last digits, as the field prints it: "2.5431(22)",
/// "0.00863(28)", "12.0(4)"; two digits of the uncertainty below 30, else one. "2.5431" without.
[[nodiscard]] std::string with_uncertainty(double value, double sigma);

/// \p text without blanks at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The words of \p text, separated by blanks and tabs.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

/// \p text cut at each \p separator; empty parts stay.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

[[nodiscard]] std::string lower(std::string_view text);

[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

/// The candidate nearest to \p word by edit distance, when it is near enough to be what was meant
/// (at most a third of the word's length): for "perhaps you meant ...".
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 std::span<const std::string> candidates);

/// "; perhaps NAME" or nothing: the tail of an error about an unknown word.
[[nodiscard]] std::string perhaps(std::string_view word, std::span<const std::string> candidates);

/// The words of a command line, split as a POSIX shell would (quotes and backslashes; no expansion
/// of any kind).  \throws Error{usage} an unclosed quote
[[nodiscard]] std::vector<std::string> split_arguments(std::string_view command);

}  // namespace twin
