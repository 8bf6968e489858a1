// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_resume.h"

#include <algorithm>
#include <map>
#include <utility>

#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "stream/documents.h"
#include "stream/reader.h"

namespace twin::app {

using record::Model;
using record::Result;
using record::State;

namespace {

/// Gathers what belongs together from records as they come.
class Gatherer {
 public:
  void take(stream::Item item) {
    if (auto* model = std::get_if<record::ModelRecord>(&item.record))
      models_[model->header.id] = std::move(*model);
    if (auto* state = std::get_if<State>(&item.record)) add(std::move(*state), item.source);
    if (auto* result = std::get_if<Result>(&item.record)) add(std::move(*result));
  }

  std::vector<Simulated> out;

 private:
  void add(State state, const std::string& source) {
    const auto model = models_.find(state.model);
    if (find(state.header.id)) return;
    if (model == models_.end())
      return cli::warning("--resume: " + printable(source) + ": state " +
                          printable(state.header.id) + " without its model is left out");
    out.push_back({model->second, std::move(state), {}, source});
  }

  void add(Result result) {
    if (result.origin != record::Origin::digital) return;
    for (const auto& id : result.header.from)
      if (auto* of = find(id)) of->digital = std::move(result);
  }

  Simulated* find(const std::string& state) {
    const auto at =
        std::ranges::find(out, state, [](const Simulated& s) { return s.state.header.id; });
    return at == out.end() ? nullptr : &*at;
  }

  std::map<std::string, record::ModelRecord> models_;
};

/// Of a model what its simulations have in common, whatever they ran at.
record::Value in_common(const Model& model) {
  Model out;
  out.name = "any";
  out.structure = model.structure;
  out.alternatives = model.alternatives;
  out.phases = model.phases;
  out.potentials = model.potentials;
  out.temperature = model.temperature;
  out.temperature_from_measurement = model.temperature_from_measurement;
  out.pressure_bar = model.pressure_bar;
  out.coupling = model.coupling;
  out.zero_point = model.zero_point;
  out.absorption = model.absorption;
  out.structure.cif = out.structure.data = "";  // its sites count, not where they were read from
  for (auto& one : out.alternatives) one.structure.cif = one.structure.data = "";
  for (auto& one : out.phases) one.structure.cif = one.structure.data = "";
  for (const auto& free : model.free)
    out.free.push_back({free.name, 0, free.unit, 0, 0, {}, {}, free.move});
  return stream::encode_model(out);
}

}  // namespace

std::vector<Simulated> read_simulated(const std::vector<std::string>& files) {
  Gatherer gatherer;
  stream::Reader reader(files);
  (void)for_each_record(
      reader, [&](stream::Item item) { gatherer.take(std::move(item)); },
      [](const Error& error) {
        if (error.cause() == Cause::no_input) throw error;
        cli::warning("--resume: " + std::string(error.what()) + "; left out");
      });
  return std::move(gatherer.out);
}

std::string difference_of(const Model& a, const Model& b) {
  const auto one = in_common(a), other = in_common(b);
  for (const char* key :
       {"structure", "alternatives", "phases", "potential", "ensemble", "free", "absorption"}) {
    const auto *mine = one.find(key), *theirs = other.find(key);
    if ((mine == nullptr) != (theirs == nullptr) || (mine && !(*mine == *theirs))) return key;
  }
  return "";
}

bool is_same_run(const Model& a, const Model& b) {
  return a.seed == b.seed && a.potential == b.potential && a.alternative == b.alternative &&
         a.run.equilibrate == b.run.equilibrate && a.run.produce == b.run.produce &&
         std::ranges::equal(a.free, b.free, [](const auto& x, const auto& y) {
           return x.name == y.name && x.value == y.value;
         });
}

}  // namespace twin::app
