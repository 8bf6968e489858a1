// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "formats/athena_group.h"

namespace twin::formats {

namespace {

/// Takes the events of the parser: groups stand at depth 1, their parts at depth 2, arguments and
/// the numbers of arrays at depth 3, titles at 4. A text as a number is what Demeter writes.
class Taker : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Taker(AthenaProject& project) : project_(project) {}

  bool null() override { return scalar("", std::numeric_limits<double>::quiet_NaN()); }
  bool boolean(bool value) override { return scalar(value ? "1" : "0", value ? 1 : 0); }
  bool number_integer(number_integer_t value) override {
    return scalar(std::to_string(value), static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return scalar(std::to_string(value), static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    return scalar(text, value);
  }
  bool string(string_t& value) override {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return scalar(value, parse_double(trim(value)).value_or(none));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return start(); }
  bool start_array(std::size_t) override { return start(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(string_t& value) override {
    if (depth_ <= keys_.size() && depth_ > 0) keys_[depth_ - 1] = value;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    position_ = position;
    return false;
  }

  /// True when the document came to its end.
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] bool header() const { return header_; }
  [[nodiscard]] const std::vector<std::string>& order() const { return order_; }
  /// What was under way when the text ended; the number read last may be a part of one.
  [[nodiscard]] AthenaGroup& open_group() {
    if (depth_ == 3 && !group_.arrays[keys_[1]].empty()) group_.arrays[keys_[1]].pop_back();
    return group_;
  }

 private:
  static constexpr std::size_t deepest = 16;

  bool start() {
    if (depth_ == 1) {
      group_ = {};
      group_.name = keys_[0];
    }
    return ++depth_ <= deepest;
  }

  bool end() {
    --depth_;
    if (depth_ == 1 && !keys_[0].starts_with("_____"))
      project_.groups.push_back(std::exchange(group_, {}));
    if (depth_ == 0) whole_ = true;
    return true;
  }

  bool scalar(const std::string& text, double number) {
    const auto& top = keys_[0];
    if (top.starts_with("_____header") && depth_ == 1) take_header(text);
    if (top == "_____order" && depth_ == 2) order_.push_back(text);
    if (top.starts_with("_____")) return true;
    if (depth_ == 3 && keys_[1] == "args") group_.arguments[keys_[2]] = text;
    if (depth_ == 4 && keys_[1] == "args" && keys_[2] == "titles") group_.titles.push_back(text);
    if (depth_ == 3 && keys_[1] != "args") group_.arrays[keys_[1]].push_back(number);
    return true;
  }

  void take_header(const std::string& text) {
    header_ = header_ || text.find("Athena project file") != std::string::npos;
    project_.by_larch = project_.by_larch || text.find("Using Larch version") != std::string::npos;
  }

  AthenaProject& project_;
  AthenaGroup group_;
  std::array<std::string, 3> keys_;
  std::size_t depth_ = 0, position_ = 0;
  std::vector<std::string> order_;
  bool whole_ = false, header_ = false;
};

/// The groups as the file orders them; those that it does not name come last.
void put_in_order(std::vector<AthenaGroup>& groups, const std::vector<std::string>& order) {
  std::map<std::string, std::size_t> places;
  for (const auto& name : order) places.try_emplace(name, places.size());
  std::ranges::stable_sort(groups, {}, [&](const AthenaGroup& group) {
    const auto at = places.find(group.name);
    return at == places.end() ? places.size() : at->second;
  });
}

}  // namespace

AthenaProject parse_athena_json(const std::string& text, const std::string& name) {
  AthenaProject project;
  project.name = name;
  Taker taker(project);
  const bool good = nlohmann::json::sax_parse(text, &taker);
  const auto line = 1 + std::ranges::count(text.substr(0, taker.position()), '\n');
  // The parser's place is past the end when the text ended too early.
  const bool cut = !good && taker.position() >= text.size();
  if (!good && !cut)
    throw Error(Cause::data,
                name + ":" + std::to_string(line) + ": not JSON; an Athena project is expected");
  if (!taker.header())
    throw Error(Cause::data, name + ": JSON without '_____header1'; an Athena project is expected");
  project.cut = cut;
  auto& open = taker.open_group();
  if (cut && !open.name.starts_with("_____") &&
      (open.arrays.contains("x") || open.arrays.contains("y"))) {
    open.cut = true;
    project.groups.push_back(std::move(open));
  }
  put_in_order(project.groups, taker.order());
  return project;
}

}  // namespace twin::formats
