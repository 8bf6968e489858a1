// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_warnings.h"

#include <algorithm>
#include <set>

#include "cli/log.h"
#include "core/text.h"

namespace twin::app {

namespace {

constexpr std::size_t most_kinds = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c < 0;
}

// The scan's name where it stands as a word, and numbers.
std::string masked(std::string text, const std::string& scan) {
  for (std::size_t at = 0; !scan.empty() && (at = text.find(scan, at)) != text.npos; ++at) {
    const std::size_t end = at + scan.size();
    if ((at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end]))) continue;
    text.replace(at, scan.size(), "@");
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool within = i > 0 && i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1]);
    if (!is_digit(text[i]) && !(within && is_digit(text[i - 1])))
      out += text[i];
    else if (!out.ends_with('#'))
      out += '#';
  }
  return out;
}

}  // namespace

void WarningsTold::see(const record::Result& result) {
  const std::string& scan = result.context.scan;
  std::set<std::string> here;
  for (const auto& text : result.warnings) {
    const auto pattern = masked(text, scan);
    if (!here.insert(pattern).second) continue;
    const auto known = std::ranges::find(kinds_, pattern, &Kind::pattern);
    if (known != kinds_.end()) {
      ++known->scans;
    } else if (kinds_.size() == most_kinds) {
      ++untold_;
    } else {
      kinds_.push_back({pattern, (scan.empty() ? "" : printable(scan) + ": ") + text, 1});
      cli::warning(kinds_.back().told);
    }
  }
}

void WarningsTold::finish() const {
  for (const auto& kind : kinds_)
    if (kind.scans > 1)
      cli::warning(kind.told + " ... and in " + std::to_string(kind.scans - 1) + " more " +
                   (kind.scans == 2 ? "scan" : "scans"));
  if (untold_ > 0) cli::warning(std::to_string(untold_) + " more warnings are in the records");
}

}  // namespace twin::app
