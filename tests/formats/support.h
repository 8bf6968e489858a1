// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>

#include "core/error.h"

namespace twin::formats {

/// Where the measured data lie, if they are there.
inline std::filesystem::path measured_data() {
  const char* set = std::getenv("TWIN_DATA");
  return set && *set ? std::filesystem::path(set)
                     : std::filesystem::path(TWINLINE_SOURCE) / "../shared/data";
}

/// The message of the Error that \p work throws; its cause must be \p cause.
inline std::string message_of(const std::function<void()>& work, Cause cause = Cause::data) {
  try {
    work();
  } catch (const Error& error) {
    return error.cause() == cause
               ? error.what()
               : "other cause " + std::to_string(static_cast<int>(error.cause())) + ": " +
                     error.what();
  }
  return "no error";
}

}  // namespace twin::formats
