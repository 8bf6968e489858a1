// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/far_potential.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "md/plan.h"
#include "md/potentials.h"
#include "remote/manifest.h"

namespace twin::app {

namespace fs = std::filesystem;

namespace {

/// Those that no other machine has, where they are.
std::vector<fs::path> own_files(const std::string& name) {
  const auto known = md::potential_names();
  if (std::ranges::find(known, name) == known.end()) return {};
  std::vector<fs::path> out;
  const fs::path description = md::description_of(name);
  const md::Potential potential = md::find_potential(name);
  if (description.parent_path() != fs::path(shared_file("potentials"))) {
    out.push_back(description);
    out.insert(out.end(), potential.deep.models.begin(), potential.deep.models.end());
  }
  const char* const folder = std::getenv("LAMMPS_POTENTIALS");
  if (potential.file.empty() || folder == nullptr) return out;
  std::error_code ignored;
  if (const fs::path file = fs::path(folder) / potential.file; fs::is_regular_file(file, ignored))
    out.push_back(file);
  return out;
}

}  // namespace

std::map<std::string, std::string> own_potential(const record::Model& model) {
  constexpr std::size_t most = std::size_t{64} << 20;
  const std::string name = md::potential_of(record::running(model));
  std::map<std::string, std::string> out;
  std::size_t all = 0;
  for (const fs::path& path : own_files(name)) {
    const std::string file = path.filename();
    if (!remote::is_safe_name(file))
      throw Error(Cause::configuration, printable(path.string()) +
                                            ": no name that another machine is given; expected "
                                            "letters, digits and . _ - +");
    std::string content = read_file(path);
    all += content.size();
    if (all > most)
      throw Error(Cause::configuration, "potential " + name + ": its files have more than " +
                                            std::to_string(most >> 20) +
                                            " MiB; put them there by hand, and name their folder "
                                            "in the template, as TWIN_POTENTIALS");
    if (!out.emplace(file, std::move(content)).second)
      throw Error(Cause::configuration, "potential " + name + ": two files are called " + file);
  }
  return out;
}

}  // namespace twin::app
