// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/obey.h"
#include "app/run.h"
#include "core/error.h"
#include "record/records.h"

namespace twin::formats {
struct ScanFile;
}

namespace twin::app {

class Surroundings;

struct AcquireSettings {
  std::string into;                  ///< run.nxs; "" = nothing is stored
  std::string live;                  ///< file of the last scans, for viewers; "" = none
  std::vector<std::string> context;  ///< "temperature=295±3 K"
  std::string period, setup, sample, edge, run;
  long long since = -1;  ///< re-emit what the run holds after this sequence number
  bool list = false;
  bool publish = false;                ///< a run that another program may be writing
  bool prune = false, remove = false;  ///< what is there twice is told, and taken away
  std::string replay;                  ///< a run whose records come once more
  double speed = 1;                    ///< by which they come faster than they did; 0: at once
  std::vector<std::string> documents;  ///< of Bluesky, JSON lines; "-" is stdin
  std::vector<std::string> watch;      ///< folders to follow, after the files
  std::string watch_by = "automatic";  ///< or "events", "polling"
  double poll = 1, settle = 0;         ///< s; see sources::WatchSettings
  double until_idle = 0;  ///< s without anything new after which following ends; 0: never
  std::string devices;    ///< twin-devices(5): what is installed; "" = nobody says
  std::string epics;      ///< twin-epics(5): process variables that go with each scan; "" = none
  Surroundings* surroundings = nullptr;  ///< what they say; acquire() has it
  std::string trace;                     ///< id of a record, or its beginning
  ObeySettings obey;
  std::string check_audit;  ///< a log of obeying, to be replayed by obey.bounds
  long long bootstrap = 0;  ///< repeats made at the noise that each file shows
  long long seed = 1;
};

/// twin-acquire: files become measurements, stored in a run and printed. What is printed is on the
/// disk. A closed stdout is a warning while --into is given: storing goes on. Record streams
/// (JSON lines; "-") are stored as they are: results, states and verdicts join their run.
void acquire(Session& session, const AcquireSettings& settings);

class AcquireSink;

/// Puts what devices there are into the run, unless it has that already.
/// \throws Error  of stream::read_devices
void take_devices(AcquireSink& sink, const std::string& path);

/// A measurement into the sink with the conditions that were stated, and its repeats; a record that
/// is there already is passed over silently where \p quietly. \param path  of the file, for errors
void take_measurement(AcquireSink& sink, const AcquireSettings& settings, record::Measurement m,
                      const std::string& path, bool quietly);

/// "temperature=295±3 K" (or 295+-3 K, or 295(3) K, or 295 K): name and quantity.
/// \throws Error{usage}
[[nodiscard]] std::pair<std::string, record::Quantity> parse_context(const std::string& text);

/// The scans of a file as measurements: arrays by column name, edge, sample and its temperature
/// from the header, what the file stores of its own reduction. The name of a scan is the file's
/// without its ending; of several, that and the scan's label behind a dot. Rows are put in order
/// where the first column is an energy; angles, pixels and k are left as they are. \param refused
/// scans that can't be used go here, the others come back; without it the first of
///                 them is thrown
/// \throws Error{data}, Error{no_input} as the parsers
[[nodiscard]] std::vector<record::Measurement> measurements_from_file(
    const std::string& path, std::vector<Error>* refused = nullptr);

/// Of a SPEC file that is being written: the scans that are over, as another one follows or all
/// points that the command asked for are there. Nothing of any other file.
/// \throws Error  as above
[[nodiscard]] std::vector<record::Measurement> measurements_from_growing(const std::string& path);

/// A scan that a file, or a stream of documents, held.
/// \param path  of it; "-" for stdin
[[nodiscard]] record::Measurement measurement_of(formats::ScanFile file, const std::string& path);

/// \p n repeats of \p m with Gaussian noise of the size that its µ shows (third differences over
/// the upper half of the scan): each labelled synthetic. \p mu is the column that noise is added
/// to.
[[nodiscard]] std::vector<record::Measurement> bootstrap(const record::Measurement& m,
                                                         const std::string& mu, long long n,
                                                         long long seed);

}  // namespace twin::app
