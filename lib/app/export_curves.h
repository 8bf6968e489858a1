// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/records.h"

namespace twin::app {

/// Writes the curves of \p result as files of their own below \p folder, named after the scan: as
/// "xdi" SCAN.xdi with energy, µ, norm, flat and background; as "ascii" SCAN.norm.dat with the same
/// and SCAN.chi.dat with k, χ and the fit. A file that is there is replaced whole. Characters of
/// the scan's name that file names had better not have become '_'.
/// \throws Error{cannot_create}, Error{output}
void export_curves(const record::Result& result, const std::string& as, const std::string& folder);

}  // namespace twin::app
