// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file_system.h"

#include <sys/vfs.h>

#include <array>
#include <cstdint>
#include <utility>

namespace twin {

namespace {

std::string name_of(const struct statfs& about) {
  // statfs(2), and the headers of the file systems that it does not list.
  constexpr std::array<std::pair<std::uint32_t, const char*>, 12> known{{{0x6969, "NFS"},
                                                                         {0x517b, "SMB"},
                                                                         {0xfe534d42, "SMB"},
                                                                         {0xff534d42, "CIFS"},
                                                                         {0x0bd00bd0, "Lustre"},
                                                                         {0x65735546, "FUSE"},
                                                                         {0x5346414f, "AFS"},
                                                                         {0x6b414653, "AFS"},
                                                                         {0x01021997, "9P"},
                                                                         {0x47504653, "GPFS"},
                                                                         {0x00c36400, "Ceph"},
                                                                         {0x19830326, "BeeGFS"}}};
  for (const auto& [magic, name] : known)
    if (static_cast<std::uint32_t>(about.f_type) == magic) return name;
  return "";
}

}  // namespace

std::string network_file_system(const std::string& folder) {
  struct statfs about {};
  return ::statfs(folder.c_str(), &about) == 0 ? name_of(about) : "";
}

std::string network_file_system(int file) {
  struct statfs about {};
  return ::fstatfs(file, &about) == 0 ? name_of(about) : "";
}

}  // namespace twin
