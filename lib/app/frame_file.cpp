// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/frame_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"

namespace twin::app {

namespace {

constexpr std::string_view magic = "twin-frames/1\n\0\0";  // 16 bytes with the one that ends it
constexpr std::size_t head_size = 16 + 4 * 4 + 64 + 4;

template <typename Plain>
void put(std::string& bytes, const Plain& value) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  std::array<char, sizeof value> raw;
  std::memcpy(raw.data(), &value, sizeof value);
  bytes.append(raw.data(), raw.size());
}

/// Takes what put() has written, one after the other.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}

  template <typename Plain>
  Plain next() {
    Plain out;
    copy(&out, sizeof out);
    return out;
  }
  void copy(void* to, std::size_t size) {
    if (size == 0) return;  // to is nowhere then, perhaps
    std::memcpy(to, left_.data(), size);
    left_.remove_prefix(size);
  }

 private:
  std::string_view left_;
};

[[noreturn]] void fail_at(const std::string& path, Cause cause) {
  throw Error(cause, printable(path) + ": " + std::strerror(errno));
}

void write_at(int file, std::string_view bytes, std::size_t at, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_at(path, Cause::output);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    at += static_cast<std::size_t>(count);
  }
}

}  // namespace

std::size_t FrameFile::record_size() const {
  return 4 + 4 + 8 + 8 * (4 + 9 + slopes_) + 4 * 3 * atoms_ + 4;
}

std::string FrameFile::head() const {
  std::string out(magic);
  out.resize(16);
  put(out,
      std::uint32_t{0x01020304});  // tells machines apart that have numbers the other way round
  for (const std::size_t one : {replicas_, atoms_, slopes_})
    put(out, static_cast<std::uint32_t>(one));
  std::string name = target_;
  name.resize(64);
  out += name;
  put(out, crc32c(out));
  return out;
}

std::string FrameFile::encode(const Produced& one, std::size_t round, std::size_t replica) const {
  const md::KeptFrame& frame = one.frame;
  std::string out;
  out.reserve(record_size());
  put(out, static_cast<std::uint32_t>(round));
  put(out, static_cast<std::uint32_t>(replica));
  put(out, one.step);
  for (const double x : {frame.temperature, frame.energy_eV, frame.virial_bar,
                         frame.force_deviation.value_or(std::numeric_limits<double>::quiet_NaN())})
    put(out, x);
  for (const double x : frame.cell.reshaped()) put(out, x);
  for (std::size_t i = 0; i < slopes_; ++i)
    put(out, i < frame.slopes_eV.size() ? frame.slopes_eV[i] : 0.0);
  for (const float x : frame.positions.reshaped()) put(out, x);
  put(out, crc32c(out));
  return out;
}

FrameFile::Produced FrameFile::decode(const std::string& bytes, std::size_t round,
                                      std::size_t replica) const {
  const std::string_view content(bytes.data(), bytes.size() - 4);
  const auto sum = Taker(std::string_view(bytes).substr(content.size())).next<std::uint32_t>();
  Taker from(content);
  const auto is_round = from.next<std::uint32_t>(), is_replica = from.next<std::uint32_t>();
  if (sum != crc32c(content) || is_round != round || is_replica != replica)
    throw Error(Cause::data, printable(path_) + ": frame " + std::to_string(round + 1) +
                                 " of replica " + std::to_string(replica + 1) + " is damaged");
  Produced out;
  out.step = from.next<std::int64_t>();
  out.frame.temperature = from.next<double>();
  out.frame.energy_eV = from.next<double>();
  out.frame.virial_bar = from.next<double>();
  const auto deviation = from.next<double>();
  if (!std::isnan(deviation)) out.frame.force_deviation = deviation;
  from.copy(out.frame.cell.data(), 9 * sizeof(double));
  out.frame.slopes_eV.resize(slopes_);
  from.copy(out.frame.slopes_eV.data(), slopes_ * sizeof(double));
  out.frame.positions.resize(static_cast<Eigen::Index>(atoms_), 3);
  from.copy(out.frame.positions.data(), 3 * atoms_ * sizeof(float));
  return out;
}

void FrameFile::begin(const std::string& target, const Round& first) {
  target_ = target;
  replicas_ = first.size();
  atoms_ = static_cast<std::size_t>(first.front().frame.positions.rows());
  slopes_ = first.front().frame.slopes_eV.size();
  const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.open()) fail_at(path_, Cause::cannot_create);
  write_at(file.number(), head(), 0, path_);
}

void FrameFile::append(std::size_t held, const std::vector<Round>& rounds) const {
  const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) fail_at(path_, Cause::output);
  std::size_t at = head_size + held * round_size();
  if (::ftruncate(file.number(), static_cast<off_t>(at)) != 0) fail_at(path_, Cause::output);
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    std::string bytes;
    for (std::size_t r = 0; r < replicas_; ++r) bytes += encode(rounds[i].at(r), held + i, r);
    write_at(file.number(), bytes, at, path_);
    at += bytes.size();
  }
  if (::fsync(file.number()) != 0) fail_at(path_, Cause::output);
}

std::size_t FrameFile::each(std::size_t first, std::size_t rounds,
                            const std::function<void(Round&&)>& take) const {
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(head_size + first * round_size()));
  std::string bytes(record_size(), '\0');
  for (std::size_t i = first; i < first + rounds; ++i) {
    Round round;
    for (std::size_t r = 0; r < replicas_; ++r) {
      if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return i - first;
      try {
        round.push_back(decode(bytes, i, r));
      } catch (const Error&) {
        return i - first;
      }
    }
    take(std::move(round));
  }
  return rounds;
}

std::size_t FrameFile::open(const std::string& target, std::size_t rounds) {
  std::ifstream file(path_, std::ios::binary);
  std::string bytes(head_size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return 0;
  Taker from(std::string_view(bytes).substr(20));
  target_ = target;
  replicas_ = from.next<std::uint32_t>();
  atoms_ = from.next<std::uint32_t>();
  slopes_ = from.next<std::uint32_t>();
  if (bytes != head() || replicas_ == 0 || atoms_ == 0) return 0;
  return each(0, rounds, [](const Round&) {});
}

FrameFile::Round FrameFile::round(std::size_t index) const {
  Round out;
  if (each(index, 1, [&](Round&& one) { out = std::move(one); }) != 1)
    throw Error(Cause::data, printable(path_) + ": it is not whole");
  return out;
}

void FrameFile::read(std::size_t rounds, const md::Earlier::Take& take) const {
  const std::size_t whole = each(0, rounds, [&](Round&& round) {
    for (std::size_t r = 0; r < round.size(); ++r)
      take(static_cast<int>(r), round[r].step, std::move(round[r].frame));
  });
  if (whole != rounds)
    throw Error(Cause::data, printable(path_) + ": it changed while it was read");
}

void FrameFile::remove() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace twin::app
