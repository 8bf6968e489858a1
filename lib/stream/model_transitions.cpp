// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/model_transitions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/text.h"
#include "core/units.h"
#include "stream/document.h"

namespace twin::stream {

using namespace record;

namespace {

/// A structure of the model.
std::string decode_side(Fields& fields, std::string_view key, const Model& model) {
  const std::string name = fields.check_identifier(key, fields.need(key));
  std::vector<std::string> known{std::string(own_structure)};
  for (const Alternative& one : model.alternatives) known.push_back(one.name);
  if (std::ranges::find(known, name) == known.end())
    fields.fail(key, name + " is none of alternatives, nor structure" + perhaps(name, known),
                fields.value().find(key));
  return name;
}

/// The unit that a mean is written with.
std::string unit_of(Fields& fields) {
  const Value& mean = fields.need("mean");
  if (!mean.is_string()) return "";
  try {
    return parse_measure(mean.string()).unit;
  } catch (const Error& error) {
    fields.fail("mean", error.what(), &mean);
  }
}

Transition decode_transition(Fields fields, const Model& model) {
  Transition out;
  out.from = decode_side(fields, "from", model);
  out.to = decode_side(fields, "to", model);
  if (out.from == out.to) fields.fail("to", "is from; expected another structure");
  out.in = fields.identifier("in", "temperature");
  if (out.in == "temperature") out.unit = "K";
  out.rising = choice(fields, "when", "rising", {"rising", "falling"}) == "rising";
  Fields at = fields.inside("at");
  if (out.unit.empty()) out.unit = unit_of(at);
  at.need("mean");
  at.need("sigma");
  out.at = at.measure("mean", out.unit).value_or(0);
  out.at_sigma = positive(at, "sigma", at.difference("sigma", out.unit).value_or(0));
  at.refuse_rest();
  Fields width = fields.inside("width");
  // A width is a difference: 5 °C are 5 K.
  width.need("mean");
  out.width = positive(width, "mean", width.difference("mean", out.unit).value_or(0));
  out.width_sigma = width.difference("sigma", out.unit).value_or(0);
  if (!(out.width_sigma >= 0)) width.fail("sigma", "is negative");
  width.refuse_rest();
  fields.refuse_rest();
  return out;
}

}  // namespace

void decode_transitions(Fields& fields, Model& out) {
  const Value* list = fields.find("transitions");
  if (list == nullptr) return;
  if (!list->is_array()) fields.fail("transitions", "expected a list", list);
  if (std::ranges::find(out.alternatives, own_structure, &Alternative::name) !=
      out.alternatives.end())
    fields.fail("alternatives", "one is called structure, which of transitions is the model's own");
  for (const Value& item : list->array())
    out.transitions.push_back(decode_transition(fields.inside("transitions", item), out));
}

}  // namespace twin::stream
