// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace twin {

/// The message of the Error that \p action throws, whose cause must be \p cause; "no error".
template <typename Action>
std::string message_of(Action action, Cause cause = Cause::data) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), cause) << error.what();
    return error.what();
  }
  return "no error";
}

}  // namespace twin
