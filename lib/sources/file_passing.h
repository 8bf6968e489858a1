// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>

#include "core/descriptor.h"

/// Open files through a socket of packets, see unix(7): to a child that was there before them.
namespace twin::sources {

/// \p file and a text of at most 8 KiB.
/// \return  false when nobody is at the other end
[[nodiscard]] bool pass_file(int socket, int file, const std::string& text);

/// Waits for them. No file when the other end was closed.
[[nodiscard]] std::pair<Descriptor, std::string> receive_file(int socket);

/// Two ends.  \throws Error{unavailable}
[[nodiscard]] std::pair<Descriptor, Descriptor> socket_pair();

}  // namespace twin::sources
