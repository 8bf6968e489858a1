// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "record/records.h"

namespace twin::app {

/// What a search leaves to be drawn.
struct MatchPicture {
  record::Result measured;
  std::map<std::string, record::Result> simulated;  ///< the last of each alternative
  record::Model model;                              ///< with its history
  record::Verdict verdict;                          ///< the final one
};

/// Measured and simulated χ(k) and |χ(R)|, the path of the iterations, the alternatives side by
/// side, and z of each quantity; of these, what there is.
/// \return  false when there is nothing: no file is written
bool draw_match(const MatchPicture& picture, const std::string& path);

/// The same; a warning where there is nothing.
void draw_or_say(const MatchPicture& picture, const std::string& path);

}  // namespace twin::app
