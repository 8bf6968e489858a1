// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "record/value.h"

namespace twin::stream {

/// Whose fields these are, for messages: a record says the path of the field, a document of people
/// says file and line.
struct Place {
  std::string name;  ///< file; "" for records
  Cause cause = Cause::data;
};

/// A mapping whose members are asked for by name: what was not asked for is extra, or an error.
///
/// Wrong types, missing members and bad units are errors that say where. Null counts as absent.
/// The mapping, the place and the parent must outlive this.
class Fields {
 public:
  /// \throws Error  \p value is no mapping
  Fields(const record::Value& value, const Place& place, std::string_view name = "",
         const Fields* parent = nullptr);

  /// The member, or nullptr.
  const record::Value* find(std::string_view key);
  /// The member.  \throws Error  it is missing
  const record::Value& need(std::string_view key);
  /// The mapping at \p key.  \throws Error  missing or no mapping
  [[nodiscard]] Fields inside(std::string_view key);
  [[nodiscard]] Fields inside(std::string_view key, const record::Value& value) const;

  std::optional<double> number(std::string_view key);
  double number(std::string_view key, double otherwise);
  std::optional<std::int64_t> integer(std::string_view key);
  /// \throws Error  outside least..most
  int whole(std::string_view key, int otherwise, int least, int most);
  bool boolean(std::string_view key, bool otherwise);
  std::string text(std::string_view key, std::string otherwise = "");
  std::string need_text(std::string_view key);
  double need_number(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  std::vector<double> numbers(std::string_view key);

  /// "3.69 Å" in \p unit; a bare number only where \p bare, then in \p unit already.
  std::optional<double> measure(std::string_view key, std::string_view unit, bool bare = false);
  double measure_of(std::string_view key, const record::Value& value, std::string_view unit,
                    bool bare) const;
  /// The same for an uncertainty: 3 °C is 3 K.
  std::optional<double> difference(std::string_view key, std::string_view unit);
  /// "5 %" or 0.05.
  double fraction(std::string_view key, double otherwise);
  /// A name of letters, digits and _.+- (and :/@ in names of quantities), at most 100 bytes.
  std::string identifier(std::string_view key, std::string otherwise = "");
  std::string check_identifier(std::string_view key, const record::Value& value) const;
  std::vector<std::string> identifiers(std::string_view key);

  /// The members that nobody asked for, as an object; null when there are none.
  [[nodiscard]] record::Value rest() const;
  /// \throws Error  for the first member that nobody asked for, with what was perhaps meant
  void refuse_rest() const;

  [[nodiscard]] const record::Value& value() const { return value_; }
  [[nodiscard]] const Place& place() const { return place_; }

  /// \throws Error  `file:line: key: what` or `path.key: what`; the line is that of \p at, else of
  ///                the member \p key, else of the mapping
  [[noreturn]] void fail(std::string_view key, const std::string& what,
                         const record::Value* at = nullptr) const;

 private:
  [[nodiscard]] std::string path() const;
  [[nodiscard]] bool asked(std::string_view key) const;
  template <class Function>
  auto guarded(std::string_view key, const record::Value& value, Function function) const;

  const record::Value& value_;
  const Place& place_;
  std::string_view name_;
  const Fields* parent_;
  std::vector<std::string_view> asked_;  // keys are literals, or live in the document
};

}  // namespace twin::stream
