// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <streambuf>
#include <string>
#include <utility>

namespace twin::formats {

/// A first stretch of text put back before the rest of a stream.
class Rejoined : public std::streambuf {
 public:
  Rejoined(std::string head, std::streambuf& rest) : head_(std::move(head)), rest_(rest) {
    setg(head_.data(), head_.data(), head_.data() + head_.size());
  }

 protected:
  int_type underflow() override {
    const auto got = rest_.sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
    if (got <= 0) return traits_type::eof();
    setg(block_.data(), block_.data(), block_.data() + got);
    return traits_type::to_int_type(block_.front());
  }

 private:
  std::string head_;
  std::streambuf& rest_;
  std::array<char, 1u << 14> block_{};
};

}  // namespace twin::formats
