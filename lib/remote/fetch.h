// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "remote/connection.h"
#include "remote/manifest.h"

namespace twin::remote {

/// Called with bytes that are here and bytes of the job in all; false gives up.
using FetchProgress = std::function<bool(std::uint64_t, std::uint64_t)>;

/// The files of a job that is over, into \p into (made where it is not there). What is there
/// already with the right sum is not fetched again; a file comes as NAME.part, goes on where it was
/// when the connection broke, and gets its name when its sum is that of the manifest.
///
/// \param folder  of the job, there
/// \return the manifest, which is written last: a folder that has one is whole
/// \throws Error{try_again}  the connection broke: what came stays, call again
/// \throws Error{data}       the manifest is none, or a file's sum is wrong twice
/// \throws Error{no_input}   a file that it lists has vanished
/// \throws Error{output}     nothing can be written here
std::vector<Listed> fetch_job(Connection& connection, const std::string& folder,
                              const std::string& into, const FetchProgress& progress);

/// What a growing file has more, into NAME.part, which fetch_job() goes on with.
/// \return bytes that are here now
std::uint64_t follow_file(Connection& connection, const std::string& folder,
                          const std::string& into, const std::string& name);

}  // namespace twin::remote
