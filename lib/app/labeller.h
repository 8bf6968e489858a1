// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "potential/labels.h"

namespace twin::app {

/// Whatever gives a configuration its energy and forces.
class Labeller {
 public:
  virtual ~Labeller() = default;
  [[nodiscard]] virtual std::string name() const = 0;  ///< program and version, for provenance
  /// \throws Error{data}         this frame has no labels: it did not converge
  /// \throws Error{unavailable}  the program is missing or has gone
  [[nodiscard]] virtual potential::Labels label(const potential::Unlabelled& frame) = 0;
};

/// "cp2k", "chgnet", or a command that reads frames of extended XYZ on its stdin until that ends,
/// and writes each, labelled, to its stdout before it reads the next: `energy` (eV), a column
/// `forces` (eV/Å), `virial` (eV) or `stress` (eV/Å³, ASE's sign); or `label_error="why"`. Its name
/// for provenance is `labelled_by`, where it says it, else the command.
/// \throws Error{usage}        an unclosed quote
/// \throws Error{unavailable}  the program is missing
[[nodiscard]] std::unique_ptr<Labeller> labeller_of(const std::string& by, double seconds);

}  // namespace twin::app
