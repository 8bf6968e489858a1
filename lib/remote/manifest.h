// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace twin::remote {

/// A file of a job that is over, as its last step found it.
struct Listed {
  std::string sha256;
  std::uint64_t size = 0;  ///< bytes
  std::string name;
};

/// Whether a name from another machine may become one here: 1 to 100 letters, digits and . _ - +,
/// no '.' or '-' at its beginning. No path, nothing that a shell or a terminal would take for more
/// than a name.
[[nodiscard]] bool is_safe_name(const std::string& name);

/// Lines "SHA256 SIZE NAME".
/// \throws Error{data}  a line that is none, a hostile name, a name twice, no line at all
[[nodiscard]] std::vector<Listed> read_manifest(const std::string& text);

}  // namespace twin::remote
