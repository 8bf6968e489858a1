// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twin::record {

/// A spectrum whose state is known.
struct XanesStandard {
  std::string name;  ///< in quantities: "fraction:PbI2"
  std::string scan;  ///< a file, or the name of a scan in the stream
  std::optional<double> valence, valence_sigma;
};

/// Linear combination of standards; energies in eV from E0 of the spectrum.
struct LcfSettings {
  std::vector<XanesStandard> standards;
  double emin = -20.0, emax = 60.0;
  std::string space = "norm";                    ///< "norm", "flat" or "derivative"
  bool step = true, slope = true, shift = true;  ///< refined together with the fractions
  bool broadening = true;       ///< of the standards, by a Gaussian of refined width
  bool self_absorption = true;  ///< of the spectrum, its strength refined
  double max_shift = 2.0;       ///< eV
  bool sum_to_one = true;
  bool nonnegative = true;        ///< fractions are held at ≥ 0
  bool combinations = false;      ///< all subsets of the standards, by the criterion
  int largest = 4;                ///< components of one, at most
  std::string criterion = "bic";  ///< "bic" or "aic"
};

/// Peaks on the rise of an edge; energies in eV, absolute.
struct PrePeakSettings {
  double emin = 0.0, emax = 0.0;             ///< of the baseline
  double elo = 0.0, ehi = 0.0;               ///< of the peaks: left out when the baseline is fitted
  std::string baseline = "line+lorentzian";  ///< "line", "line+lorentzian" or "line+arctan"
  int peaks = 0;                             ///< to fit; 0 = area, centroid and height only
  std::string shape = "gaussian";            ///< "gaussian", "lorentzian" or "voigt"
};

/// The highest point above the edge; energies in eV from E0.
struct WhiteLineSettings {
  double emin = -5.0, emax = 50.0;
};

/// Components of a series; energies in eV from the series' first E0.
struct SeriesSettings {
  double emin = -20.0, emax = 60.0;
  std::string space = "norm";
  int components = 0;   ///< 0 = as many as the data tell apart
  bool mcr = false;     ///< resolve them by MCR-ALS
  bool closure = true;  ///< fractions of a spectrum add to one
};

struct XanesSettings {
  std::optional<LcfSettings> lcf;
  std::optional<PrePeakSettings> prepeaks;
  std::optional<WhiteLineSettings> white_line;
  std::optional<SeriesSettings> series;
};

}  // namespace twin::record
