// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "formats/hdf5_use.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// Spectra in NeXus files (HDF5).
///
/// An NXentry with the definition NXxas gives `energy` (of NXdata, of the monochromator, or of the
/// entry) and every array of its length: `i0` (of incoming_beam), `signal` (of absorbed_beam),
/// `mu` (of `intensity` or an NXdata's `data`). Any other NXentry (and NXsubentry), and a file
/// without one, gives each NXdata whose axes name an energy, k or pixel: its axis and all arrays of
/// the axis' length; arrays [scan × axis] give one scan for each. So the runs that twin-acquire
/// publishes are read. Where there is none of these, an entry whose attributes by frame
/// (NXcollection, NDAttributes) name an energy gives those and the sums of its NXdata's frames, as
/// areaDetector writes them; at last any group without a class that holds an energy and arrays of
/// its length. Labels: the group's path without "entry/", or "scan_names" of the group;
/// "[i]" behind it for scans without names.
/// `metadata`: "element.symbol", "element.edge", "sample.name", "sample.temperature" ("295 K"),
/// "nexus.title", "nexus.start_time", "nexus.path".
///
/// Links out of the file and soft links are not followed, nor are numbers in other files read; at
/// most 2²⁶ numbers, 2¹⁶ objects and a depth of 16.
///
/// Scans may be shorter than their axis, or than `num_points` of the entry says: truncated.
///
/// \param refused  as in read_scans()
/// \param use      swmr: what the file's writer has flushed; scans that may go on are truncated
/// \param opened   called when the file is open: nothing else is opened afterwards
/// \throws Error{data}  `name: ...`: not HDF5, damaged, no spectrum
///
/// Source: https://manual.nexusformat.org/classes/applications/NXxas.html, and the contributed
/// NXxas.
[[nodiscard]] std::vector<ScanFile> read_nexus(
    int file, const std::string& name, std::vector<Error>* refused = nullptr,
    Hdf5Use use = Hdf5Use::none, const std::function<void()>& opened = [] {});

/// The same of the bytes of a file. \param use  swmr: scans that could go on are truncated, though
///                                                nobody can add to these bytes
[[nodiscard]] std::vector<ScanFile> parse_nexus(const std::string& bytes, const std::string& name,
                                                std::vector<Error>* refused = nullptr,
                                                Hdf5Use use = Hdf5Use::none);

/// A NeXus file that is being written as SWMR: its scans as they are over.
class NexusUnderWay {
 public:
  /// \throws Error{data}  as above
  NexusUnderWay(
      int file, const std::string& name, const std::function<void()>& opened = [] {});
  ~NexusUnderWay();
  NexusUnderWay(const NexusUnderWay&) = delete;
  NexusUnderWay& operator=(const NexusUnderWay&) = delete;

  /// Scans all of whose points are there, as the file tells, each once: another follows in a stack,
  /// as many points as were announced, or as fit in.
  [[nodiscard]] std::vector<ScanFile> look();

  /// Points that there are of the scan that is under way.
  [[nodiscard]] std::size_t points() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::formats
