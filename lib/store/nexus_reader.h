// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "store/nexus.h"

namespace twin::store {

/// Attributes of the root of a published file.
inline constexpr const char* sequence_attribute = "twinline_sequence";
inline constexpr const char* sha256_attribute = "twinline_sha256";

/// What a published file says of itself.
struct Published {
  std::int64_t sequence = 0;  ///< of the last record; 0: it is none of ours
  std::string sha256;         ///< of all records' lines, line ends included; "" of earlier versions
};

/// Nothing is thrown: a file that can't be read is none of ours.
[[nodiscard]] Published read_published(const std::string& path);

/// The records of a published file, in order, each as the line that was stored.
///
/// Cost: packing undone and numbers written as text, some 0.1 ms a scan; 16 bytes of memory a
/// record, and a chunk of each data set.
///
/// \throws Error{data}      it is not laid out as write_nexus() does it
/// \throws Error{no_input}  it can't be opened
void read_nexus(const std::string& path, const Visit& visit);

}  // namespace twin::store
