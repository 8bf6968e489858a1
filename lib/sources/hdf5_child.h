// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin::sources {

/// What a program of ours is called with, before anything else, to be the child that reads HDF5.
inline constexpr const char* hdf5_child_mark = "--hdf5-child";

/// Whether it was called so.
[[nodiscard]] bool is_hdf5_child(int argc, char** argv);

/// That child: reads the file that is its stdin, with hardly any rights, and writes messages to
/// stdout; see scan_message.h. Its arguments are `read` or `follow` (of H5MD `frames` or `list`),
/// the file's name for what it says, and for how many seconds it may go on. With `wait` its stdin
/// is a socket, through which a file to read comes; see file_passing.h. What kills it is said on
/// stderr, with the object that it was at.
///
/// It never writes the file, and holds no lock on it: whoever measures is not disturbed.
/// \return  its exit status
int be_hdf5_child(int argc, char** argv);

}  // namespace twin::sources
