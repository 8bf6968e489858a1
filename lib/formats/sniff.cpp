// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/sniff.h"

#include "core/error.h"
#include "formats/xdi.h"

namespace twin::formats {

Kind sniff(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  if (head.starts_with("\x89HDF\r\n\x1a\n")) return Kind::hdf5;
  if (head.starts_with("\x89PNG") || head.starts_with("II*") || head.starts_with("\xFF\xD8\xFF"))
    return Kind::image;
  if (head.starts_with("PK\x03\x04") || head.starts_with("BZh") ||
      head.starts_with("\xFD"
                       "7zXZ"))
    return Kind::archive;
  if (head.starts_with("# Athena project file") || head.starts_with("# _____header1"))
    return Kind::athena;
  if (head.starts_with("#F ")) return Kind::spec;
  return is_xdi(head.substr(0, head.find('\n'))) ? Kind::xdi : Kind::columns;
}

void refuse_foreign(Kind kind, const std::string& name) {
  const auto refuse = [&](const char* what) {
    throw Error(Cause::data, name + ": " + what + "; XDI or columns of numbers are expected");
  };
  switch (kind) {
    case Kind::athena:
      refuse("an Athena project, which is not read yet");
      break;
    case Kind::hdf5:
      refuse("HDF5, which is not read yet");
      break;
    case Kind::spec:
      refuse("a SPEC file, which is not read yet");
      break;
    case Kind::image:
      refuse("a picture");
      break;
    case Kind::archive:
      refuse("an archive or a compression other than gzip");
      break;
    case Kind::xdi:
    case Kind::columns:
      break;
  }
}

}  // namespace twin::formats
