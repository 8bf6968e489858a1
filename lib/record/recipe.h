// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/detection.h"
#include "record/exafs.h"
#include "record/value.h"
#include "record/xanes.h"

namespace twin::record {

/// Pre-edge line and post-edge polynomial; energies in eV relative to E0. Larch's names.
struct ReduceSettings {
  std::optional<double> e0;
  std::optional<double> pre1, pre2, norm1, norm2;
  std::optional<int> nnorm;
  std::optional<double> before_end;   ///< norm2 is this far before the end of the scan, eV
  int nvict = 0;                      ///< the pre-edge line is fitted to µ E^nvict
  std::string e0_from;                ///< "derivative" (default), "table", "reference" or "half"
  std::string method = "polynomial";  ///< or "mback"
  bool stored = false;      ///< take the parameters that the file stores (Athena projects)
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

/// twin-recipe(5): how a measurement is reduced to results.
struct Recipe {
  std::string name;
  std::string technique = "xas";
  std::string edge;
  std::string defaults = "larch-2026.3";
  Columns columns;
  Sample sample;
  std::optional<DeglitchSettings> deglitch;
  std::optional<EnergySettings> energy;
  std::optional<RebinSettings> rebin;
  std::optional<MergeSettings> merge;
  std::optional<SelfAbsorptionSettings> self_absorption;
  ReduceSettings reduce;
  std::map<std::string, ReduceSettings> reduce_by_scan;  ///< whole replacement for a named scan
  AutobkSettings autobk;
  std::optional<StandardSettings> standard;
  FitSettings fit;
  TransformSettings transform;
  std::optional<WaveletSettings> wavelet;
  std::vector<PathSettings> paths;
  std::vector<FitParameter> parameters;
  std::vector<Restraint> restraints;
  std::optional<JointSettings> joint;
  std::vector<Variant> variants;
  std::vector<std::pair<double, double>> bands;  ///< Å: "chi_r:2.8-3.6" = rms |χ(R)| over each
  FeffSettings feff;
  XanesSettings xanes;
  double feff_amplitude_sys = 0.02;  ///< relative systematic error of FEFF's amplitudes
  std::string file;                  ///< that it was read from: messages name it
  std::string sha256;                ///< of the canonical form of the document
  Value document;                    ///< as written, for provenance
};

}  // namespace twin::record
