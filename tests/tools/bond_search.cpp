// SPDX-License-Identifier: GPL-3.0-or-later
#include "bond_search.h"

#include "places.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace bond_search {

using namespace twin;

bond::Problem Search::begin(std::uint64_t seed) {
  auto problem = bond::draw(seed, samples);
  static const std::map<std::string, std::string> units{
      {"r:Pb-I.1", "Å"}, {"sigma2:Pb-I.1", "Å²"}, {"c3:Pb-I.1", "Å³"}, {"a", "Å"}};
  for (const auto& [name, unit] : units) {
    problem.measured.quantities.at(name).unit = unit;
    problem.model.tolerance.at(name).unit = unit;
  }
  problem.measured.technique = "xas";
  problem.model.name = "bond";
  put("measured.jsonl", tools::whole_stream(tools::line(problem.measured)));
  put("model.yaml", stream::dump_yaml(stream::encode_model(problem.model)));
  return problem;
}

std::string Search::engine_path() { return tools_dir() + "/../engines/bond_engine"; }

std::string Search::engine(const tools::Words& options) {
  std::string out = "'" + engine_path() + "'";
  for (const auto& option : options) out += " '" + option + "'";
  return out;
}

tools::Words Search::command(const tools::Words& engine_options, const tools::Words& options) {
  tools::Words out{"twin-match", "--with",   "measured.jsonl",      "--model",
                   "model.yaml", "--engine", engine(engine_options)};
  out.insert(out.end(), options.begin(), options.end());
  return out;
}

tools::Words Search::verdicts_of(const tools::Said& said) {
  tools::Words out;
  for (auto& verdict : tools::all<record::Verdict>(said.out)) {
    verdict.header = {};
    verdict.model.clear();
    verdict.lag_seconds = 0;
    out.push_back(tools::line(verdict));
  }
  return out;
}

tools::Said Search::match(const tools::Words& engine_options, const tools::Words& options) {
  return run(command(engine_options, options));
}

}  // namespace bond_search
