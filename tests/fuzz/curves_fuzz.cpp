// SPDX-License-Identifier: GPL-3.0-or-later
// Any stream of curves, missing, mad, of other lengths and axes among them: scored and followed
// without an internal error, and each score is a finite number.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/time.h"
#include "numbers.h"
#include "steer/curve_scores.h"
#include "steer/follow.h"

namespace {

using twin::record::Result;

constexpr std::size_t points = 24;

double number(std::uint8_t byte) { return byte == 251 ? -1.7e308 : fuzz::number(byte); }

twin::record::Policy policy_of(std::uint8_t how, std::uint8_t components, bool trained) {
  twin::record::Policy out;
  out.watch = {"score:1", "score:rest", "e0"};
  out.baseline.emplace();
  out.baseline->samples = 12;
  out.baseline->drifts = how & 1;
  if (how & 2) out.baseline->drift_in = "temperature";
  out.scores = twin::record::PolicyScores{"norm", "energy", {}, 1 + components % 4, "", 10};
  if (how & 4) out.scores->range = std::pair(101.0, 122.0);
  if (trained) out.scores->components = 0;
  return out;
}

/// \param how  what is odd of it  \param bytes  [points] values
Result curve(int k, std::uint8_t how, const std::uint8_t* bytes) {
  Result out;
  out.header.id = "id" + std::to_string(k);
  out.header.time = twin::utc_of(1.7e9 + 10.0 * k);
  out.context.scan = "s" + std::to_string(k);
  auto &energy = out.arrays["energy"].data, &norm = out.arrays["norm"].data;
  for (std::size_t i = 0; i < points; ++i) {
    energy.push_back(100.0 + static_cast<double>(i));
    norm.push_back(number(bytes[i]));
  }
  out.context.environment["temperature"].value = number(bytes[0]);
  out.quantities["e0"].value = number(bytes[1]);
  if (how < 4) energy[how] = number(bytes[2]);
  if (how == 4) norm.resize(bytes[3] % points);
  if (how == 5) energy.resize(bytes[3] % points);
  if (how == 6) out.arrays.erase("norm");
  if (how == 7) out.converged = false;
  if (how == 8) out.context.setup = "B";
  if (how == 9) out.header.time = twin::utc_of(1.7e9);
  if (how == 10) out.context.environment.clear();
  if (how == 11) out.recipe_sha256 = "b";
  if (how == 12) out.status = twin::record::Completeness::partial;
  if (how == 13)
    for (double& e : energy) e *= 1e300;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 + points) return 0;
  const bool trained = data[0] & 8;
  const auto policy = policy_of(data[0], data[1], trained);
  std::optional<twin::steer::TrainedBasis> basis;
  try {
    if (trained) {
      Eigen::MatrixXd rows(1, points);
      for (std::size_t i = 0; i < points; ++i)
        rows(0, static_cast<Eigen::Index>(i)) = number(data[2 + i]);
      basis.emplace(Eigen::VectorXd::LinSpaced(points, 100, 100 + points - 1), rows);
    }
  } catch (const twin::Error& error) {
    if (error.cause() == twin::Cause::internal) std::abort();
    return 0;
  }
  twin::steer::Follow follow(policy);
  twin::steer::CurveScores scores(policy, basis, "fuzz");
  int k = 0;
  for (std::size_t at = 2; at + 1 + points <= size && k < 200; at += 1 + points, ++k) {
    const auto whole = curve(k, data[at], data + at + 1);
    Result matter = whole;
    matter.arrays.clear();
    try {
      const auto scored = scores.add_to(matter, whole, &follow);
      bool any = false;
      for (const char* name : {"score:1", "score:rest"}) {
        const auto found = matter.quantities.find(name);
        if (found == matter.quantities.end() || !found->second.value) continue;
        any = true;
        if (!std::isfinite(*found->second.value)) std::abort();
      }
      using State = twin::steer::Scored::State;
      if (any != (scored.state == State::known)) std::abort();
      if (scored.state == State::none && scored.why.empty()) std::abort();
      (void)follow.add(matter);
      if (data[at] == 14)
        for (const char* what : {"no-beam", "beam-back"}) {
          twin::record::Event event;
          event.what = what;
          follow.take(event);
        }
      scores.hear(follow);
    } catch (const twin::Error& error) {
      if (error.cause() == twin::Cause::internal) std::abort();
    }
  }
  return 0;
}
