// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/usual_columns.h"

#include <algorithm>
#include <initializer_list>

#include "core/error.h"
#include "core/text.h"

namespace twin::app {

using record::Columns;
using record::Measurement;

namespace {

/// The names in one file, the first of those that say the same.
class Names {
 public:
  explicit Names(const Measurement& m) : m_(m) {}

  [[nodiscard]] std::string first(std::initializer_list<const char*> names) const {
    for (const char* name : names)
      if (m_.arrays.contains(name)) return name;
    return "";
  }

 private:
  const Measurement& m_;
};

// All that would do, what says most clearly that it is µ first.
std::vector<UsualColumns> all_of(const Names& names) {
  Columns common;
  if (const auto energy = names.first({"energy", "e", "e(ev)", "energy_ev"}); !energy.empty())
    common.energy = energy;
  std::vector<UsualColumns> out;
  const auto add_mu = [&](const std::string& mu, const char* signal) {
    if (mu.empty()) return;
    UsualColumns& made = out.emplace_back(UsualColumns{common, signal});
    made.columns.mu = mu;
    made.columns.mu_reference = names.first({"murefer", "mu_reference"});
    made.columns.signal = "column";
  };
  add_mu(names.first({"xmu", "mu"}), "column");
  add_mu(names.first({"mutrans"}), "transmission");
  add_mu(names.first({"mufluor"}), "fluorescence");
  add_mu(names.first({"norm"}), "column");
  common.i0 = names.first({"i0", "imonitor"});
  if (common.i0.empty()) return out;
  if (const auto it = names.first({"itrans", "it", "i1"}); !it.empty()) {
    Columns& made = out.emplace_back(UsualColumns{common, "transmission"}).columns;
    made.it = it;
    made.ir = names.first({"irefer", "ir", "i2"});
    made.signal = "transmission";
  }
  if (const auto counts = names.first({"ifluor", "if"}); !counts.empty()) {
    Columns& made = out.emplace_back(UsualColumns{common, "fluorescence"}).columns;
    made.fluorescence = {counts};
    made.signal = "fluorescence";
  }
  return out;
}

std::string what_of(const Columns& c) {
  if (!c.mu.empty()) return c.mu;
  return c.it.empty() ? c.fluorescence.front() : c.it;
}

void warn_of_choice(const std::vector<UsualColumns>& all, std::vector<std::string>& warnings) {
  const UsualColumns& chosen = all.front();
  if (chosen.signal == "column") return;
  const auto other = std::ranges::find_if(all, [&](const UsualColumns& one) {
    return one.signal != chosen.signal && one.signal != "column";
  });
  if (other != all.end())
    warnings.push_back("µ is that of " + chosen.signal + " (" + what_of(chosen.columns) +
                       "), and the file has " + other->signal + " (" + what_of(other->columns) +
                       ") too; mu: " + other->signal + " in the recipe would take that");
}

}  // namespace

UsualColumns usual_columns(const Measurement& m, const std::string& signal,
                           std::vector<std::string>& warnings) {
  auto all = all_of(Names(m));
  if (!signal.empty())
    std::erase_if(all, [&](const UsualColumns& one) { return one.signal != signal; });
  if (all.empty())
    throw Error(Cause::data, "which columns make µ" + (signal.empty() ? "" : " of " + signal) +
                                 " can't be seen from their names (" + join(m.columns, ", ") +
                                 "); say columns: {energy: ..., " +
                                 (signal == "fluorescence"   ? "i0: ..., fluorescence: ...}"
                                  : signal == "yield"        ? "i0: ..., yield: ...}"
                                  : signal == "transmission" ? "i0: ..., it: ...}"
                                                             : "mu: ...}") +
                                 " in the recipe");
  if (signal.empty()) warn_of_choice(all, warnings);
  return all.front();
}

}  // namespace twin::app
