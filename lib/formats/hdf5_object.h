// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twin::formats {

/// An identifier of HDF5 that is closed when this goes; a negative one is none.
class Hdf5Handle {
 public:
  using Close = int (*)(std::int64_t);
  Hdf5Handle() = default;
  Hdf5Handle(std::int64_t id, Close close) : id_(id), close_(close) {}
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  [[nodiscard]] std::int64_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

/// The shape of an open data set of numbers, all in its own file, of one to three dimensions and
/// chunks of at most 256 MiB; nothing for any other.
/// \param named  numbers that have names (enumerations) count too
[[nodiscard]] std::optional<std::vector<std::size_t>> shape_of(std::int64_t set,
                                                               bool named = false);

/// The filter of an open data set that is none of those that every library has, as a phrase; ""
/// where there is none.
[[nodiscard]] std::string foreign_filter(std::int64_t set);

}  // namespace twin::formats
