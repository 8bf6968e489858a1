// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/descriptor.h"

#include <unistd.h>

#include <utility>

namespace twin {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

bool Descriptor::close() { return !open() || ::close(std::exchange(number_, -1)) == 0; }

int Descriptor::release() { return std::exchange(number_, -1); }

}  // namespace twin
