// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "record/records.h"

namespace twin::app {

/// Tells people what the warnings of results say, as each comes: `SCAN: text`. What differs by
/// numbers and the name of the scan alone is told once, and at the end how often it came again. All
/// of them are in the records.
class WarningsTold {
 public:
  void see(const record::Result& result);
  /// `SCAN: text ... and in 11 more scans`, for each that came again.
  void finish() const;

 private:
  struct Kind {
    std::string pattern;    ///< the text with numbers and the scan's name masked
    std::string told;       ///< as it was told first
    std::size_t scans = 0;  ///< that it came in
  };

  std::vector<Kind> kinds_;
  std::size_t untold_ = 0;  ///< kinds beyond the most that are told
};

}  // namespace twin::app
