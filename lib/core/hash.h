// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace twin {

/// SHA-256 of \p bytes, 64 lower-case hexadecimal digits (OpenSSL).
[[nodiscard]] std::string sha256(std::string_view bytes);

/// SHA-256 of a file's content.  \throws Error{no_input} it can't be read
[[nodiscard]] std::string sha256_file(const std::string& path);

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(std::string_view bytes);
  [[nodiscard]] std::string hexadecimal();  ///< 64 digits; nothing may be added afterwards

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// CRC-32C (Castagnoli, as in iSCSI, RFC 3720 B.4): guards each line of a journal.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace twin
