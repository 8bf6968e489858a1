// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/channel_news.h"

#include <array>

#include "core/text.h"
#include "core/units.h"
#include "sources/wire.h"

namespace twin::sources {

std::string encode_news(const ChannelNews& news) {
  std::string out;
  put(out, static_cast<std::uint8_t>(news.kind));
  put(out, news.channel);
  put(out, news.request);
  put(out, news.value);
  put(out, news.stamp);
  put(out, news.severity);
  put(out, news.alarm);
  put(out, news.lower);
  put(out, news.upper);
  put(out, std::uint8_t{news.writable});
  put(out, news.type);
  put(out, news.elements);
  put_text(out, news.unit);
  put_text(out, news.text);
  return out;
}

ChannelNews decode_news(std::string_view body) {
  Cutter in(body);
  ChannelNews out;
  const auto kind = in.number<std::uint8_t>();
  if (kind < 1 || kind > 7) refuse_message("news of no kind");
  out.kind = static_cast<ChannelNews::Kind>(kind);
  out.channel = in.number<std::uint32_t>();
  out.request = in.number<std::uint32_t>();
  out.value = in.number<double>();
  out.stamp = in.number<double>();
  out.severity = in.number<std::int16_t>();
  out.alarm = in.number<std::int16_t>();
  out.lower = in.number<double>();
  out.upper = in.number<double>();
  out.writable = in.number<std::uint8_t>() != 0;
  out.type = in.number<std::int16_t>();
  out.elements = in.number<std::uint64_t>();
  out.unit = in.text();
  out.text = in.text();
  if (!in.empty()) refuse_message("bytes behind it");
  if (!std::isfinite(out.stamp) || out.stamp < 0 || out.stamp > 1e11) refuse_message("a stamp");
  if (out.severity < 0 || out.severity > 3) refuse_message("a severity");
  return out;
}

std::string name_of_alarm(std::int16_t status) {
  constexpr std::array names{
      "NO_ALARM", "READ", "WRITE",   "HIHI",    "HIGH",        "LOLO",        "LOW",  "STATE",
      "COS",      "COMM", "TIMEOUT", "HWLIMIT", "CALC",        "SCAN",        "LINK", "SOFT",
      "BAD_SUB",  "UDF",  "DISABLE", "SIMM",    "READ_ACCESS", "WRITE_ACCESS"};
  if (status < 0 || static_cast<std::size_t>(status) >= names.size())
    return "ALARM " + std::to_string(status);
  return names[static_cast<std::size_t>(status)];
}

std::string name_of_severity(std::int16_t severity) {
  return severity == 1 ? "MINOR" : severity == 2 ? "MAJOR" : severity == 3 ? "INVALID" : "";
}

std::string other_shape(const ChannelNews& news) {
  if (news.type == 0) return "is a text; a number is expected";
  if (news.elements == 1) return "";
  return "has " + std::to_string(news.elements) + " elements; one number is expected";
}

std::string other_unit(const std::string& said, const std::string& unit,
                       const std::optional<std::string>& spelling) {
  constexpr std::size_t handed_over = 7;
  const auto found = find_unit(said);
  const bool same = spelling ? trim(said) == trim(spelling->substr(0, handed_over))
                             : found && found->name == unit;
  if (same) return "";
  const std::string expected = spelling ? *spelling : unit;
  return (said.empty() ? "has no unit" : "is in \"" + printable(said) + "\"") + "; " +
         (expected.empty() ? "none" : "\"" + printable(expected) + "\"") + " is expected";
}

}  // namespace twin::sources
