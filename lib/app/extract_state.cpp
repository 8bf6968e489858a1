// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_state.h"

#include "app/arrays.h"

namespace twin::app {

record::Result extract_state(const XasExtraction& extraction, const record::State& state,
                             const record::Measurement& simulated) {
  auto result = extraction.extract(simulated);
  result.header.from = {state.header.id};
  for (const auto& [name, quantity] : state.quantities) result.quantities[name + "/md"] = quantity;
  add_rows(result.jacobian, state.jacobian, "/md");
  return result;
}

}  // namespace twin::app
