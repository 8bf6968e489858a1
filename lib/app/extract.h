// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "app/extract_xas.h"
#include "app/run.h"
#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

struct ExtractSettings {
  std::string recipe;          ///< file
  std::string base = ".";      ///< folder that references of arrays are resolved in
  long long jobs = 1;          ///< measurements at a time; the order of the results is kept
  std::string arrays = "fit";  ///< which curves results carry: "none", "fit" or "all"
  std::string export_as;       ///< "xdi" or "ascii": curves as files too; "" = none
  std::string export_into = ".";
  std::optional<record::Recipe> read{};  ///< the recipe, when it has been read
};

/// twin-extract: measurements (and states, whose simulated measurements it reduces) in, results
/// out. All other records pass. A measurement that can't be reduced becomes a failure record; the
/// stream goes on.
void extract(Session& session, const ExtractSettings& settings);

}  // namespace twin::app
