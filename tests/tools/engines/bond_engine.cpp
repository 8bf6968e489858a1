// SPDX-License-Identifier: GPL-3.0-or-later
// An engine for tests that speaks the serve protocol of twin-stream(5): the bond of match/bond.h,
// which is no crystal and simulates no measurement. Options:
//   --samples N   of a run; default 4000
//   --lie HOW     what engines must not do, see lie()
//   --from N      from the Nth request on that this process gets; default 1
//   --once FILE   only while there is no FILE, which it then makes
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "match/bond.h"
#include "stream/codec.h"
#include "stream/json.h"

using namespace twin;

namespace {

struct Options {
  int samples = 4000, from = 1;
  std::string lie, once;
};

std::string line(const record::Record& record) {
  return stream::dump_json(stream::encode(record)) + "\n";
}

record::State state_of(const record::ModelRecord& request, int samples) {
  const auto run = bond::simulate(request.model, samples);
  record::State out;
  out.header.request = request.header.request;
  out.potential = request.model.potential;
  out.how = "run";
  out.equilibrated = true;
  out.n_eff = samples;
  out.seed = run.seed;
  for (const auto& [name, value] : run.parameters) {
    out.parameters[name].value = value;
    out.parameters[name].method = "model";
  }
  static const std::map<std::string, std::string> units{
      {"r:Pb-I.1", "Å"}, {"sigma2:Pb-I.1", "Å²"}, {"c3:Pb-I.1", "Å³"}, {"a", "Å"}};
  out.quantities = run.quantities;
  for (const auto& [name, unit] : units) out.quantities[name].unit = unit;
  out.covariance = run.covariance;
  out.jacobian = run.jacobian;
  return out;
}

std::string with_nan(const std::string& answer) {
  const std::string key = "\"value\":";
  const auto at = answer.find(key, answer.find("\"r:Pb-I.1\"")) + key.size();
  return answer.substr(0, at) + "NaN" + answer.substr(answer.find(',', at));
}

[[noreturn]] void hang() {
  while (true) ::pause();
}

/// What it prints instead of \p state.
std::string lie(const std::string& how, record::State state) {
  auto& r = state.quantities.at("r:Pb-I.1");
  const std::map<std::string, std::function<std::string()>> ways{
      {"nan", [&] { return with_nan(line(state)); }},
      {"null", [&] { return r.value.reset(), line(state); }},
      {"no-sigma", [&] { return r.sigma.reset(), state.covariance = {}, line(state); }},
      {"unit", [&] { return r.unit = "nm", line(state); }},
      {"method", [&] { return r.method = "guess", line(state); }},
      {"other-request", [&] { return state.header.request = "4711", line(state); }},
      {"no-request", [&] { return state.header.request = "", line(state); }},
      {"other-parameters", [&] { return state.parameters["mu"].value = 0.51, line(state); }},
      {"other-potential", [&] { return state.potential = "spring", line(state); }},
      {"covariance",
       [&] {
         return state.covariance.matrix[1] = state.covariance.matrix[5] =
                    10 * std::sqrt(state.covariance.matrix[0] * state.covariance.matrix[6]),
                line(state);
       }},
      {"garbage", [&] { return std::string("<html>all is well</html>\n"); }},
      {"half", [&] { return line(state).substr(0, 100); }},
      {"failure", [&] {
         record::Failure failure;
         failure.header.request = state.header.request;
         failure.what = "the well ran dry";
         failure.cause = 0;
         return line(failure);
       }}};
  if (how == "die") {
    std::cerr << "the pump stopped\n";
    std::_Exit(3);
  }
  if (how == "hang") hang();
  return ways.at(how)();
}

bool lies(const Options& options, int request) {
  if (options.lie.empty() || request < options.from) return false;
  if (options.once.empty()) return true;
  if (std::filesystem::exists(options.once)) return false;
  std::ofstream(options.once) << "told\n";
  return true;
}

void answer(const record::ModelRecord& request, const Options& options, int count) {
  record::Progress progress;
  progress.header.request = request.header.request;
  progress.stage = "sample";
  progress.fraction = 0.5;
  auto state = state_of(request, options.samples);
  std::cout << line(progress)
            << (lies(options, count) ? lie(options.lie, std::move(state)) : line(state))
            << std::flush;
  if (options.lie == "half") std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const std::map<std::string, std::function<void(const std::string&)>> known{
      {"--samples", [&](const auto& text) { options.samples = std::stoi(text); }},
      {"--from", [&](const auto& text) { options.from = std::stoi(text); }},
      {"--lie", [&](const auto& text) { options.lie = text; }},
      {"--once", [&](const auto& text) { options.once = text; }}};
  for (int i = 1; i + 1 < argc; i += 2) known.at(argv[i])(argv[i + 1]);
  int count = 0;
  for (std::string text; std::getline(std::cin, text);) {
    const auto record = stream::decode(stream::parse_json(text, "request"));
    if (const auto* request = std::get_if<record::ModelRecord>(&record))
      answer(*request, options, ++count);
  }
}
