// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/error.h"
#include "message_of.h"
#include "record/records.h"
#include "store/run.h"

namespace twin::store {

/// A measurement of \p points energies, its numbers made from \p seed.
inline record::Measurement measurement(const std::string& scan, int seed, std::size_t points = 5) {
  record::Measurement out;
  out.technique = "xas";
  out.edge = "Cu K";
  out.context.run = "run";
  out.context.scan = scan;
  out.context.setup = "bench";
  out.source_sha256 = std::string(60, 'a') + std::to_string(1000 + seed);
  out.context.environment["temperature"] = {
      .value = 100.0 + seed, .sigma = 2.0, .sigma_sys = {}, .unit = "K", .method = "", .extra = {}};
  record::Array energy, mu;
  energy.unit = "eV";
  for (std::size_t i = 0; i < points; ++i) {
    energy.data.push_back(8970.0 + 0.5 * static_cast<double>(i));
    mu.data.push_back(seed + 0.25 * static_cast<double>(i));
  }
  energy.shape = mu.shape = {points};
  out.arrays = {{"energy", energy}, {"mutrans", mu}};
  return out;
}

inline std::vector<std::int64_t> sequences(const Run& run, std::int64_t since = 0) {
  std::vector<std::int64_t> out;
  run.replay(since, [&](std::int64_t sequence, const std::string&) { out.push_back(sequence); });
  return out;
}

}  // namespace twin::store
