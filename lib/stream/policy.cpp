// SPDX-License-Identifier: GPL-3.0-or-later
// twin-policy(5).
#include "core/text.h"
#include "stream/document.h"
#include "stream/documents.h"

namespace twin::stream {

using namespace record;

namespace {

/// "10 min", in seconds, more than 0.
double seconds(Fields& fields, std::string_view key, double otherwise) {
  return positive(fields, key, fields.measure(key, "s").value_or(otherwise));
}

Mode decode_mode(Fields fields) {
  Mode out;
  fields.need("scan");
  out.scan = fields.identifier("scan");
  fields.need("every");
  out.every_seconds = seconds(fields, "every", 0);
  fields.measure("exposure", "s");
  fields.text("note");
  out.details = fields.value();
  fields.refuse_rest();
  return out;
}

std::string mode_name(Fields& fields, std::string_view key, const Policy& policy) {
  fields.need(key);
  const std::string name = fields.identifier(key);
  if (policy.modes.contains(name)) return name;
  std::vector<std::string> known;
  for (const auto& [mode, entry] : policy.modes) known.push_back(mode);
  fields.fail(key, name + " is none of modes" + perhaps(name, known), fields.value().find(key));
}

}  // namespace

Policy decode_policy(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-policy/1");
  Policy out;
  fields.need("watch");
  out.watch = fields.identifiers("watch");
  if (out.watch.empty()) fields.fail("watch", "is empty; expected names of quantities");
  out.false_alarms = fields.fraction("false_alarms", out.false_alarms);
  if (!(out.false_alarms > 0 && out.false_alarms < 1))
    fields.fail("false_alarms", "expected more than 0 % and less than 100 %");
  const Fields modes = fields.inside("modes");
  for (const auto& [mode, entry] : modes.value().object())
    out.modes.emplace(modes.check_identifier(mode, Value(mode)),
                      decode_mode(modes.inside(mode, entry)));
  out.quiet = mode_name(fields, "quiet", out);
  out.track = mode_name(fields, "track", out);
  out.safe_mode = mode_name(fields, "safe_mode", out);
  if (const Value* found = fields.find("commands")) {
    Fields commands = fields.inside("commands", *found);
    out.command_file = commands.text("file");
    out.ttl_seconds = seconds(commands, "ttl", out.ttl_seconds);
    commands.refuse_rest();
  }
  fields.refuse_rest();
  out.document = document;
  return out;
}

Policy read_policy(const std::string& path) { return decode_policy(load_document(path), path); }

}  // namespace twin::stream
