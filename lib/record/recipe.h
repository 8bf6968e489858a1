// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/value.h"

namespace twin::record {

/// How columns of a file become µ(E). A column is named, or numbered from 1.
struct Columns {
  std::string energy = "1";
  std::string mu;  ///< a column that is µ already; excludes i0, it, fluorescence
  std::string i0, it;
  std::vector<std::string> fluorescence;
  std::string energy_unit = "eV";
};

/// Pre-edge line and post-edge polynomial; energies in eV relative to E0. Larch's names.
struct ReduceSettings {
  std::optional<double> e0;
  std::optional<double> pre1, pre2, norm1, norm2;
  std::optional<int> nnorm;
  bool normalised = false;  ///< µ is normalised already: edge step 1, no pre-edge line
};

struct AutobkSettings {
  double rbkg = 1.0;
  double kweight = 2.0;
  double kmin = 0.0;
  std::optional<double> kmax;
  double dk = 0.1;
  std::string window = "hanning";
  int nclamp = 3;
  double clamp_lo = 0.0;
  double clamp_hi = 1.0;
};

/// Forward Fourier transform and the range of a fit in R.
struct FitSettings {
  std::string space = "r";
  double kmin = 3.0, kmax = 12.0, dk = 1.0;
  std::vector<double> kweights{2.0};
  std::string window = "hanning";
  double rmin = 1.4, rmax = 3.0;
};

/// A parameter of a path: its start, whether it is refined, and what binds it.
struct PathParameter {
  std::optional<double> value;  ///< in the unit of twin-recipe(5); nothing = the default start
  bool free = false;
  std::optional<double> lower, upper;
};

/// A shell that is fitted.
struct PathSettings {
  std::string name;  ///< "Cu-Cu.1": absorber, scatterer, shell
  PathParameter n, r, sigma2, c3, e0;
};

/// The same fit once more with other parameters free; its quantities' names end in "/NAME".
struct Variant {
  std::string name;
  std::vector<std::string> free;  ///< "c3:Cu-Cu.1"
  std::vector<std::string> fixed;
};

/// Where amplitudes and phases come from.
struct FeffSettings {
  std::string lattice = "fcc";
  std::string element;
  double a = 0.0;     ///< Å, of the reference crystal
  double rmax = 6.0;  ///< Å
  int legs = 4;
};

/// A measured standard from which S0² is taken.
struct StandardSettings {
  std::string scan;  ///< the name of the scan in the stream, or a file
  double n = 0.0;    ///< known coordination number
  std::vector<std::string> gives{"s02"};
  std::optional<double> s02, s02_sigma, s02_sigma_sys;  ///< instead of a measurement
};

/// twin-recipe(5): how a measurement is reduced to results.
struct Recipe {
  std::string name;
  std::string technique = "xas";
  std::string edge;
  std::string defaults = "larch-2026.3";
  Columns columns;
  ReduceSettings reduce;
  std::map<std::string, ReduceSettings> reduce_by_scan;  ///< whole replacement for a named scan
  AutobkSettings autobk;
  std::optional<StandardSettings> standard;
  FitSettings fit;
  std::vector<PathSettings> paths;
  std::vector<Variant> variants;
  std::vector<std::pair<double, double>> bands;  ///< Å: "chi_r:2.8-3.6" = rms |χ(R)| over each
  FeffSettings feff;
  double feff_amplitude_sys = 0.02;  ///< relative systematic error of FEFF's amplitudes
  std::string sha256;                ///< of the canonical form of the document
  Value document;                    ///< as written, for provenance
};

}  // namespace twin::record
