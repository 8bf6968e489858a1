// SPDX-License-Identifier: GPL-3.0-or-later
// A log of twin-steer: refused, or decided by again; its own lines say what they said.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "app/steer_log.h"
#include "app/steering.h"
#include "core/error.h"
#include "core/text.h"
#include "stream/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twin::app;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  twin::record::Policy policy;
  std::optional<Steering> steering;
  try {
    for (const auto one : twin::split(text, '\n')) {
      if (one.empty()) continue;
      auto line = read_steer_line(one, "fuzz");
      (void)chained(line.inputs, line.question);
      if (line.begins) {
        steering.reset();
        policy = line.begins->policy;
        steering.emplace(policy, line.begins->beginning);
      } else if (steering && line.input) {
        const auto answer = document_of(steering->answer_to(*line.input));
        (void)twin::stream::dump_json(answer);
      }
    }
  } catch (const twin::Error& error) {
    if (error.cause() == twin::Cause::internal) std::abort();
  }
  return 0;
}
