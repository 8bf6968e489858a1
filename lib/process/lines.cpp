// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/child.h"

namespace twin::process {

void LineBuffer::add(std::string_view bytes) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    rest_.append(bytes.substr(0, end));
    lines_.push_back(std::move(rest_));
    rest_.clear();
    bytes.remove_prefix(end + 1);
  }
  rest_.append(bytes);
}

std::optional<std::string> LineBuffer::next() {
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  return line;
}

}  // namespace twin::process
