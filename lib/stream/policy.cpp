// SPDX-License-Identifier: GPL-3.0-or-later
// twin-policy(5).
#include <optional>
#include <regex>

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
  if (fields.find("max_duration")) out.most_seconds = seconds(fields, "max_duration", 0);
  out.dose_Gy = fields.measure("dose", "Gy").value_or(0);
  if (!(out.dose_Gy >= 0)) fields.fail("dose", "expected 0 or more");
  fields.text("note");
  out.details = fields.value();
  fields.refuse_rest();
  return out;
}

/// Named, or the mode of that very name.
std::string mode_name(Fields& fields, std::string_view key, const Policy& policy) {
  if (!fields.find(key) && policy.modes.contains(std::string(key))) return std::string(key);
  fields.need(key);
  const std::string name = fields.identifier(key);
  if (policy.modes.contains(name)) return name;
  std::vector<std::string> known;
  for (const auto& [mode, entry] : policy.modes) known.push_back(mode);
  fields.fail(key, name + " is none of modes" + perhaps(name, known), fields.value().find(key));
}

/// "none", "linear" or "linear-in NAME".
void decode_drift(Fields& fields, PolicyBaseline& out) {
  const std::string drift = fields.text("drift", "none");
  const auto parts = words(drift);
  out.drifts = drift != "none";
  if (drift == "none" || drift == "linear") return;
  if (parts.size() != 2 || parts[0] != "linear-in")
    fields.fail("drift", "expected none, linear, or linear-in and a key of the environment",
                fields.value().find("drift"));
  out.drift_in = fields.check_identifier("drift", Value(std::string(parts[1])));
}

PolicyBaseline decode_baseline(Fields fields) {
  PolicyBaseline out;
  out.samples = fields.whole("samples", out.samples, 10, 2000);
  decode_drift(fields, out);
  fields.refuse_rest();
  return out;
}

/// "500 samples", or 500.
double samples(Fields& fields, std::string_view key, double otherwise) {
  const Value* found = fields.find(key);
  if (!found) return otherwise;
  std::string text = found->is_number() ? shortest(found->number()) + " samples" : fields.text(key);
  const auto parts = words(text);
  const auto number = parts.empty() ? std::nullopt : parse_double(parts[0]);
  if (parts.size() != 2 || parts[1] != "samples" || !number || !(*number >= 1 && *number <= 1e9))
    fields.fail(key, "expected a number of samples, as 500 samples", found);
  return *number;
}

void decode_false_alarms(Fields& fields, Policy& out) {
  const Value* found = fields.find("false_alarms");
  if (found && found->is_object()) {
    Fields inside = fields.inside("false_alarms", *found);
    out.false_alarms = inside.fraction("at_most", out.false_alarms);
    out.per_samples = samples(inside, "per", out.per_samples);
    out.calibrated = choice(inside, "threshold", "bound", {"bound", "calibrated"}) == "calibrated";
    inside.refuse_rest();
  } else {
    out.false_alarms = fields.fraction("false_alarms", out.false_alarms);
  }
  if (!(out.false_alarms > 0 && out.false_alarms < 1))
    fields.fail("false_alarms", "expected more than 0 % and less than 100 %");
}

PolicyWarnings decode_warnings(Fields fields) {
  PolicyWarnings out;
  const double window = samples(fields, "window", out.window);
  out.window = static_cast<int>(window);
  if (out.window != window || window < 50 || window > 2000)
    fields.fail("window", "expected 50 to 2000 samples", fields.value().find("window"));
  fields.refuse_rest();
  return out;
}

void decode_switch(Fields fields, Policy& out) {
  if (fields.find("dwell")) out.dwell_seconds = seconds(fields, "dwell", 0);
  if (fields.find("hold")) out.hold_seconds = seconds(fields, "hold", 0);
  fields.refuse_rest();
}

void decode_dose(Fields fields, Policy& out) {
  fields.need("budget");
  out.dose_budget = positive(fields, "budget", fields.measure("budget", "Gy").value_or(0));
  out.dose_reserve = fields.fraction("reserve", 0);
  if (!(out.dose_reserve >= 0 && out.dose_reserve < 1))
    fields.fail("reserve", "expected 0 % or more, and less than 100 %");
  out.dose_file = fields.text("file");
  fields.refuse_rest();
}

/// "P(onset within 10 min) > 0.3".
void decode_raise_if(Fields& fields, PolicyForecast& out) {
  const std::string text = fields.need_text("raise_if");
  static const std::regex form(R"(\s*P\(\s*onset\s+within\s+([^()<>]+)\)\s*>\s*([^\s<>]+)\s*)");
  std::smatch parts;
  const Value* at = fields.value().find("raise_if");
  if (text.size() > 200 || !std::regex_match(text, parts, form))
    fields.fail("raise_if", "expected P(onset within 10 min) > 0.3, or the like", at);
  out.horizon_seconds = fields.measure_of("raise_if", Value(parts.str(1)), "s", false);
  const auto above = parse_double(parts.str(2));
  if (!(out.horizon_seconds > 0) || !above || !(*above > 0 && *above < 1))
    fields.fail("raise_if", "expected a time and a probability above 0, the latter below 1", at);
  out.above = *above;
}

/// Arrays of results, by the axis that they are over; and its unit.
struct CurveAxis {
  const char *axis, *unit;
  std::vector<std::string> curves;
};

const std::vector<CurveAxis>& curve_axes() {
  static const std::vector<CurveAxis> known{{"energy", "eV", {"norm", "flat", "mu", "background"}},
                                            {"k", "1/Å", {"chi", "delta_chi", "fit"}},
                                            {"r", "Å", {"chi_r", "chi_r_re", "chi_r_im"}},
                                            {"q", "1/Å", {"chi_q", "chi_q_im"}}};
  return known;
}

/// The axis of the curve that is asked for.
const CurveAxis& decode_curve(Fields& fields, PolicyScores& out) {
  out.curve = fields.need_text("curve");
  std::vector<std::string> names;
  for (const auto& one : curve_axes()) {
    if (std::ranges::find(one.curves, out.curve) != one.curves.end()) return one;
    names.insert(names.end(), one.curves.begin(), one.curves.end());
  }
  fields.fail("curve",
              printable(out.curve) + "; expected " + join(names, ", ") + perhaps(out.curve, names),
              fields.value().find("curve"));
}

/// "running", or a file: its grid is the range, and all of its components count.
PolicyScores decode_scores(Fields fields, const Policy& policy) {
  PolicyScores out;
  const auto& over = decode_curve(fields, out);
  out.axis = over.axis;
  if (const Value* found = fields.find("range"))
    out.range = bounds(fields, "range", *found, over.unit, false);
  const std::string basis = fields.need_text("basis");
  const bool running = basis == "running";
  if (!running) out.basis = beside(fields.place().name, basis);
  out.components = fields.whole("components", running ? 2 : 0, 1, 10);
  const double learn = samples(fields, "learn", out.learn);
  out.learn = static_cast<int>(std::min(learn, 1e6));
  if (out.learn < 10 || out.learn > 500 || out.learn != learn)
    fields.fail("learn", "expected 10 to 500 samples", fields.value().find("learn"));
  for (const char* key : {"range", "learn"})
    if (!running && fields.find(key))
      fields.fail(key, "a basis of a file has its own; only a running one takes it",
                  fields.value().find(key));
  if (running && !policy.baseline)
    fields.fail("basis", "running is of a stream that is watched; expected baseline too",
                fields.value().find("basis"));
  fields.refuse_rest();
  return out;
}

/// Scores that are watched are ones that there are.
void check_scores(Fields& fields, const Policy& policy) {
  const Value* at = fields.value().find("watch");
  bool any = false;
  for (const auto& name : policy.watch) {
    if (!name.starts_with("score:")) continue;
    any = true;
    if (!policy.scores) fields.fail("watch", name + " is a score; expected scores too", at);
    const auto number = parse_integer(name.substr(6));
    const int most = policy.scores->components;
    if (name != "score:rest" && (!number || *number < 1 || (most > 0 && *number > most) ||
                                 name != "score:" + std::to_string(*number)))
      fields.fail("watch",
                  name + " is no score; expected score:1" +
                      (most == 1   ? ""
                       : most == 0 ? ", score:2 ..."
                                   : " to score:" + std::to_string(most)) +
                      ", or score:rest",
                  at);
  }
  if (policy.scores && !any)
    fields.fail("scores", "none of them is watched; expected score:1 or the like in watch",
                fields.value().find("scores"));
}

PolicyForecast decode_forecast(Fields fields, const Policy& policy) {
  PolicyForecast out;
  choice(fields, "from", "twin", {"twin"});
  decode_raise_if(fields, out);
  out.mode = fields.find("mode") ? mode_name(fields, "mode", policy) : policy.track;
  fields.refuse_rest();
  return out;
}

/// What a stream can't be watched by.
void check_stream(Fields& fields, const Policy& policy) {
  // Commands are renewed with each result: between two the last one must hold.
  for (const auto& [mode, entry] : policy.modes)
    if (mode != policy.safe_mode && entry.every_seconds >= policy.ttl_seconds)
      fields.inside("modes")
          .inside(mode, entry.details)
          .fail("every", "is no less than the ttl of commands, " + shortest(policy.ttl_seconds) +
                             " s, which would end between two results; expected a longer ttl, "
                             "or a shorter interval");
  // The threshold was measured for these: lib/steer/threshold.h.
  if (policy.calibrated && (policy.false_alarms != 0.05 || policy.per_samples != 500 ||
                            policy.baseline->samples != 50 || policy.watch.size() > 12))
    fields.fail("false_alarms",
                "threshold: calibrated is known for 5 % of 500 samples, a baseline of 50 and up to "
                "12 quantities; expected these, or bound");
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
  decode_false_alarms(fields, out);
  if (const Value* found = fields.find("baseline"))
    out.baseline = decode_baseline(fields.inside("baseline", *found));
  if (const Value* found = fields.find("early_warnings")) {
    if (!out.baseline)
      fields.fail("early_warnings", "are of a stream that is watched; expected baseline too",
                  found);
    out.early_warnings = decode_warnings(fields.inside("early_warnings", *found));
  }
  if (const Value* found = fields.find("scores"))
    out.scores = decode_scores(fields.inside("scores", *found), out);
  check_scores(fields, out);
  // Whoever only wants to know of changes has no modes.
  if (fields.find("modes") || !out.baseline) {
    const Fields modes = fields.inside("modes");
    for (const auto& [mode, entry] : modes.value().object())
      out.modes.emplace(modes.check_identifier(mode, Value(mode)),
                        decode_mode(modes.inside(mode, entry)));
    out.quiet = mode_name(fields, "quiet", out);
    out.track = mode_name(fields, "track", out);
    out.safe_mode = mode_name(fields, "safe_mode", out);
    if (const Value* found = fields.find("switch"))
      decode_switch(fields.inside("switch", *found), out);
    if (const Value* found = fields.find("dose")) decode_dose(fields.inside("dose", *found), out);
    if (const Value* found = fields.find("forecast")) {
      if (!out.baseline)
        fields.fail("forecast", "is of a stream that is watched; expected baseline too", found);
      out.forecast = decode_forecast(fields.inside("forecast", *found), out);
    }
  } else if (const Value* found = fields.find("forecast")) {
    fields.fail("forecast", "asks for a mode; expected modes too", found);
  }
  if (const Value* found = fields.find("commands")) {
    Fields commands = fields.inside("commands", *found);
    out.command_file = commands.text("file");
    out.ttl_seconds = seconds(commands, "ttl", out.ttl_seconds);
    commands.refuse_rest();
  }
  if (out.baseline) check_stream(fields, out);
  fields.refuse_rest();
  out.document = document;
  return out;
}

Policy read_policy(const std::string& path) { return decode_policy(load_document(path), path); }

}  // namespace twin::stream
