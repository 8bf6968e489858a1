// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a description of a potential: an Error of cause configuration, or a potential whose
// every number is finite and whose words for LAMMPS are of its own making.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "core/text.h"
#include "md/commands.h"

namespace {

/// Nothing that begins a variable, a comment or a quotation.
bool is_harmless(const std::string& commands) {
  return commands.find_first_of("$\"'`&#;<>|\\{}()") == std::string::npos;
}

bool is_finite(const std::string& commands) {
  for (const auto line : twin::split(commands, '\n'))
    for (const auto word : twin::words(line))
      if (word.ends_with("nan") || word.ends_with("inf")) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  twin::md::Potential potential;
  try {
    potential = twin::md::parse_potential(
        std::string_view(reinterpret_cast<const char*>(bytes), size), "fuzz");
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::configuration) std::abort();
    return 0;
  }
  if (potential.types.empty()) std::abort();
  twin::md::Topology topology;
  for (const auto& type : potential.types) topology.types.push_back(type.name);
  topology.bonds.resize(potential.bonds.size());
  topology.constraints = potential.bonds.empty() ? 0 : 1;
  for (const std::string& text : {twin::md::style_commands(potential, topology),
                                  twin::md::pair_commands(potential, topology.types),
                                  twin::md::bonded_commands(potential, topology),
                                  twin::md::rigid_command(potential, topology)})
    if (!is_harmless(text) || (!potential.charges.empty() && !is_finite(text))) std::abort();
  return 0;
}
