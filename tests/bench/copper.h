// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "xas/scattering_path.h"

/// What the benchmarks of absorption work on: a copper foil, and FEFF's paths of ideal copper.
namespace copper {

struct Spectrum {
  std::string name;
  Eigen::VectorXd energy, mu;  ///< eV
  double kmax = 15.0;          ///< 1/Å, where the Fourier transform ends
};

/// The foil at 10 K of Debian's ifeffit-doc; a made-up spectrum of 612 points where that is not
/// installed.
const Spectrum& spectrum();

/// spectrum(), and below $TWIN_DATA/xas, where that is there: an iron foil, PbI2 (k to 8 1/Å) and a
/// quick scan of nickel (1649 points).
const std::vector<Spectrum>& spectra();

/// The paths of ideal copper (a = 3.61 Å), by increasing reff; empty without feff6l.
const std::vector<twin::xas::ScatteringPath>& paths();

/// χ(k) of the spectrum, by the defaults.
const Eigen::VectorXd& chi();

/// A fit of \p count paths: number, distance and E0 of the first, σ² of each.
struct Fit {
  twin::record::FitSettings settings;
  std::vector<twin::record::PathSettings> paths;
  std::vector<twin::xas::ScatteringPath> feff;
};
Fit fit(int count);

/// Where $TWINLINE_BENCH_INPUTS names a folder: writes what a peer needs to do the same there:
/// NAME.mu.dat of each spectrum, χ(k) of the copper foil and its paths.
void write_inputs();

}  // namespace copper
