// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "record/model.h"
#include "stream/fields.h"

namespace twin::stream {

/// `transitions` of twin-model(5), between structures that \p out has already.
/// \throws Error  at what it doesn't mean
void decode_transitions(Fields& fields, record::Model& out);

}  // namespace twin::stream
