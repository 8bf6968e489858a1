// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <sstream>
#include <string>

#include "core/error.h"
#include "measured_data.h"
#include "message_of.h"
