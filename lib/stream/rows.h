// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/records.h"

/// Records as rows of a table, for people and for spreadsheets.
namespace twin::stream {

/// A cell: a number with its uncertainties, or a text.
struct Cell {
  std::string text;
  std::optional<record::Quantity> quantity;
};

/// True for the kinds that make a row: result, verdict, event, command.
[[nodiscard]] bool makes_row(const record::Record& record);

/// What of \p record stands in the column \p name; empty when it has none.
[[nodiscard]] Cell cell(const record::Record& record, const std::string& name);

/// The columns for \p record when nobody asked for any.
[[nodiscard]] std::vector<std::string> default_columns(const record::Record& record);

/// True when there is something in it.
[[nodiscard]] bool filled(const Cell& cell);

/// True when \p column names a quantity or a condition ("r:Cu-Cu.1", "e0", "temperature"), which
/// has three columns in tsv; false for the fields of records ("scan", "chi2").
[[nodiscard]] bool names_quantity(const std::string& column);

}  // namespace twin::stream
