// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "record/records.h"
#include "store/table.h"

/// What each kind of record says in its table. The record has to outlive its row.
namespace twin::store {

[[nodiscard]] const char* word_of(record::Origin origin);

/// \param json  the record without the arrays that it holds
[[nodiscard]] Row row_of(const record::Measurement& scan, std::int64_t sequence,
                         const std::string& json);
/// \param quantities  whether they are in it; the tables of arrays have none
[[nodiscard]] Row row_of(const record::Result& result, std::int64_t sequence, bool quantities);
[[nodiscard]] Row row_of(const record::State& state);
[[nodiscard]] Row row_of(const record::Verdict& verdict);
[[nodiscard]] Row row_of(const record::Event& event);
/// A record of any kind as its line.
[[nodiscard]] Row row_of(std::int64_t sequence, const std::string& line);

}  // namespace twin::store
