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
  /// \param now  s since 1970
  /// \throws Error{data}  the file is none of this kind, or its time is to come;
  ///         Error{no_input} it can't be read; Error{try_again} another program keeps it
  SpentDose(std::string path, double now);

  [[nodiscard]] double spent_Gy() const { return spent_; }

  /// Of the file as it was read, s since 1970; nothing where there was none.
  [[nodiscard]] std::optional<double> counted_until() const { return counted_until_; }

  /// \param until  of the newest result that is in it; what is to come is taken for \p now
  /// \throws Error  it can't be written: nothing more may be asked for
  void keep(double spent_Gy, std::optional<double> until, double now);

 private:
  std::string path_;
  Descriptor lock_;
  double spent_ = 0.0, until_ = 0.0;
  std::optional<double> counted_until_;
};

}  // namespace twin::app
