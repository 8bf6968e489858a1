// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// Project files of Athena: the dump of Perl variables (`$old_group`, `@args`, `@x`, `@y` ... up to
/// `[record]`, a group each) and the JSON that Demeter writes since 0.9.26. Perl is not run: the
/// variables are read as literals, and any other code is an error.
///
/// A scan is a group with µ(E), normalised µ(E) or χ(k). Columns: `energy` (eV; `k`, 1/Å; `pixel`),
/// then `mu`, `norm` or `chi`, then `i0`, `signal`, `stddev` where they are as long as the
/// energies. Labels are Athena's; a missing one is the group's name, a repeated one gets ".2", ".3"
/// ... Groups that are nothing but a detector or a background are passed over with a warning. Rows
/// whose energy is not above zero, and the fewest rows whose removal makes the energies rise, are
/// left out with a warning; more than half of them refuse the scan (one that falls throughout is
/// kept). Energies are those of the file, without `bkg_eshift`.
///
/// `metadata`: "athena.KEY" for each argument, "element.symbol" and "element.edge" as Athena
/// guessed them, "sample.name" = the label, "comments" = the titles. `stored`, where the group has
/// the argument and it is a number:
///
///     e0        bkg_e0, eV, on the axis shifted by eshift
///     eshift    bkg_eshift, eV: to be added to the energies before anything else
///     pre1 pre2 norm1 norm2   bkg_pre1 ... bkg_nor2, eV from e0
///     nnorm     the polynomial's order: bkg_nnorm - 1; as it is in projects that Larch wrote
///     edge_step bkg_step, where bkg_fixstep says that it was fixed
///     rbkg kweight nclamp clamp_lo clamp_hi   bkg_rbkg bkg_kw bkg_nclamp bkg_clamp1 bkg_clamp2;
///               clamps in words (None, Slight, Weak, Medium, Strong, Rigid) are 0, 3, 6, 12, 24,
///               96
///     kmin kmax fft_kmin fft_kmax, 1/Å: of the Fourier transform
///
/// \param refused  as in read_scans()
/// \throws Error{data}  `name:line: ...`: not a project, code that is no literal, no spectrum
///
/// Cost: the file in memory, at most 256 MiB.
/// Source: the files that Demeter 0.4 to 0.9.26 and Larch write.
[[nodiscard]] std::vector<ScanFile> parse_athena(std::istream& in, const std::string& name,
                                                 std::vector<Error>* refused = nullptr);

}  // namespace twin::formats
