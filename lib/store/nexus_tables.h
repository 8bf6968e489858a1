// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "record/records.h"
#include "store/hdf5_file.h"
#include "store/quantity_table.h"

/// Columns of texts that many kinds of records have, written beside their numbers: [row].
/// `Rows` are vectors of pointers to records.
namespace twin::store {

/// One text of each row; nothing is written when all are empty.
template <class Rows, class Get>
void write_column(const hdf5::Handle& group, Names& names, const std::string& name,
                  const Rows& rows, Get get) {
  std::vector<std::string> texts;
  bool any = false;
  for (const auto& row : rows) {
    texts.push_back(get(*row));
    any = any || !texts.back().empty();
  }
  if (any) hdf5::write_texts(group, names.unique(name), texts);
}

/// Scan, period, set-up, sample ... of each row.
template <class Rows>
void write_contexts(const hdf5::Handle& group, Names& names, const Rows& rows) {
  write_column(group, names, "scan_names", rows, [](const auto& r) { return r.context.scan; });
  write_column(group, names, "run", rows, [](const auto& r) { return r.context.run; });
  write_column(group, names, "period", rows, [](const auto& r) { return r.context.period; });
  write_column(group, names, "setup", rows, [](const auto& r) { return r.context.setup; });
  write_column(group, names, "sample", rows, [](const auto& r) { return r.context.sample; });
  write_column(group, names, "synthetic", rows, [](const auto& r) { return r.context.synthetic; });
}

template <class Rows>
void write_headers(const hdf5::Handle& group, Names& names, const Rows& rows) {
  write_column(group, names, "id", rows, [](const auto& r) { return r.header.id; });
  write_column(group, names, "time", rows, [](const auto& r) { return r.header.time; });
}

template <class Kind>
std::vector<const Kind*> pointers(const std::vector<Kind>& rows) {
  std::vector<const Kind*> out;
  for (const auto& row : rows) out.push_back(&row);
  return out;
}

template <class Rows, class Get>
std::vector<const record::Quantities*> quantities_of(const Rows& rows, Get get) {
  std::vector<const record::Quantities*> out;
  for (const auto* row : rows) out.push_back(&get(*row));
  return out;
}

/// The records of one kind as an NXcollection of \p process: `states`, `verdicts`, `events`.
/// Nothing is written when there are none.
void write_states(const hdf5::Handle& process, const std::vector<record::State>& states);
void write_verdicts(const hdf5::Handle& process, const std::vector<record::Verdict>& verdicts);
void write_events(const hdf5::Handle& process, const std::vector<record::Event>& events);

}  // namespace twin::store
