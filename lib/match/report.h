// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/records.h"

namespace twin::match {

/// The line that people look at all night, at most one line whatever the names hold:
/// `14:02:11 scan 0412 MATCH χ² 4.1/5 p 0.53 | held back χ² 2.0/3 p 0.57 | n:Cu-Cu.1 11.6(3) z-0.4
/// | ... | run 3 of ≤12, lag 2.1 s`. The numbers are the measured ones; z is simulated - measured.
/// Anything but a MATCH ends with its reason.
/// \param clock  time of day to begin with; "" = none
[[nodiscard]] std::string one_line(const record::Verdict& verdict, const std::string& clock);

/// "a 3.609(4) Å, temperature 300 K"; "no parameter is free" of none.
[[nodiscard]] std::string parameters_text(const record::Quantities& parameters);

/// The verdict as an aligned table, lines ended by '\n': for each quantity the measured value with
/// its random and systematic error, the simulated one with the simulation's, the model's error, z,
/// tolerance and role; then parameters, what could not be compared, and the alternatives.
[[nodiscard]] std::string table(const record::Verdict& verdict);

}  // namespace twin::match
