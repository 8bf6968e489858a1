// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twin::record {

/// A mode that a command may name.
struct AllowedMode {
  std::string scan;                       ///< scan template
  double every_seconds = 0.0;             ///< interval, where the command names none
  std::optional<double> at_most_seconds;  ///< that it may last
  double dose_Gy = 0.0;                   ///< of a scan
};

/// How the beamline is told a mode, and how it tells the one that it is in.
struct Actuator {
  std::string file;                  ///< written by rename; "" = none
  double file_seconds = 20.0;        ///< that it holds, unless it is written anew
  std::vector<std::string> program;  ///< its words, with {mode}, {scan} and {every} (s); [] = none
  std::string read_back_file;        ///< its first word is the mode
  std::vector<std::string> read_back_program;  ///< what it prints begins with the mode

  std::string pv;                           ///< of EPICS, one number, that is put; "" = none
  std::string pv_unit;                      ///< of twin-units(7), of its values; "" = a pure number
  std::optional<std::string> pv_egu;        ///< how its record spells that, where otherwise
  std::map<std::string, double> pv_values;  ///< of each mode
  double pv_tolerance = 0.0;                ///< of a value read back, in the unit
  double pv_seconds = 5.0;                  ///< that a put may take
  std::string read_back_pv;  ///< says the value; the same one, where no other is named

  /// Whether an interval reaches the beamline: a file has it, and a program that is told {every}. A
  /// process variable has the mode alone.
  [[nodiscard]] bool tells_interval() const {
    const auto told = [](const std::string& word) { return word.find("{every}") != word.npos; };
    return !file.empty() || (pv.empty() && program.empty()) || std::ranges::any_of(program, told);
  }

  /// Whether the mode that it is in is heard of.
  [[nodiscard]] bool reads_back() const {
    return !read_back_file.empty() || !read_back_program.empty() || !read_back_pv.empty();
  }
};

/// A process variable of EPICS that tells whether there is a beam.
struct BeamMonitor {
  std::string pv;                  ///< one number; "" = none
  std::string unit;                ///< of twin-units(7), of both values; "" = a pure number
  std::optional<std::string> egu;  ///< how its record spells that, where otherwise
  double lost_below = 0.0;         ///< in the unit
  double back_from = 0.0;          ///< no less than that
};

/// twin-bounds(5): what twin-acquire may ever ask of the beamline.
struct Bounds {
  std::map<std::string, AllowedMode> modes;  ///< no other is ever asked for
  std::string safe_mode;
  double least_every = 0.0, most_every = 0.0;     ///< s, of any mode
  double slew_factor = 2.0, slew_seconds = 10.0;  ///< an interval shrinks by this factor in this
                                                  ///< time at most; it may grow at once
  double dwell_seconds = 10.0;                    ///< between two changes, but to the safe mode
  int orders_per_minute = 12;                     ///< but to the safe mode
  double longest_ttl = 120.0;                     ///< s, of a command
  double clock_skew = 5.0;            ///< s, by which a command may seem to come from the future
  double confirm_seconds = 10.0;      ///< for the read-back
  std::optional<double> dose_budget;  ///< Gy
  double dose_reserve = 0.0;          ///< fraction of it that only the safe mode may spend
  std::string token_file;             ///< arms: holds until when, UTC, as 2026-11-30T18:00:00Z
  std::string override_file;          ///< while it is there, an operator has the beamline
  std::string suspend_file;           ///< while it is there, there is no beam
  BeamMonitor beam;                   ///< says so, too
  double resume_seconds = 60.0;       ///< it must have been gone for so long
  std::string audit_file;             ///< all that came in and went out; also what is remembered
  bool simulated = false;             ///< no beamline: said in every record
  Actuator actuator;

  /// s: for which a mode that was confirmed may go without being heard of again.
  [[nodiscard]] double silence_seconds() const { return 3 * confirm_seconds; }
};

}  // namespace twin::record
