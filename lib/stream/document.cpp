// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/document.h"

#include <algorithm>
#include <filesystem>

#include "core/file.h"
#include "core/text.h"
#include "stream/yaml.h"

namespace twin::stream {

using record::Value;

namespace {

void refuse_control_characters(const Fields& fields, const Value& value) {
  const auto check = [&](const std::string& text) {
    if (printable(text) != text)
      fields.fail("", "\"" + printable(text.substr(0, 80)) + "\" holds control characters", &value);
  };
  if (value.is_string()) check(value.string());
  if (value.is_array())
    for (const Value& item : value.array()) refuse_control_characters(fields, item);
  if (value.is_object())
    for (const auto& [key, item] : value.object()) {
      check(key);
      refuse_control_characters(fields, item);
    }
}

}  // namespace

Value load_document(const std::string& path) {
  const std::string text = read_file(path, 4u << 20);
  try {
    return parse_yaml(text, printable(path));
  } catch (const Error& error) {
    throw Error(Cause::configuration, error.what());
  }
}

void check_document(Fields& fields, std::string_view format) {
  refuse_control_characters(fields, fields.value());
  const std::string stated = fields.need_text("format");
  if (stated == format) return;
  const Value* at = fields.value().find("format");
  fields.fail("format", "\"" + stated + "\"; expected " + std::string(format), at);
}

std::string choice(Fields& fields, std::string_view key, const std::string& otherwise,
                   const std::vector<std::string>& choices) {
  const std::string word = fields.text(key, otherwise);
  if (std::ranges::find(choices, word) != choices.end()) return word;
  fields.fail(key, "\"" + word + "\"; expected " + join(choices, ", "), fields.value().find(key));
}

std::pair<double, double> bounds(const Fields& fields, std::string_view key, const Value& value,
                                 std::string_view unit, bool bare) {
  if (!value.is_array() || value.array().size() != 2)
    fields.fail(key, "expected [lower, upper]", &value);
  const double lower = fields.measure_of(key, value.array()[0], unit, bare);
  const double upper = fields.measure_of(key, value.array()[1], unit, bare);
  if (!(lower < upper)) fields.fail(key, "the lower bound is not below the upper", &value);
  return {lower, upper};
}

double positive(const Fields& fields, std::string_view key, double value) {
  if (value > 0) return value;
  fields.fail(key, shortest(value) + "; expected more than 0", fields.value().find(key));
}

std::string beside(const std::string& document, const std::string& written) {
  namespace fs = std::filesystem;
  const fs::path path(written), folder = fs::path(document).parent_path();
  if (written.empty() || path.is_absolute() || folder.empty()) return written;
  const fs::path joined = (folder / path).lexically_normal();
  std::error_code error;
  if (!fs::exists(joined, error) && fs::exists(path, error)) return written;
  return joined.string();
}

}  // namespace twin::stream
