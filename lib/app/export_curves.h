// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include "record/records.h"

namespace twin::app {

/// Writes the curves of results as files of their own, named after their scans: as "xdi" SCAN.xdi
/// with energy, µ, norm, flat and background, and SCAN.chi.xdi with k, χ, its uncertainty and the
/// fit; as "ascii" SCAN.norm.dat and SCAN.chi.dat with the same, SCAN.chir.dat with R and χ(R),
/// SCAN.chiq.dat with χ(q), SCAN.lcf.dat and SCAN.prepeak.dat with data and fit, where there are
/// such.
///
/// Characters of the scan's name that file names had better not have become '_'. A name that this
/// has written already gets a number, SCAN-2; a file that was there before is replaced whole.
class CurveExport {
 public:
  /// \param as  "xdi", "ascii", or "" for none at all
  CurveExport(std::string as, std::string folder);

  /// \throws Error{cannot_create}, Error{output}
  void write(const record::Result& result);

 private:
  std::string unused(const std::string& stem);

  std::string as_, folder_;
  std::set<std::string> written_;  ///< stems, lower case: some file systems know no other
};

}  // namespace twin::app
