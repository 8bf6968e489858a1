// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/followed.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "app/acquire.h"
#include "core/descriptor.h"
#include "core/error.h"
#include "core/text.h"
#include "formats/hdf5_use.h"
#include "formats/scan_file.h"

namespace twin::app {

namespace {

constexpr std::ptrdiff_t most = 16;

bool is_swmr(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return file.open() && formats::hdf5_use(file.number()) == formats::Hdf5Use::swmr;
}

}  // namespace

void FollowedFiles::grown(const std::string& path, std::vector<std::string>& notes) {
  if (files_.contains(path) || !is_swmr(path)) return;
  const auto under_way =
      std::ranges::count_if(files_, [](const auto& one) { return one.second.child.has_value(); });
  if (under_way >= most) {
    if (!std::exchange(crowded_, true))
      notes.push_back(printable(path) +
                      ": 16 files are followed already; others are read when they are closed");
    return;
  }
  File& file = files_[path];
  try {
    file.child.emplace(path);
  } catch (const Error& error) {
    notes.push_back(std::string(error.what()) + "; it is read when it is closed");
  }
}

std::set<std::string> FollowedFiles::closed(const std::string& path) {
  const auto at = files_.find(path);
  if (at == files_.end()) return {};
  auto gave = std::move(at->second.gave);
  files_.erase(at);
  crowded_ = false;
  return gave;
}

std::vector<FollowedFiles::Taken> FollowedFiles::take(std::vector<std::string>& notes) {
  std::vector<Taken> out;
  for (auto& [path, file] : files_) {
    if (!file.child) continue;
    try {
      for (auto& scan : file.child->take()) {
        out.push_back({path, measurement_of(std::move(scan), path)});
        file.gave.insert(known_as(out.back().scan));
      }
      if (file.child->ended()) file.child.reset();
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      notes.push_back(std::string(error.what()) + "; it is read when it is closed");
      file.child.reset();
    }
  }
  return out;
}

std::string known_as(const record::Measurement& scan) {
  return scan.context.scan + '\0' + scan.source_sha256;
}

std::vector<int> FollowedFiles::descriptors() const {
  std::vector<int> out;
  for (const auto& [path, file] : files_)
    if (file.child && file.child->descriptor() >= 0) out.push_back(file.child->descriptor());
  return out;
}

}  // namespace twin::app
