// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace twin::record {

/// Forward Fourier transform and the range of a fit.
struct FitSettings {
  std::string space = "r";  ///< "k", "r" or "q" (the back transform of rmin..rmax)
  double kmin = 3.0, kmax = 12.0, dk = 1.0;
  std::vector<double> kweights{2.0};
  std::string window = "hanning";
  double rmin = 1.4, rmax = 3.0;
  double dr = 0.0;  ///< Å, taper in R: of space q alone
  std::string rwindow = "hanning";
  std::optional<double> epsilon_k{};  ///< noise of χ(k), instead of its estimate
};

/// χ(q): what the distances from rmin to rmax contribute. Larch's xftr, and its defaults.
struct BackTransformSettings {
  double rmin = 0.0, rmax = 20.0, dr = 1.0;  ///< Å
  std::string rwindow = "kaiser";
};

/// χ(R) of a result. Larch's xftf, and its defaults; those of the fit where the recipe has one.
struct TransformSettings {
  bool stated = false;  ///< by the recipe: a scan that is too short for it is told
  double kmin = 0.0;
  std::optional<double> kmax;  ///< nothing = the end of χ(k), furthest_k at most
  double kweight = 2.0, dk = 1.0;
  std::string window = "kaiser";
  std::optional<BackTransformSettings> back;

  static constexpr double furthest_k = 20.0;  ///< 1/Å
};

/// The Cauchy wavelet transform of a result, on the transform's range of k.
struct WaveletSettings {
  double kweight = 2.0;
  double rmax = 6.0;  ///< Å
};

/// A Gaussian belief in a number.
struct Prior {
  double mean = 0.0, sigma = 0.0;
};

/// A parameter of a path: its start, whether it is refined, and what binds it.
struct PathParameter {
  std::optional<double> value;  ///< in the unit of twin-recipe(5); nothing = the default start
  bool free = false;
  std::optional<double> lower, upper;
  std::optional<Prior> prior;
  std::string expression;  ///< of fit parameters, instead of value and free: "reff*(1+alpha)"
};

/// A shell that is fitted.
struct PathSettings {
  std::string name;  ///< "Cu-Cu.1": absorber, scatterer, shell
  PathParameter n, r, sigma2, c3, e0;
  PathParameter c4;
  std::string file;  ///< feffNNNN.dat, instead of FEFF's run
  int index = 0;     ///< number of the path in FEFF's list, from 1: for multiple scattering
};

/// A parameter of the fit that is none of a path: expressions use it.
struct FitParameter {
  std::string name;
  double value = 0.0;
  std::string unit;
  bool free = true;  ///< never where there is an expression
  std::optional<double> lower, upper;
  std::optional<Prior> prior;
  bool each = false;       ///< of a joint fit: one for each scan
  std::string expression;  ///< of other parameters, and of those of paths, instead of a value
};

/// An expression of parameters, and of those of paths ("r:Cu-Cu.1"), that should come to a value: a
/// row of its own in the fit.
struct Restraint {
  std::string expression;
  double value = 0.0, sigma = 1.0;
};

/// Scans that are fitted together, when all are there.
struct JointSettings {
  std::vector<std::string> scans;
};

/// The same fit once more with other parameters free; its quantities' names end in "/NAME".
struct Variant {
  std::string name;
  std::vector<std::string> free;  ///< "c3:Cu-Cu.1"
  std::vector<std::string> fixed;
};

/// Where amplitudes and phases come from: an ideal lattice of one element, or a structure.
struct FeffSettings {
  std::string lattice = "fcc";
  std::string element;
  double a = 0.0;         ///< Å, of the reference crystal
  std::string structure;  ///< a CIF, instead of lattice, element and a
  std::string site;       ///< label of the absorber in it; "" = the first of the edge's element
  double rmax = 6.0;      ///< Å
  int legs = 4;
};

/// A measured standard from which S0² (and the shift of E0) is taken.
struct StandardSettings {
  std::string scan;                       ///< the name of the scan in the stream, or a file
  bool file = false;                      ///< scan is a file
  std::string structure;                  ///< CIF of the standard; "" = the recipe's own
  double n = 0.0;                         ///< known coordination number
  std::vector<std::string> gives{"s02"};  ///< and "de0"
  std::optional<double> s02, s02_sigma, s02_sigma_sys;  ///< instead of a measurement
};

}  // namespace twin::record
