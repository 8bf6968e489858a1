// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace twin::formats {

/// A group of a project that nobody measured. NaN is written as "nan".
struct MadeGroup {
  std::string name;
  std::map<std::string, std::string> arguments;
  std::vector<double> x, y;
  std::map<std::string, std::vector<double>> others;
};

std::string perl_project(const std::vector<MadeGroup>& groups);
std::string json_project(const std::vector<MadeGroup>& groups);

/// What oracle.json says of each spectrum: points and energies.
struct KnownSpectrum {
  std::size_t points = 0;
  double first = 0, last = 0;
};
std::map<std::string, KnownSpectrum> oracle_spectra(const std::filesystem::path& folder);

/// The parameters that Larch read from cyanobacteria.prj, by scan.
std::map<std::string, std::map<std::string, double>> oracle_stored(
    const std::filesystem::path& folder);

/// A label as Larch makes an attribute of it.
std::string larch_name(const std::string& label);

}  // namespace twin::formats
