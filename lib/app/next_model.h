// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/model.h"

namespace twin::app {

/// Writes \p model as the numbered file of \p path (next.yaml → next-3.yaml) and as \p path itself,
/// which is replaced only when twin-match wrote it. Returns the numbered file's name.
/// \throws Error{cannot_create} \p path is somebody's own file
std::string write_next(const std::string& path, const record::Model& model);

}  // namespace twin::app
