// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/model_free.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>

#include "core/text.h"
#include "core/units.h"
#include "stream/document.h"
#include "stream/model_structure.h"
#include "stream/model_units.h"

namespace twin::stream {

using namespace record;

namespace {

const std::string of_vacancies = "vacancy_";
const std::string of_substitutions = "fraction_";

/// The element that comes, of "fraction_Ni"; "" of any other name.
std::string substitute_of(const std::string& name) {
  return name.starts_with(of_substitutions) ? name.substr(of_substitutions.size()) : "";
}

/// Each structure must have one substitution that the fraction is of.
void check_substitute(const Fields& free, const Value& entry, const std::string& name,
                      const Structure& structure, const std::string& where) {
  const std::string by = substitute_of(name);
  const auto found = std::ranges::count(structure.substitutions, by, &Substitution::by);
  if (found == 0)
    free.fail(name,
              "no substitution by " + by + " is in " + where +
                  "; expected one, as in substitutions: {Cu: {by: Ni, fraction: 0.1}}",
              &entry);
  if (found > 1)
    free.fail(name,
              std::to_string(found) + " substitutions by " + by + " are in " + where +
                  "; expected one, whose fraction is meant",
              &entry);
}

FreeParameter decode_value(Fields& fields, const std::string& name, const std::string& unit,
                           std::optional<double> start) {
  FreeParameter out;
  out.name = name;
  out.unit = unit;
  const auto given = fields.measure("start", out.unit);
  if (!given && !start) fields.fail("start", "is missing");
  out.value = given ? *given : *start;
  std::tie(out.lower, out.upper) = bounds(fields, "bounds", fields.need("bounds"), out.unit, false);
  if (out.value < out.lower || out.value > out.upper) fields.fail("start", "is outside the bounds");
  if (const Value* found = fields.find("prior")) {
    Fields prior = fields.inside("prior", *found);
    prior.need("mean");
    prior.need("sigma");
    out.prior_mean = prior.measure("mean", out.unit);
    out.prior_sigma = prior.difference("sigma", out.unit);
    positive(prior, "sigma", *out.prior_sigma);
    prior.refuse_rest();
  }
  return out;
}

/// Of a model of atoms.
FreeParameter decode_free(Fields fields, const std::string& name, std::optional<double> start) {
  FreeParameter out = decode_value(fields, name, unit_of_parameter(name), start);
  if (is_factor(name) && !(out.lower > 0)) fields.fail("bounds", "expected factors above 0");
  if (name.starts_with(of_vacancies)) {
    out.move = decode_move(fields);
    if (out.lower < 0 || out.upper > most_vacancies)
      fields.fail("bounds", "expected fractions from 0 to " + shortest(most_vacancies));
  }
  const bool fraction = !substitute_of(name).empty() || is_phase_fraction(name);
  if (fraction && (out.lower < 0 || out.upper > 1))
    fields.fail("bounds", "expected fractions from 0 to 1");
  fields.refuse_rest();
  return out;
}

/// Of a model without a structure: any parameter, in the unit that it begins with.
FreeParameter decode_own(Fields fields, const std::string& name, std::optional<double> start) {
  std::string unit = name == "temperature" ? "K" : "";
  if (unit.empty()) fields.need("start");
  if (const Value* given = fields.find("start"); unit.empty() && given && given->is_string()) {
    try {
      unit = parse_measure(given->string()).unit;
    } catch (const Error& error) {
      fields.fail("start", error.what(), given);
    }
  }
  FreeParameter out = decode_value(fields, name, unit, start);
  fields.refuse_rest();
  return out;
}

/// Where a parameter begins that has no start of its own.
std::optional<double> start_of(const std::string& name, const Model& model) {
  if (name == "temperature") return model.temperature;
  if (name == "a") return model.structure.a > 0 ? std::optional(model.structure.a) : std::nullopt;
  if (name == "strain") return 0.0;
  for (const Vacancies& one : model.structure.vacancies)
    if (name == of_vacancies + one.element) return one.fraction;
  for (const Substitution& one : model.structure.substitutions)
    if (name == of_substitutions + one.by) return one.fraction;
  for (const Phase& one : model.phases)
    if (name == fraction_of(one.name)) return one.fraction;
  return is_factor(name) ? 1.0 : 0.0;
}

/// A fraction of a phase is of one that is there; and a is of one structure alone.
void check_phases(const Fields& free, const Value& entry, const std::string& name,
                  const Model& model) {
  if (name == "a" && !model.phases.empty())
    free.fail(name, "is of one structure, there are phases; expected strain", &entry);
  if (!is_phase_fraction(name)) return;
  std::vector<std::string> known;
  for (const Phase& one : model.phases) known.push_back(fraction_of(one.name));
  if (std::ranges::find(known, name) == known.end())
    free.fail(name,
              "no such phase; phases has those that are there beside the structure" +
                  perhaps(name, known),
              &entry);
}

}  // namespace

std::vector<FreeParameter> decode_all_free(const Fields& free, const Model& model) {
  static const std::vector<std::string> known = {"a", "strain", "temperature"};
  std::vector<FreeParameter> out;
  for (const auto& [name, entry] : free.value().object()) {
    if (name.starts_with("composition"))
      free.fail(name,
                "can't vary by that name; expected fraction_ with the element that comes, as in "
                "fraction_Ni, of a structure with substitutions",
                &entry);
    if (model.structure.none()) {
      free.check_identifier(name, Value(name));
      out.push_back(decode_own(free.inside(name, entry), name, start_of(name, model)));
      continue;
    }
    const bool vacancies = name.starts_with(of_vacancies) && name.size() > of_vacancies.size();
    const bool fraction = !substitute_of(name).empty();
    check_phases(free, entry, name, model);
    if (!vacancies && !fraction && !is_factor(name) && !is_phase_fraction(name) &&
        std::ranges::find(known, name) == known.end())
      free.fail(
          name,
          "can't vary; a, strain, vacancy_ or fraction_ with an element, fraction: with a phase, "
          "temperature, and what a number of the potential is multiplied by, as A_Cs-I, can" +
              perhaps(name, known),
          &entry);
    free.check_identifier(name, Value(name));
    if (fraction) {
      check_substitute(free, entry, name, model.structure, "structure");
      for (const Alternative& one : model.alternatives)
        check_substitute(free, entry, name, one.structure, "alternative " + one.name);
    }
    out.push_back(decode_free(free.inside(name, entry), name, start_of(name, model)));
  }
  return out;
}

}  // namespace twin::stream
