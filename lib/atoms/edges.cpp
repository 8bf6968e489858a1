// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/edges.h"

#include <xraylib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::atoms {

namespace {

using Eigen::VectorXd;

struct Level {
  const char* name;
  int shell;
  int line;  // the strongest of those that fill it
};

constexpr std::array<Level, 9> levels{{{"K", K_SHELL, KL3_LINE},
                                       {"L1", L1_SHELL, L1M3_LINE},
                                       {"L2", L2_SHELL, L2M4_LINE},
                                       {"L3", L3_SHELL, L3M5_LINE},
                                       {"M1", M1_SHELL, M1N3_LINE},
                                       {"M2", M2_SHELL, M2N4_LINE},
                                       {"M3", M3_SHELL, M3N5_LINE},
                                       {"M4", M4_SHELL, M4N6_LINE},
                                       {"M5", M5_SHELL, M5N7_LINE}}};

// An error of xraylib, freed.
class Failure {
 public:
  Failure() = default;
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { xrl_error_free(error_); }

  xrl_error** out() { return &error_; }
  explicit operator bool() const { return error_ != nullptr; }
  [[nodiscard]] std::string message() const { return error_ ? error_->message : "no reason given"; }

 private:
  xrl_error* error_ = nullptr;
};

const Level& level_of(const std::string& name) {
  const auto* found = std::find_if(levels.begin(), levels.end(),
                                   [&](const Level& level) { return name == level.name; });
  if (found == levels.end())
    throw Error(Cause::configuration,
                "edge: '" + printable(name) + "' is no level; expected K, L1 to L3 or M1 to M5");
  return *found;
}

// Nothing where the element has no electron there.
std::optional<double> edge_of(int z, int shell) {
  Failure failure;
  const double energy = 1e3 * EdgeEnergy(z, shell, failure.out());
  if (failure || energy <= 0) return {};
  return energy;
}

// What is wrong with a formula; "" if nothing. The library's parser tells too, but loses memory
// then.
std::string fault_of(const std::string& formula) {
  int open = 0;
  char before = '(';  // what the last part was: 'A' a symbol, '1' a number, a bracket
  for (std::size_t i = 0; i < formula.size();) {
    const std::size_t from = i++;
    const char c = formula[from];
    if (c >= 'A' && c <= 'Z') {
      while (i < formula.size() && formula[i] >= 'a' && formula[i] <= 'z') ++i;
      static_cast<void>(atomic_number(formula.substr(from, i - from)));
      before = 'A';
    } else if ((c >= '0' && c <= '9') || c == '.') {
      while (i < formula.size() && ((formula[i] >= '0' && formula[i] <= '9') || formula[i] == '.'))
        ++i;
      const auto number = parse_double(formula.substr(from, i - from));
      if (before != 'A' && before != ')') return "a number with nothing before it";
      if (!number || !(*number > 0)) return "a number that is not above 0";
      before = '1';
    } else if (c == '(') {
      ++open;
      before = '(';
    } else if (c == ')' && open > 0 && before != '(') {
      --open;
      before = ')';
    } else {
      return "'" + printable(formula.substr(from, 1)) + "' has no place there";
    }
  }
  if (open > 0) return "a bracket is not closed";
  return before == '(' ? "it is empty" : "";
}

using Compound = std::unique_ptr<compoundData, decltype(&FreeCompoundData)>;

Compound parse(const std::string& formula) {
  const auto refuse = [&](const std::string& why) {
    return Error(Cause::configuration, "formula: '" + printable(formula) + "': " + why +
                                           "; elements with numbers are expected, as in CsPbI3");
  };
  if (const std::string why = fault_of(formula); !why.empty()) throw refuse(why);
  Failure failure;
  Compound out(CompoundParser(formula.c_str(), failure.out()), &FreeCompoundData);
  if (!out) throw refuse(failure.message());
  return out;
}

using CrossSection = double (*)(int, double, xrl_error**);

VectorXd of_formula(const std::string& formula, const VectorXd& energy, CrossSection section) {
  const Compound compound = parse(formula);
  VectorXd out = VectorXd::Zero(energy.size());
  for (Eigen::Index i = 0; i < energy.size(); ++i)
    for (int j = 0; j < compound->nElements; ++j) {
      Failure failure;
      out[i] += compound->massFractions[j] *
                section(compound->Elements[j], energy[i] / 1e3, failure.out());
      if (failure || !std::isfinite(out[i]))
        throw Error(Cause::data, "absorption of " + printable(formula) + " at " +
                                     shortest(energy[i]) +
                                     " eV: not in the table; it begins at 100 eV");
    }
  return out;
}

std::string symbol(int z) {
  Failure failure;
  const std::unique_ptr<char, decltype(&xrlFree)> text(AtomicNumberToSymbol(z, failure.out()),
                                                       &xrlFree);
  return text ? text.get() : "";
}

// y = a x^b through two points of the photoabsorption of an element.
VectorXd power_law(const std::string& element, double from, double to, const VectorXd& at) {
  const double low = mass_photoabsorption(element, from), high = mass_photoabsorption(element, to);
  const double power = std::log(high / low) / std::log(to / from);
  return high * (at.array() / to).pow(power);
}

std::vector<TabulatedEdge> of_ours_too(std::vector<std::string> elements, const TabulatedEdge& ours,
                                       double from, double to) {
  if (std::find(elements.begin(), elements.end(), ours.element) == elements.end())
    elements.push_back(ours.element);
  std::vector<TabulatedEdge> out = edges_between(elements, from, to);
  std::erase_if(out, [&](const TabulatedEdge& edge) { return edge.energy == ours.energy; });
  return out;
}

}  // namespace

double edge_energy(const std::string& element, const std::string& level) {
  const auto energy = edge_of(atomic_number(element), level_of(level).shell);
  if (!energy)
    throw Error(Cause::configuration,
                "edge: no " + level + " edge of " + element + " in the table; it has none");
  return *energy;
}

TabulatedEdge tabulated(const Edge& edge) {
  return {edge.element, edge.level, edge_energy(edge.element, edge.level)};
}

double emission_energy(const std::string& element, const std::string& level) {
  static_cast<void>(edge_energy(element, level));
  Failure failure;
  const double energy =
      1e3 * LineEnergy(atomic_number(element), level_of(level).line, failure.out());
  if (failure || energy <= 0)
    throw Error(Cause::configuration, "emission: no line of " + element + " after its " + level +
                                          " edge in the table; heavier elements have one");
  return energy;
}

std::vector<Constituent> composition(const std::string& formula) {
  const Compound compound = parse(formula);
  std::vector<Constituent> out;
  for (int i = 0; i < compound->nElements; ++i)
    out.push_back({symbol(compound->Elements[i]), compound->massFractions[i]});
  return out;
}

std::vector<std::string> elements_of(const std::string& formula) {
  std::vector<std::string> out;
  for (const Constituent& part : composition(formula)) out.push_back(part.element);
  return out;
}

std::vector<std::string> elements_between(int first, int last) {
  std::vector<std::string> out;
  for (int z = std::max(first, 1); z <= std::min(last, 103); ++z) out.push_back(symbol(z));
  return out;
}

std::vector<TabulatedEdge> edges_between(const std::vector<std::string>& elements, double from,
                                         double to) {
  std::vector<TabulatedEdge> out;
  for (const std::string& element : elements)
    for (const Level& level : levels)
      if (const auto energy = edge_of(atomic_number(element), level.shell);
          energy && *energy >= from && *energy <= to)
        out.push_back({element, level.name, *energy});
  std::sort(out.begin(), out.end(),
            [](const TabulatedEdge& a, const TabulatedEdge& b) { return a.energy < b.energy; });
  return out;
}

std::optional<TabulatedEdge> next_edge(const std::vector<std::string>& elements,
                                       const TabulatedEdge& ours) {
  const auto above = of_ours_too(elements, ours, ours.energy, INFINITY);
  if (above.empty()) return {};
  return above.front();
}

std::optional<TabulatedEdge> previous_edge(const std::vector<std::string>& elements,
                                           const TabulatedEdge& ours) {
  const auto below = of_ours_too(elements, ours, 0, ours.energy);
  if (below.empty()) return {};
  return below.back();
}

VectorXd mass_attenuation(const std::string& formula, const VectorXd& energy) {
  return of_formula(formula, energy, &CS_Total);
}

VectorXd mass_photoabsorption(const std::string& formula, const VectorXd& energy) {
  return of_formula(formula, energy, &CS_Photo);
}

double mass_attenuation(const std::string& formula, double energy) {
  return mass_attenuation(formula, VectorXd::Constant(1, energy))[0];
}

double mass_photoabsorption(const std::string& formula, double energy) {
  return mass_photoabsorption(formula, VectorXd::Constant(1, energy))[0];
}

// Half an eV keeps off the table's step; a tenth of the energy is as far as one power holds to a
// few parts in a thousand.
AroundEdge around_edge(const TabulatedEdge& edge, const VectorXd& energy, double offset) {
  const double e0 = edge.energy;
  const auto previous = previous_edge({}, edge), next = next_edge({}, edge);
  const double from = std::max(0.9 * e0, previous ? previous->energy + 0.5 : 0.0);
  const double to = std::min(1.1 * e0, next ? next->energy - 0.5 : INFINITY);
  const VectorXd at = energy.array() - offset;
  if (!(at.minCoeff() > 0))
    throw Error(Cause::data, "absorption around " + edge.name() + ": energies above 0 are wanted");
  AroundEdge out;
  out.below = power_law(edge.element, from, e0 - 0.5, at);
  out.own = power_law(edge.element, e0 + 0.5, to, at) - out.below;
  return out;
}

}  // namespace twin::atoms
