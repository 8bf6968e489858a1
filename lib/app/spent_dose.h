// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/descriptor.h"

namespace twin::app {

/// The dose that a run has spent, in a small file that survives the program: `{dose: 12.5 Gy,
/// until: TIME}`, replaced by rename and synced. Results up to that time are counted in it, and not
/// again when the run is read from its beginning. "" for no file: does nothing then.
class SpentDose {
 public:
  /// \throws Error{data}  the file is none of this kind, or its time is to come;
  ///         Error{no_input} it can't be read; Error{try_again} another program keeps it
  explicit SpentDose(std::string path);

  [[nodiscard]] double spent_Gy() const { return spent_; }

  /// A result of that time, s since 1970, was not in the file when it was read. One without a time
  /// is not known to be: it counts.
  [[nodiscard]] bool counts(std::optional<double> time) const { return !time || *time > read_; }

  /// \param until  of the newest result that is in it; what is to come is taken for now
  /// \throws Error  it can't be written: nothing more may be asked for
  void keep(double spent_Gy, std::optional<double> until);

 private:
  std::string path_;
  Descriptor lock_;
  double spent_ = 0.0, until_ = 0.0, read_ = -1e300;
};

}  // namespace twin::app
