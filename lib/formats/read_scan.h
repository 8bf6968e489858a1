// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// How HDF5 is read of an open file that has it from its first byte: read_nexus(), or in a child of
/// less rights.
using Hdf5Reader = std::function<std::vector<ScanFile>(int file, const std::string& name,
                                                       std::vector<Error>* refused)>;

/// read_nexus() here and now: of a file whose writer has not closed it what it has flushed.
[[nodiscard]] std::vector<ScanFile> read_hdf5_here(int file, const std::string& name,
                                                   std::vector<Error>* refused);

/// Opens \p path (plain or gzip), sees from its content what it is, parses it: XDI, columns of
/// numbers, Athena projects, SPEC files, NeXus in HDF5. All scans of the file, in its order; each
/// of several has a label.
///
/// A pipe is read into memory first, up to 256 MiB. The energies' order is not looked at: see
/// check_scan().
///
/// \param refused  scans that can't be read go here, as what is wrong with them, and the others
/// come
///                 back; without it the first of them is thrown
/// \param hdf5     also asked for HDF5 that came through a pipe or gzip, as a file in memory
/// \throws Error{no_input}  missing, a folder, unreadable
/// \throws Error{try_again} it changed while it was read
/// \throws Error{data}      `path:line: ...`: empty, binary, no numbers, NaN, ragged rows, a line
///                          longer than 1 MiB, a file larger than 1 GiB (HDF5 may be),
///                          no scan in it
[[nodiscard]] std::vector<ScanFile> read_scans(const std::string& path,
                                               std::vector<Error>* refused = nullptr,
                                               const Hdf5Reader& hdf5 = read_hdf5_here);

/// Of a SPEC file that is being written: the scans that are over, as another one follows or all
/// points that the command asked for are there. Nothing of any other file.
/// \throws Error  as above; scans that can't be read are passed over
[[nodiscard]] std::vector<ScanFile> read_growing_scans(const std::string& path);

/// Parses what \p in holds as what its beginning says it is. `sha256` stays empty.
/// \throws Error{data}  as above
[[nodiscard]] std::vector<ScanFile> parse_scans(std::istream& in, const std::string& name,
                                                std::vector<Error>* refused = nullptr,
                                                const Hdf5Reader& hdf5 = read_hdf5_here);

/// The same of a file with one scan.
/// \throws Error{data}  it holds several; the message names them
[[nodiscard]] ScanFile read_scan(const std::string& path);
[[nodiscard]] ScanFile parse_scan(std::istream& in, const std::string& name);

}  // namespace twin::formats
