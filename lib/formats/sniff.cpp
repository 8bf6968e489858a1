// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/sniff.h"

#include "core/error.h"
#include "core/text.h"
#include "formats/dcd.h"
#include "formats/xdi.h"

namespace twin::formats {

namespace {

/// The first line that is not blank begins a file or a scan: `#F name`, `#S 1 ascan ...`.
bool is_spec(std::string_view head) {
  const auto begin = head.find_first_not_of("\r\n");
  if (begin == head.npos) return false;
  head.remove_prefix(begin);
  return head.starts_with("#F ") ||
         (head.starts_with("#S ") && head.size() > 3 && head[3] >= '0' && head[3] <= '9');
}

/// A number of atoms alone on a line, then keys and values.
bool is_extended_xyz(std::string_view head) {
  const auto end = head.find('\n');
  if (end == head.npos || !parse_integer(trim(head.substr(0, end)))) return false;
  const auto second = head.substr(end + 1, head.find('\n', end + 1) - end - 1);
  const std::string keys = lower(second);
  return keys.find("lattice=") != keys.npos || keys.find("properties=") != keys.npos;
}

bool is_xtc(std::string_view head) {
  return head.starts_with(std::string_view("\0\0\x07\xCB", 4)) ||
         head.starts_with(std::string_view("\0\0\x07\xE7", 4));
}

}  // namespace

Kind sniff(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  if (head.starts_with("\x89HDF\r\n\x1a\n")) return Kind::hdf5;
  if (head.starts_with("\x89PNG") || head.starts_with("II*") || head.starts_with("\xFF\xD8\xFF"))
    return Kind::image;
  if (head.starts_with("PK\x03\x04") || head.starts_with("BZh") ||
      head.starts_with("\xFD"
                       "7zXZ"))
    return Kind::archive;
  if (is_dcd(head)) return Kind::dcd;
  if (is_xtc(head)) return Kind::xtc;
  if (head.starts_with("ITEM: ")) return Kind::lammps_dump;
  if (is_extended_xyz(head)) return Kind::extended_xyz;
  const auto begin = head.find_first_not_of(" \t\r\n");
  if (head.starts_with("# Athena project file") || (begin != head.npos && head[begin] == '{'))
    return Kind::athena;
  if (is_spec(head)) return Kind::spec;
  return is_xdi(head.substr(0, head.find('\n'))) ? Kind::xdi : Kind::columns;
}

void refuse_foreign(Kind kind, const std::string& name) {
  const auto refuse = [&](const char* what) {
    throw Error(Cause::data,
                name + ": " + what +
                    "; XDI, columns of numbers, an Athena project, SPEC or NeXus are expected");
  };
  switch (kind) {
    case Kind::image:
      refuse("a picture");
      break;
    case Kind::archive:
      refuse("an archive or a compression other than gzip");
      break;
    case Kind::lammps_dump:
    case Kind::extended_xyz:
    case Kind::dcd:
    case Kind::xtc:
      refuse("a trajectory of a simulation, which twin-simulate --trajectory reads");
      break;
    case Kind::xdi:
    case Kind::columns:
    case Kind::athena:
    case Kind::hdf5:
    case Kind::spec:
      break;
  }
}

}  // namespace twin::formats
