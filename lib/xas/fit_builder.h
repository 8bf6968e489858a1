// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xas/fit_parameters.h"

namespace twin::xas {

/// Reads the settings of a fit into FitParameters: names, sources of values, rows.
struct FitParameters::Builder {
  Builder(FitParameters& into, const std::vector<FitData>& spectra,
          const std::vector<record::FitParameter>& shared_parameters,
          const std::vector<record::Restraint>& rows)
      : out(into), data(spectra), parameters(shared_parameters), restraints(rows) {}

  void run();

  FitParameters& out;
  const std::vector<FitData>& data;
  const std::vector<record::FitParameter>& parameters;
  const std::vector<record::Restraint>& restraints;

 private:
  void check() const;
  void add_path(std::size_t spectrum, std::size_t path);
  Source path_source(std::size_t spectrum, std::size_t path, Kind kind,
                     const record::PathParameter& given, double fallback);
  Source free_source(const std::string& name, double start, std::optional<double> lower,
                     std::optional<double> upper, FreeParameter what);
  void add_restraint(const record::Restraint& restraint, std::size_t number);
  void add_prior(const std::string& name, const std::optional<record::Prior>& prior,
                 const Source& source);
  void share_parameters();
  void share_parameter(std::size_t index);
  int tie(const std::string& where, const std::string& text, std::size_t spectrum,
          const ScatteringPath* path, Kind kind);
  [[nodiscard]] std::string suffix(std::size_t spectrum) const;  ///< "@second", where several
  [[nodiscard]] bool uses(std::size_t spectrum, std::size_t parameter) const;
  void check_names() const;
  void check_start() const;

  std::vector<std::string> shared_names_;
};

}  // namespace twin::xas
