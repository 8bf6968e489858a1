// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

namespace twin::feff {

using Files = std::map<std::string, std::string>;  ///< name → content

/// What a run left behind, kept as one file KEY.run below the cache folder: its parts' names and
/// sizes, and the SHA-256 of all. One file, so that a rename publishes it whole and processes that
/// compute the same at once only overwrite each other with the same.
class Cache {
 public:
  /// $XDG_CACHE_HOME/twinline/feff, else ~/.cache/twinline/feff; none of both: keeps nothing.
  Cache();
  explicit Cache(std::string folder) : folder_(std::move(folder)) {}

  /// Nothing when it is not there, or not what was put.
  [[nodiscard]] std::optional<Files> get(const std::string& key) const;

  /// Keeps \p files. A cache that can't be written to is no error: the next run computes again.
  void put(const std::string& key, const Files& files) const;

 private:
  std::string folder_;
};

[[nodiscard]] std::string pack(const Files& files);
[[nodiscard]] std::optional<Files> unpack(const std::string& bytes);

}  // namespace twin::feff
