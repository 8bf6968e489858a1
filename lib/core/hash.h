// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace twin {

/// SHA-256 of \p bytes, 64 lower-case hexadecimal digits (OpenSSL).
[[nodiscard]] std::string sha256(std::string_view bytes);

/// SHA-256 of a file's content.  \throws Error{no_input} it can't be read
[[nodiscard]] std::string sha256_file(const std::string& path);

/// CRC-32C (Castagnoli, as in iSCSI, RFC 3720 B.4): guards each line of a journal.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace twin
