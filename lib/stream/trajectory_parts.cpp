// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/trajectory_parts.h"

#include "stream/parts.h"

namespace twin::stream {

using record::TrajectoryPart;
using record::Value;

std::vector<TrajectoryPart> decode_trajectories(Fields& fields) {
  std::vector<TrajectoryPart> out;
  const Value* const list = fields.find("trajectories");
  if (list == nullptr) return out;
  if (!list->is_array())
    fields.fail("trajectories", "expected a list, got " + std::string(list->kind_name()), list);
  for (const Value& item : list->array()) {
    Fields part = fields.inside("trajectories", item);
    out.push_back({part.need_text("file"), part.integer("frames").value_or(0),
                   part.integer("skipped").value_or(0), part.number("first_ps"),
                   part.number("last_ps")});
  }
  return out;
}

Value encode_trajectories(const std::vector<TrajectoryPart>& parts) {
  Value::Array out;
  for (const TrajectoryPart& part : parts) {
    Builder b;
    b.put("file", part.file).put("frames", part.frames).put("skipped", part.skipped);
    b.maybe("first_ps", part.first_ps).maybe("last_ps", part.last_ps);
    out.push_back(b.take());
  }
  return out;
}

}  // namespace twin::stream
