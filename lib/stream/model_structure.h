// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/model.h"
#include "stream/fields.h"

namespace twin::stream {

/// Of an element's atoms: a crystal with more is another crystal.
inline constexpr double most_vacancies = 0.25;

/// The structure of a model: a lattice of one element, a cell with its sites, a complex, or the
/// name of a file (CIF, or data of LAMMPS), which app reads, found from where \p document lies.
[[nodiscard]] record::Structure decode_structure(Fields fields, const std::string& document);

/// The structures that it may have instead, and which of them is to run.
void decode_alternatives(Fields& fields, const std::string& document, record::Model& out);

/// The structures that are there beside it.
void decode_phases(Fields& fields, const std::string& document, record::Model& out);

/// What leaves with an atom: Vacancies::move.
[[nodiscard]] std::string decode_move(Fields& fields);

}  // namespace twin::stream
