// SPDX-License-Identifier: GPL-3.0-or-later
// To be preloaded: the system's clock shows so many seconds more than it does as the file
// $CLOCK_SHIFT says, looked at each time.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  const char* const name = std::getenv("CLOCK_SHIFT");
  if (result != 0 || clock != CLOCK_REALTIME || name == nullptr) return result;
  const auto file =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0));
  std::array<char, 32> text{};
  if (file < 0) return result;
  (void)::syscall(SYS_read, file, text.data(), text.size() - 1);
  ::syscall(SYS_close, file);
  time->tv_sec += std::strtoll(text.data(), nullptr, 10);
  return result;
}
