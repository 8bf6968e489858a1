// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "record/records.h"

namespace twin::stream {

/// A record of each kind with every field filled in, no two alike.
std::vector<record::Record> full_records();

/// A record of each kind with nothing but what it must have.
std::vector<record::Record> minimal_records();

/// The model of full_records().
record::Model full_model();

}  // namespace twin::stream
