// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "stream/limits.h"
#include "stream/scalar.h"

namespace twin::stream {

using record::Value;

namespace {

constexpr int most_aliases = 1000;
constexpr std::size_t most_copied = 100'000;  // values that aliases may add

std::size_t count(const Value& value) {
  std::size_t total = 1;
  if (value.is_array())
    for (const Value& item : value.array()) total += count(item);
  if (value.is_object())
    for (const auto& member : value.object()) total += count(member.second);
  return total;
}

std::size_t depth(const Value& value) {
  std::size_t below = 0;
  if (value.is_array())
    for (const Value& item : value.array()) below = std::max(below, depth(item));
  if (value.is_object())
    for (const auto& member : value.object()) below = std::max(below, depth(member.second));
  return below + 1;
}

/// Takes the parser's events and builds the value, so that no tree of the parser's own is made.
class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(const std::string& name, int line) : name_(name), line_(line) {}

  Value take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) fail(mark, "a key is missing before ':'");
    finish(mark, anchor, Value());
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    // yaml-cpp makes one byte, no character, of these two (0.7).
    if (!is_utf8(text)) fail(mark, "the escapes \\_ and \\N are not read; expected the character");
    if (wants_key()) return take_key(mark, text);
    finish(mark, anchor, scalar(mark, tag, text));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) fail(mark, "an alias can't be a key");
    if (++aliases_ > most_aliases) fail(mark, "more than 1000 aliases");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(mark, "an alias of what contains it");
    copied_ += count(found->second);
    if (copied_ > most_copied) fail(mark, "aliases that add more than 100000 values");
    if (open_.size() + depth(found->second) > deepest) fail(mark, "nested deeper than 64");
    finish(mark, YAML::NullAnchor, found->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value(Value::Array{}));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value(Value::Object{}));
  }
  void OnMapEnd() override {
    std::vector<std::string_view> keys;
    for (const auto& member : open_.back().value.object()) keys.push_back(member.first);
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice == keys.end()) return close();
    const Value::Object& members = open_.back().value.object();
    const auto last = std::find_if(members.rbegin(), members.rend(),
                                   [&](const Value::Member& m) { return m.first == *twice; });
    fail(last->second.line, "\"" + printable(*twice) + "\" stands twice in one mapping");
  }

 private:
  struct Open {
    Value value;
    YAML::anchor_t anchor;
    std::string key;
    bool has_key = false;
  };

  [[noreturn]] void fail(int line, const std::string& what) const {
    throw Error(Cause::data, name_ + ":" + std::to_string(line) + ": " + what);
  }
  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    fail(line_ + mark.line, what);
  }

  [[nodiscard]] bool wants_key() const {
    return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
  }

  void take_key(const YAML::Mark& mark, const std::string& text) {
    // Escaped it can be six times as long, and 1024 is where YAML gives up on a key.
    if (text.size() > 128) fail(mark, "a key longer than 128 bytes");
    open_.back().key = text;
    open_.back().has_key = true;
  }

  Value scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) const {
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return Value(text);
    if (!tag.empty() && tag != "?") fail(mark, "the tag " + printable(tag) + " is not understood");
    try {
      return plain_scalar(text);
    } catch (const Error& error) {
      fail(mark, error.what());
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Value value) {
    if (wants_key()) fail(mark, "a key must be a text");
    if (!tag.empty() && tag != "?" && tag != "!")
      fail(mark, "the tag " + printable(tag) + " is not understood");
    if (open_.size() >= deepest) fail(mark, "nested deeper than 64");
    value.line = line_ + mark.line;
    open_.push_back({std::move(value), anchor, {}, false});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    put(done.anchor, std::move(done.value));
  }

  void finish(const YAML::Mark& mark, YAML::anchor_t anchor, Value value) {
    value.line = line_ + mark.line;
    put(anchor, std::move(value));
  }

  void put(YAML::anchor_t anchor, Value value) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = value;
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.array().push_back(std::move(value));
    } else {
      open_.back().value.object().emplace_back(std::move(open_.back().key), std::move(value));
      open_.back().has_key = false;
    }
  }

  const std::string& name_;
  int line_;
  Value root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Value> anchors_;
  int aliases_ = 0;
  std::size_t copied_ = 0;
};

}  // namespace

Value parse_yaml(std::string_view text, const std::string& name, int line) {
  const auto fail = [&](int at, const std::string& what) {
    throw Error(Cause::data, name + ":" + std::to_string(at) + ": " + what);
  };
  if (text.size() > longest_document) fail(line, "a document of more than 1 MiB");
  if (text.find('\0') != std::string_view::npos) fail(line, "binary, not YAML");
  if (!is_utf8(text)) fail(line, "not UTF-8");
  YamlBuilder builder(name, line);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    YamlBuilder second(name, line);
    if (parser.HandleNextDocument(second)) fail(line, "more than one document; one is expected");
  } catch (const YAML::Exception& error) {
    fail(line + std::max(error.mark.line, 0), printable(error.msg));
  }
  return builder.take();
}

}  // namespace twin::stream
