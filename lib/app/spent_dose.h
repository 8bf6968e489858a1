// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace twin::app {

/// The dose that a run has spent, in a small file that survives the program: `{dose: 12.5 Gy,
/// until: TIME}`, replaced by rename and synced. Results up to that time are counted in it, and not
/// again when the run is read from its beginning. "" for no file: does nothing then.
class SpentDose {
 public:
  /// \throws Error{data}  the file is none of this kind; Error{no_input} it can't be read
  explicit SpentDose(std::string path);

  [[nodiscard]] double spent_Gy() const { return spent_; }

  /// A result of that time, s since 1970, is not in it yet.
  [[nodiscard]] bool counts(double time) const { return time > until_; }

  /// \throws Error  it can't be written: nothing more may be asked for
  void keep(double spent_Gy, double until);

 private:
  std::string path_;
  double spent_ = 0.0, until_ = -1e300;
};

}  // namespace twin::app
