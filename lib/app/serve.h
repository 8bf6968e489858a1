// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "app/run.h"
#include "record/records.h"

namespace twin::app {

/// Reports progress of the request under way; false = it was cancelled: give up.
using ServeProgress = std::function<bool(const std::string& stage, double fraction)>;

/// Brings one model to its state.
using ServeOne =
    std::function<record::State(const record::ModelRecord& model, const ServeProgress& progress)>;

/// The serve protocol of twin-stream(5): one `model` line with a request id → any `progress` →
/// exactly one `state` or `failure` with that id. `cancel` gives the request up (its answer is a
/// failure). The end of the input ends the worker within 5 s. One request at a time: models that
/// come meanwhile wait.
void serve(Session& session, const ServeOne& simulate);

}  // namespace twin::app
