// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

struct UsualColumns {
  record::Columns columns;
  std::string signal;  ///< what µ is of, as Columns::signal; "column" where the name does not say
};

/// The columns that files of beamlines name alike: energy with xmu or mu; mutrans, or i0 with
/// itrans (transmission); mufluor, or i0 with ifluor (fluorescence); norm. \param signal    which
/// of them is wanted; "" = the first that is there \param warnings  where nothing is said and the
/// file has transmission and fluorescence, it is told \throws Error{data} there are none such
/// (lists the columns that there are)
[[nodiscard]] UsualColumns usual_columns(const record::Measurement& m, const std::string& signal,
                                         std::vector<std::string>& warnings);

}  // namespace twin::app
