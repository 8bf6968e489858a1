// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
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
  void add_expressions();
  void add_restraint(const record::Restraint& restraint, std::size_t number);
  void add_prior(const std::string& name, const std::optional<record::Prior>& prior,
                 const Source& source);
  void find_used();
  void share_parameters();
  void share_parameter(std::size_t index);
  void put_in_order();
  void add_derived(std::size_t parameter);
  void drop_equal_rows();
  [[nodiscard]] std::vector<std::size_t> wanted() const;
  int tie(const std::string& where, const std::string& text, std::size_t spectrum,
          const ScatteringPath* path);
  [[nodiscard]] std::string suffix(std::size_t spectrum) const;  ///< "@second", where several
  [[nodiscard]] std::vector<std::string> operand_names(std::size_t spectrum) const;
  [[nodiscard]] bool same(const Source& a, const Source& b);
  void check_names() const;
  void check_start() const;

  std::vector<std::vector<std::string>> names_;  ///< [data] of operands
  std::vector<std::vector<int>> expressions_;    ///< [data][parameter] index of tied_, or -1
  std::vector<std::vector<bool>> used_;          ///< [data][parameter] by a path or restraint
  struct Text {
    std::string where, text;
  };
  std::vector<Text> texts_;  ///< [tied_]
  struct RestraintRow {
    std::size_t row, data, number;
  };
  std::vector<RestraintRow> restraint_rows_;
  std::map<std::pair<int, int>, bool> same_;  ///< of tied_
};

}  // namespace twin::xas
