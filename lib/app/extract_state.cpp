// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_state.h"

#include <vector>

namespace twin::app {

namespace {

// The state's own rows behind those of the fit, where they have all of its columns.
void add_rows(const record::Jacobian& of_state, record::Jacobian& jacobian) {
  if (jacobian.empty()) jacobian.columns = of_state.columns;
  for (const auto& row : of_state.rows) {
    std::vector<double> elements;
    for (const auto& column : jacobian.columns)
      if (const auto element = of_state.at(row, column)) elements.push_back(*element);
    if (elements.size() < jacobian.columns.size()) continue;
    jacobian.rows.push_back(row + "/md");
    jacobian.matrix.insert(jacobian.matrix.end(), elements.begin(), elements.end());
  }
}

}  // namespace

record::Result extract_state(const XasExtraction& extraction, const record::State& state,
                             const record::Measurement& simulated) {
  auto result = extraction.extract(simulated);
  result.header.from = {state.header.id};
  for (const auto& [name, quantity] : state.quantities) result.quantities[name + "/md"] = quantity;
  add_rows(state.jacobian, result.jacobian);
  return result;
}

}  // namespace twin::app
