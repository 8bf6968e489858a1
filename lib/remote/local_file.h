// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/descriptor.h"

namespace twin::remote {

/// A file that grows at its end, made where it is not there.
class LocalFile {
 public:
  /// \throws Error{output}
  explicit LocalFile(const std::string& path);

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// \throws Error{output}  a full disk; what was written stays
  void append(std::string_view bytes);

  /// \throws Error{output}  what was put off by the system could not be written
  void close();

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace twin::remote
