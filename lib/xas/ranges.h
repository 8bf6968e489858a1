// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "atoms/edges.h"
#include "record/recipe.h"

/// Ranges that stay between the edges of the sample.
namespace twin::xas {

/// eV before the tabulated energy of another edge where a range ends: its rise, and a chemical
/// shift, begin there.
inline constexpr double edge_margin = 15.0;

/// Ends the normalisation range and AUTOBK's range edge_margin before \p next, and says so in a
/// warning that names the edge. norm2 and kmax are set where they would reach it, stated or by
/// default; norm1 and nnorm are lowered where the room that is left is too short for them (as by
/// default: nnorm 2 from 300 eV on, 1 from 30 eV on). Nothing changes where the edge is out of
/// reach.
///
/// \param next   the first edge of the sample above ours
/// \param e0     eV, of the spectrum
/// \param last   eV, the last energy of the data
/// An edge less than 30 eV above e0 can't be kept out: a warning says so, nothing else changes.
void stop_before(const atoms::TabulatedEdge& next, double e0, double last,
                 record::ReduceSettings& reduce, record::AutobkSettings& autobk,
                 std::vector<std::string>& warnings);

/// Begins the pre-edge range after \p previous: its EXAFS is not a line, but its white line at
/// least (60 eV, or half of the way to e0 where that is less) is kept out.
/// \param first  eV, the first energy of the data
void start_after(const atoms::TabulatedEdge& previous, double e0, double first,
                 record::ReduceSettings& reduce, std::vector<std::string>& warnings);

/// Both, for every edge of these elements: the nearest below and the nearest above that can be kept
/// out, and a warning for any that can't.
/// \param ours         the edge that is measured
/// \param first, last  eV, of the data
void stay_between(const std::vector<std::string>& elements, const atoms::TabulatedEdge& ours,
                  double e0, double first, double last, record::ReduceSettings& reduce,
                  record::AutobkSettings& autobk, std::vector<std::string>& warnings);

}  // namespace twin::xas
