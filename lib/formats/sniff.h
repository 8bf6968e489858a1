// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace twin::formats {

/// What a file is, from its first bytes.
enum class Kind {
  xdi,
  columns,
  athena,
  hdf5,
  spec,
  image,
  archive,
  lammps_dump,
  extended_xyz,
  dcd,
  xtc
};

/// \p head  the first 256 bytes or so, inflated; of extended XYZ the beginning of its second line.
[[nodiscard]] Kind sniff(std::string_view head);

/// \throws Error{data}  \p kind is no scan: says what it is
void refuse_foreign(Kind kind, const std::string& name);

}  // namespace twin::formats
