// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus.h"

#include <hdf5.h>

#include <filesystem>

#include "core/hash.h"
#include "core/text.h"
#include "store/aside.h"
#include "store/growing.h"
#include "store/hdf5_file.h"
#include "store/journal.h"
#include "store/nexus_entry.h"
#include "store/nexus_reader.h"

namespace twin::store {

namespace {

using Records = std::function<void(const Visit&)>;

void write_file(const std::string& path, const std::string& title, std::int64_t sequence,
                const Records& records) {
  NexusEntry entry;
  Sha256 digest;
  records([&](std::int64_t number, const std::string& line) {
    entry.count(number, line);
    digest.add(journal_line(number, line));
  });
  const auto inside = hdf5::enter();
  hdf5::Handle file = hdf5::create_file(path, true);
  {
    const hdf5::Handle root(H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose, "/");
    hdf5::set_text(root, "NX_class", "NXroot");
    hdf5::set_text(root, "default", "entry");
    hdf5::set_text(root, "creator", "Twinline " TWINLINE_VERSION);
    hdf5::set_integer(root, sequence_attribute, sequence);
    hdf5::set_fixed_text(root, sha256_attribute, digest.hexadecimal());
    entry.create(root, title);
  }
  records([&](std::int64_t number, const std::string& line) { entry.put(number, line); });
  entry.close();
  file.close(printable(path));
}

}  // namespace

void write_nexus(const std::string& path, std::int64_t sequence,
                 const std::function<void(const Visit&)>& records) {
  Aside aside(path);
  // One that began later was faster.
  if (read_published(path).sequence > sequence) return;
  write_file(aside.name(), std::filesystem::path(path).stem().string(), sequence, records);
  aside.keep();
}

}  // namespace twin::store
