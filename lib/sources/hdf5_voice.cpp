// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/hdf5_voice.h"

#include "core/error.h"
#include "core/text.h"
#include "formats/limits.h"
#include "sources/hdf5_child.h"

namespace twin::sources {

process::Child hdf5_child_with(int input, const std::string& how, const std::string& name,
                               const std::string& program, double seconds) {
  process::Launch launch{
      .argv = {program.empty() ? "/proc/self/exe" : program, hdf5_child_mark, how, name,
               shortest(seconds)},
      .environment = {{"HDF5_PLUGIN_PATH", ""}, {"HDF5_PLUGIN_PRELOAD", "::"}, {"HDF5_DRIVER", ""}},
      .input = input};
  // Whoever measures is not disturbed; a trajectory that is being written is refused by its lock.
  if (how != "frames" && how != "list") launch.environment["HDF5_USE_FILE_LOCKING"] = "FALSE";
  try {
    return process::Child(launch);
  } catch (const Error& error) {
    throw Error(Cause::try_again, name + ": no program to read HDF5 by: " + error.what());
  }
}

void Voice::add(const process::Chunk& chunk) {
  if (chunk.channel == process::Channel::out) return messages_.add(chunk.bytes);
  said_ += chunk.bytes;
  if (said_.size() > 1000) said_.erase(0, said_.size() - 1000);
}

std::optional<Message> Voice::next() {
  try {
    return messages_.next();
  } catch (const Error& error) {
    throw error.at(name_);
  }
}

formats::ScanFile Voice::scan(const std::string& body) {
  try {
    auto scan = decode_scan(body, name_);
    numbers_ += scan.columns.size() * scan.rows();
    if (numbers_ > formats::most_numbers)
      throw Error(Cause::data, "over 67 million numbers in its scans");
    if (!labels_.insert(scan.label).second)
      throw Error(Cause::data, "two scans of one name were handed over");
    return scan;
  } catch (const Error& error) {
    throw error.at(name_);
  }
}

void Voice::died(const std::string& how) const {
  const std::string last = printable(trim(said_));
  throw Error(Cause::data,
              name_ + ": HDF5 that can't be read: " + (last.empty() ? "its reader " + how : last) +
                  "; a file that is whole is expected");
}

}  // namespace twin::sources
