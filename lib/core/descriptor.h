// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }

  /// \return false when the system reports an error, as of a write that was put off
  bool close();

  /// The number, which is the caller's to close from now on.
  [[nodiscard]] int release();

 private:
  int number_ = -1;
};

}  // namespace twin
