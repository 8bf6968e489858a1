// SPDX-License-Identifier: GPL-3.0-or-later
// What another machine says, in any bytes: as a job's manifest, as the answer of a status script,
// and as lines of known_hosts. Nothing that comes out may be a name that leaves its folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "core/error.h"
#include "core/file.h"
#include "remote/job.h"
#include "remote/known_hosts.h"
#include "remote/manifest.h"

namespace {

using namespace twin;

void expect(bool good) {
  if (!good) std::abort();
}

/// Errors of these causes are answers.
void try_it(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    expect(error.cause() == Cause::data || error.cause() == Cause::try_again ||
           error.cause() == Cause::no_input);
  }
}

bool stays_inside(const std::string& name) {
  return !name.empty() && name.find_first_of("/\n\\") == std::string::npos && name.front() != '.' &&
         name.front() != '-';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  try_it([&] {
    for (const auto& file : remote::read_manifest(text)) expect(stays_inside(file.name));
  });
  try_it([&] {
    for (const auto& job : remote::read_status(text)) {
      expect(stays_inside(job.name));
      for (const auto& growing : job.growing) expect(stays_inside(growing.first));
      static_cast<void>(remote::name_of(job.state));
    }
  });
  static const TemporaryFolder folder("fuzz-remote");
  const std::string file = folder.path() + "/known_hosts";
  std::ofstream(file, std::ios::binary) << text;
  for (const auto& key : remote::known_keys(std::vector{file}, "far"))
    static_cast<void>(remote::judge(std::vector{key}, text));
  return 0;
}
