// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a figure: an Error of cause data, or markup without scripts, events and references
// outside.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "plot/inline_svg.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto out = twin::plot::inline_svg({reinterpret_cast<const char*>(data), size});
    for (const char* never : {"<script", "<style", "<foreignObject", "<image", "<a"})
      if (out.find(never) != std::string::npos) std::abort();
    for (auto at = out.find("href=\""); at != std::string::npos; at = out.find("href=\"", at + 1)) {
      const auto tag = out.rfind('<', at), end = out.rfind('>', at);
      if (tag == std::string::npos || (end != std::string::npos && end > tag)) continue;  // text
      const auto quotes = std::count(out.begin() + static_cast<std::ptrdiff_t>(tag),
                                     out.begin() + static_cast<std::ptrdiff_t>(at), '"');
      if (quotes % 2 == 0 && out.compare(at + 6, 1, "#") != 0) std::abort();  // no value's own text
    }
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
