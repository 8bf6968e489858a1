// SPDX-License-Identifier: GPL-3.0-or-later
// Usage: show_steer_curves WHAT FIRST COUNT KEY=VALUE...
// Made streams of curves (curve_stream.h), seeds FIRST to FIRST + COUNT - 1, as twin-steer watches
// them: a policy's scores, a baseline of 50 of them. A line each of WHAT:
// - nulls: the largest log R within 500 samples behind the baseline
// - alarms: samples from the change to the alarm (-1: before it, inf: not in 300)
// - onsets: alarm, then onset - truth: best, low, high at the alarm and 5, 20, 60 later
// - cost: µs a sample, CPU: of the scores, and of all
// - moments: mean, variance, third moment, lag 1 of each score behind the baseline
// KEY: basis=running|trained, components=K, learn=N, calibrated=0|1, linear=0|1 for the null; size,
// width, smooth, phi, drift, at, ends, stepped: see curve_stream.h.
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "curve_stream.h"
#include "steer/curve_scores.h"
#include "steer/follow.h"

using namespace twin;

namespace {

struct Asked {
  streams::CurveKind kind;
  record::Policy policy;
  bool trained = false;
};

constexpr int null_samples = 500;

/// twin-steer, without files: a result in, its events out.
struct Chain {
  Chain(const Asked& asked, const streams::CurveStream& stream)
      : follow(asked.policy),
        scores(asked.policy, asked.trained ? std::optional(stream.basis()) : std::nullopt, "made") {
  }

  std::vector<record::Event> take(const record::Result& result) {
    matter = {};
    matter.header = result.header;
    matter.context = result.context;
    scores.add_to(matter, result, &follow);
    std::vector<record::Event> out;
    for (auto& record : follow.add(matter))
      if (auto* event = std::get_if<record::Event>(&record)) out.push_back(std::move(*event));
    scores.hear(follow);
    return out;
  }

  steer::Follow follow;
  steer::CurveScores scores;
  record::Result matter;
};

void null_of(const Asked& asked, std::uint64_t seed) {
  streams::CurveStream stream(asked.kind, seed);
  Chain chain(asked, stream);
  double most = -1e300;
  for (int left = -1; left != 0;) {
    if (left > 0) --left;
    for (const auto& event : chain.take(stream.next()))
      if (event.what == "baseline") left = null_samples;
    if (left >= 0) most = std::max(most, chain.follow.log_sum());
    if (chain.follow.in_change()) break;
  }
  std::cout << most << '\n';
}

void alarm_of(const Asked& asked, std::uint64_t seed) {
  streams::CurveStream stream(asked.kind, seed);
  Chain chain(asked, stream);
  for (int k = 0; k < asked.kind.at + 300; ++k)
    for (const auto& event : chain.take(stream.next()))
      if (event.what == "change") {
        std::cout << (k < asked.kind.at ? -1 : k - asked.kind.at + 1) << '\n';
        return;
      }
  std::cout << "inf\n";
}

long long at(const record::Event& event, const char* which) {
  return event.header.extra.find("details")->find("onset")->find(which)->find("sample")->integer();
}

void onset_of(const Asked& asked, std::uint64_t seed) {
  streams::CurveStream stream(asked.kind, seed);
  Chain chain(asked, stream);
  int alarm = -1;
  record::Event last;
  for (int k = 0; k < asked.kind.at + 400; ++k) {
    for (auto& event : chain.take(stream.next())) {
      if (event.what == "change" && alarm < 0) {
        if (k < asked.kind.at) return;
        alarm = k;
        std::cout << k - asked.kind.at + 1;
      }
      if (alarm >= 0 && (event.what == "change" || event.what == "onset")) last = std::move(event);
    }
    const int since = k - alarm;
    if (alarm >= 0 && (since == 0 || since == 5 || since == 20 || since == 60))
      for (const char* which : {"best", "low", "high"})
        std::cout << ' ' << at(last, which) - asked.kind.at;
    if (alarm >= 0 && since == 60) break;
  }
  if (alarm >= 0) std::cout << '\n';
}

void cost_of(const Asked& asked, std::uint64_t seed) {
  streams::CurveStream stream(asked.kind, seed);
  std::vector<record::Result> results;
  for (int k = 0; k < 550; ++k) results.push_back(stream.next());
  Chain chain(asked, stream);
  double scores = 0, all = 0;
  for (const auto& result : results) {
    const double before = process_cpu_seconds();
    chain.matter = {};
    chain.matter.header = result.header;
    chain.scores.add_to(chain.matter, result, &chain.follow);
    const double between = process_cpu_seconds();
    (void)chain.follow.add(chain.matter);
    const double behind = process_cpu_seconds();
    chain.scores.hear(chain.follow);
    const double end = process_cpu_seconds();
    scores += between - before + end - behind;
    all += end - before;
  }
  std::cout << 1e6 * scores / 550 << ' ' << 1e6 * all / 550 << '\n';
}

void moments_of(const Asked& asked, std::uint64_t seed) {
  streams::CurveStream stream(asked.kind, seed);
  Chain chain(asked, stream);
  std::map<std::string, std::vector<double>> all;
  for (int k = 0; k < 70 + null_samples; ++k) {
    (void)chain.take(stream.next());
    for (const auto& [name, quantity] : chain.matter.quantities)
      if (quantity.value) all[name].push_back(*quantity.value);
  }
  for (const auto& [name, x] : all) {
    const auto n = static_cast<double>(x.size());
    double mean = 0, square = 0, cube = 0, lag = 0;
    for (const double v : x) mean += v / n;
    for (std::size_t i = 0; i < x.size(); ++i) {
      square += std::pow(x[i] - mean, 2) / n;
      cube += std::pow(x[i] - mean, 3) / n;
      if (i > 0) lag += (x[i] - mean) * (x[i - 1] - mean) / n;
    }
    std::cout << mean << ' ' << square << ' ' << cube / std::pow(square, 1.5) << ' ' << lag / square
              << ' ';
  }
  std::cout << '\n';
}

record::Policy policy_of(std::map<std::string, std::string>& given) {
  const auto number = [&](const char* key, int otherwise) {
    return given.contains(key) ? std::atoi(given.at(key).c_str()) : otherwise;
  };
  record::Policy out;
  out.baseline.emplace();
  out.baseline->drifts = number("linear", 0) > 0;
  out.calibrated = number("calibrated", 0) > 0;
  out.scores = record::PolicyScores{"norm", "energy", {}, number("components", 2), "", 20};
  out.scores->learn = number("learn", 20);
  for (int i = 1; i <= out.scores->components; ++i)
    out.watch.push_back("score:" + std::to_string(i));
  out.watch.emplace_back("score:rest");
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 64;
  std::map<std::string, std::string> given;
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    given[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  Asked asked;
  asked.trained = given["basis"] == "trained";
  asked.policy = policy_of(given);
  for (const auto& [key, value] : given) {
    const double number = std::strtod(value.c_str(), nullptr);
    if (key == "size") asked.kind.size = number;
    if (key == "width") asked.kind.width = number;
    if (key == "smooth") asked.kind.smooth = number;
    if (key == "phi") asked.kind.phi = number;
    if (key == "drift") asked.kind.drift = number;
    if (key == "at") asked.kind.at = static_cast<int>(number);
    if (key == "ends") asked.kind.ends = static_cast<int>(number);
    if (key == "stepped") asked.kind.stepped = number > 0;
  }
  const std::map<std::string, void (*)(const Asked&, std::uint64_t)> known{{"nulls", null_of},
                                                                           {"alarms", alarm_of},
                                                                           {"onsets", onset_of},
                                                                           {"cost", cost_of},
                                                                           {"moments", moments_of}};
  const auto command = known.find(argv[1]);
  if (command == known.end()) return 64;
  const std::uint64_t first = std::strtoull(argv[2], nullptr, 10),
                      count = std::strtoull(argv[3], nullptr, 10);
  for (std::uint64_t seed = first; seed < first + count; ++seed) command->second(asked, seed);
}
