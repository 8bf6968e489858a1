// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twin::record {

/// Counts that a detector loses while it works on a photon, as a paralysable counter does:
/// seen = true · exp(-true · tau).
struct DeadTime {
  std::vector<double> tau;  ///< s, one a channel, or one for all
  std::string time;         ///< column of the counting time of a point, s; "" = columns are rates
  std::vector<std::string> icr, ocr;  ///< instead of tau: columns of the input and output rates
};

/// Pixels of a dispersive scan as energies: E = Σ polynomial[i] · pixel^i, eV. The polynomial is
/// stated, or found by laying a scan of a foil over its step-by-step measurement.
struct PixelCalibration {
  std::vector<double> polynomial;  ///< eV, eV/pixel, eV/pixel² ...
  std::string scan;                ///< file of the dispersive scan of the foil
  std::string to;                  ///< file of the same foil with energies
  int order = 2;
};

/// How columns of a file become µ(E). A column is named, or numbered from 1.
struct Columns {
  std::string energy = "1";
  std::string mu;  ///< a column that is µ already
  std::string i0, it;
  std::vector<std::string> fluorescence;
  std::string yield;         ///< electron yield: µ = yield / i0
  std::string ir;            ///< intensity behind the reference: its µ = ln(it / ir)
  std::string mu_reference;  ///< a column that is the reference's µ
  std::string signal;        ///< which of them is the sample's: "transmission",
                             ///< "fluorescence", "yield" or "column"; "" = the only one
  std::string energy_unit = "eV";
  std::optional<double> d_spacing;  ///< Å: the energy column is the Bragg angle, in angle_unit
  std::string angle_unit = "deg";
  std::optional<PixelCalibration> pixels;  ///< the energy column counts pixels
  std::optional<DeadTime> dead_time;       ///< of the fluorescence channels
};

/// What is in the beam: for absorption edges of its elements, and for self-absorption.
struct Sample {
  std::string formula;                  ///< "CsPbI3"
  double angle_in = 45.0;               ///< degrees between the surface and the beam
  double angle_out = 45.0;              ///< degrees between the surface and the detector
  std::optional<double> areal_density;  ///< g/cm²; nothing = infinitely thick
};

/// Points that stand out of a smooth curve.
struct DeglitchSettings {
  double threshold = 8.0;                         ///< in standard deviations of the noise
  int widest = 3;                                 ///< points of one glitch, at most
  std::vector<std::pair<double, double>> remove;  ///< eV: taken out whatever they are
  bool automatic = true;
};

/// QXAFS and oversampled scans to a grid that follows the information.
struct RebinSettings {
  double pre_step = 2.0;             ///< eV, below -30 eV
  std::optional<double> xanes_step;  ///< eV, to +50 eV; default E0/25000, rounded to 0.05
  double exafs_kstep = 0.05;         ///< 1/Å, above
  std::string method = "centroid";   ///< "boxcar", "centroid" or "spline"
};

/// An energy axis put right: by a shift that brings a threshold to a stated energy, or the
/// spectrum to another one.
struct EnergySettings {
  std::optional<double> shift;  ///< eV, added
  std::optional<double> to;     ///< eV: where the threshold of the reference (else of µ) belongs
  std::string align;            ///< scan or file whose reference (else µ) ours is laid over
};

/// Repeats that become one spectrum.
struct MergeSettings {
  std::string by = "sample";  ///< "sample", "period" or "all"
  double reject = 4.0;        ///< a scan whose distance from the rest is above this is left out
  int expect = 0;             ///< scans; a complete group is merged at once; 0 = at the end
};

/// µ of fluorescence put right for absorption in the sample.
struct SelfAbsorptionSettings {
  std::string method = "fluo";  ///< "fluo" (XANES and EXAFS of a thick sample) or "booth" (EXAFS)
};

}  // namespace twin::record
