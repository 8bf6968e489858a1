// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/match_figure.h"
#include "record/records.h"

namespace twin::app {

/// Refuses at once what write_report() would refuse when all the work is done.
/// \throws Error{usage}          \p path does not end in .html
/// \throws Error{cannot_create}  its folder is not there
void check_report(const std::string& path);

/// A search as one page for the logbook: verdict, quantities, parameters, alternatives, each run
/// with its own verdict, figure, and what all is from. It refers to nothing outside of itself and
/// runs nothing; whatever comes from data is escaped. Written aside, synced, renamed.
///
/// \param start    of this program: its command and inputs
/// \param trouble  why the search ended before its time; "" when it did not
/// Without gnuplot the page says so in the figure's place.
/// \throws Error{output}, Error{cannot_create}
void write_report(const MatchPicture& picture, const record::Start& start,
                  const std::string& trouble, const std::string& path);

}  // namespace twin::app
