// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/hash.h"
#include "formats/scan_file.h"

namespace twin::sources {

/// Columns of numbers under way.
struct Stream {
  std::string run, name;
  std::vector<std::string> keys, units;  ///< of numbers
  std::vector<std::string> left_out;
  std::vector<std::vector<double>> columns;  ///< [key][event], time last
  std::int64_t first = 1, events = 0;        ///< seq_num; so many came
  bool missing = false;

  [[nodiscard]] std::size_t rows() const { return columns.back().size(); }
};

struct RunUnderWay {
  std::string uid, scan_id, plan, sample;
  std::vector<std::string> dimensions;
  std::vector<std::string> descriptors;
  std::size_t elsewhere = 0;  ///< documents of data in files
  Sha256 digest;
};

/// A stream as a scan. \param name  of the file that its documents are in
/// \param ended  why the run is not whole; "" when it is
[[nodiscard]] formats::ScanFile scan_of(const RunUnderWay& run, Stream stream,
                                        const std::string& name, const std::string& ended);

}  // namespace twin::sources
