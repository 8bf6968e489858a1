// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "atoms/edges.h"
#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

/// µ(E) of a measurement.
struct Absorption {
  Eigen::VectorXd energy, mu;  ///< [n] eV, rising; any unit
  Eigen::VectorXd reference;   ///< [n] µ of the reference behind the sample; empty without
  Eigen::VectorXd sigma;       ///< [n] standard error of µ, of merged scans; empty without
  record::Value stored;        ///< what the file says of its own reduction
  std::vector<std::string> warnings;
  record::Value done =
      record::Value::Object{};  ///< what was put right, for the result's parameters
};

/// What the preparation by one recipe needs besides a measurement, found once.
struct XasConditions {
  std::optional<atoms::TabulatedEdge> edge;  ///< nothing where no table has it
  std::vector<std::string> elements;         ///< of the sample, and of the edge
  Eigen::VectorXd pixels;                    ///< polynomial of a dispersive scan; empty without
  std::optional<Absorption> align_to;
};

/// Reads the calibration of pixels and the spectrum to align to, where the recipe names files.
/// \throws Error{configuration}, Error{data}, Error{no_input} with the name of the file
[[nodiscard]] XasConditions conditions_of(const record::Recipe& recipe);

/// True for energies below 100 where the edge is at more eV than that: they are keV, most likely.
[[nodiscard]] bool looks_like_keV(const Eigen::VectorXd& energy, const XasConditions& conditions);

/// True when twin-extract merged it from several: its columns are energy, mu and mu_sigma, and what
/// there was to put right has been.
[[nodiscard]] bool is_merged(const record::Measurement& m);

/// Columns → µ(E): units, Bragg angles, pixels, dead time. Where the recipe gives no columns, those
/// that files of beamlines name alike: see usual_columns.h.
/// \throws Error{data} a column is missing (lists those there are), or µ can't be made;
///         Error{configuration} self-absorption of what is no fluorescence
[[nodiscard]] Absorption absorption_of(const record::Measurement& m, const record::Recipe& recipe,
                                       const XasConditions& conditions);

/// Glitches out, energies right, rebinned: what the recipe asks for, in this order.
void prepare(Absorption& absorption, const record::Recipe& recipe, const XasConditions& conditions);

/// The µ(E) of a file (FILE, or FILE::SCAN of one with several scans), by the recipe's columns
/// where it has them, else by those of its own: for standards. Energies that look like keV become
/// eV, with a note to people. \throws Error{no_input}; Error{data}
/// no such scan: lists those there are
[[nodiscard]] Absorption standard_absorption(const std::string& path, const record::Recipe& recipe,
                                             const XasConditions& conditions);

/// The recipe as it holds for files of standards: self-absorption is the sample's, by its formula.
[[nodiscard]] record::Recipe for_standards(record::Recipe recipe);

/// FILE of FILE::SCAN.
[[nodiscard]] std::string file_of(const std::string& name);

}  // namespace twin::app
