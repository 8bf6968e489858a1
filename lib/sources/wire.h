// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/text.h"

/// Numbers and texts as bytes, and back from bytes of which nothing is believed.
namespace twin::sources {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::size_t longest_text = std::size_t{1} << 16;

template <typename Number>
void put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

inline void put_text(std::string& out, std::string_view text) {
  text = text.substr(0, longest_text);
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

[[noreturn]] inline void refuse_message(const std::string& what) {
  throw Error(Cause::data, "what a child of ours handed over makes no sense (" + what + ")");
}

/// Takes a body apart from its beginning; whatever is not there is an error.
class Cutter {
 public:
  explicit Cutter(std::string_view bytes) : rest_(bytes) {}

  template <typename Number>
  Number number() {
    Number out{};
    std::memcpy(&out, bytes(sizeof out).data(), sizeof out);
    return out;
  }

  std::string text() {
    const auto size = number<std::uint32_t>();
    if (size > longest_text) refuse_message("a text over 64 KiB");
    std::string out(bytes(size));
    if (printable(out) != out) refuse_message("a text with control bytes");
    return out;
  }

  std::size_t count(std::size_t most) {
    const auto size = number<std::uint64_t>();
    if (size > most) refuse_message("too much of something");
    return static_cast<std::size_t>(size);
  }

  std::vector<double> numbers(std::size_t size) {
    const auto from = bytes(size * sizeof(double));
    std::vector<double> out(size);
    if (size > 0) std::memcpy(out.data(), from.data(), from.size());
    if (!std::ranges::all_of(out, [](double v) { return std::isfinite(v); }))
      refuse_message("a number that is not finite");
    return out;
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }

  std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) refuse_message("it is cut");
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

 private:
  std::string_view rest_;
};

}  // namespace twin::sources
