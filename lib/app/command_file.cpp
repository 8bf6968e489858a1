// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_file.h"

#include <algorithm>
#include <utility>

#include "app/alone.h"
#include "core/error.h"
#include "core/file.h"
#include "stream/codec.h"
#include "stream/yaml.h"

namespace twin::app {

CommandFile::CommandFile(std::string path, double now) : path_(std::move(path)) {
  if (path_.empty()) return;
  lock_ = alone_with(path_);
  number_ = static_cast<std::int64_t>(now);
  try {
    const auto old = stream::parse_yaml(read_regular_file(path_, 65536), path_);
    if (const auto* number = old.find("sequence"); number && number->is_integer())
      number_ = std::max(*number_, std::min(number->integer(), std::int64_t{1} << 52));
  } catch (const Error&) {
    // There is none, or it is no command.
  }
}

void CommandFile::put(const record::Command& command) const {
  if (!path_.empty())
    write_file_atomically(path_, stream::dump_yaml(stream::encode(record::Record(command))));
}

}  // namespace twin::app
