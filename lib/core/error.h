// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace twin {

/// Why something failed. The values are the exit statuses of the tools (sysexits where they exist).
enum class Cause : int {
  negative = 1,        ///< the answer is no
  partial = 2,         ///< some records failed, the others are out
  usage = 64,          ///< the command line is wrong
  data = 65,           ///< the input is wrong
  no_input = 66,       ///< an input is missing or can't be read
  unavailable = 69,    ///< a program or a host that is needed is not there
  internal = 70,       ///< our bug
  cannot_create = 73,  ///< an output can't be created
  output = 74,         ///< writing failed: full disk, I/O error
  try_again = 75,      ///< later may work: a lock is held, a host is busy
  permission = 77,     ///< a host key, a right, or a refusal for safety
  configuration = 78,  ///< a recipe, model or policy is wrong
  closed_pipe = 141    ///< whoever read our output has gone: ends quietly
};

/// The one exception of the project. The message reads `where: what is wrong; what would be right`.
///
/// Whoever catches one and knows more about where, throws on with at(): errors are stacks of
/// places.
class Error : public std::runtime_error {
 public:
  Error(Cause cause, const std::string& message) : std::runtime_error(message), cause_(cause) {}

  [[nodiscard]] Cause cause() const { return cause_; }

  /// The same error, with `where: ` before its message.
  [[nodiscard]] Error at(std::string_view where) const {
    return {cause_, std::string(where) + ": " + what()};
  }

 private:
  Cause cause_;
};

}  // namespace twin
