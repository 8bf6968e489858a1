// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "formats/scan_file.h"
#include "process/child.h"
#include "sources/scan_message.h"

namespace twin::sources {

/// The program that reads, with \p input as its stdin and nothing else of ours. \p how  see
/// hdf5_child.h; \p program "" = this one
/// \throws Error{try_again}  there can't be one
[[nodiscard]] process::Child hdf5_child_with(int input, const std::string& how,
                                             const std::string& name, const std::string& program,
                                             double seconds);

/// What comes out of a child, in order.
class Voice {
 public:
  /// \param name  of the file, for messages
  explicit Voice(std::string name) : name_(std::move(name)) {}

  void add(const process::Chunk& chunk);

  /// \throws Error{data}  what came is none
  [[nodiscard]] std::optional<Message> next();

  /// A scan that it handed over: with the others not too much, and of a name of its own.
  /// \throws Error{data}  it is none
  [[nodiscard]] formats::ScanFile scan(const std::string& body);

  /// \throws Error{data}  always: with its last words, or \p how it ended
  [[noreturn]] void died(const std::string& how) const;

 private:
  std::string name_, said_;
  MessageBuffer messages_;
  std::set<std::string> labels_;
  std::size_t numbers_ = 0;
};

}  // namespace twin::sources
