// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/line_source.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"

namespace twin::stream {

namespace {

constexpr std::size_t block = 1u << 16;

[[noreturn]] void fail(const std::string& path) {
  throw Error(Cause::no_input, printable(path) + ": " + std::strerror(errno));
}

}  // namespace

LineSource::LineSource(const std::string& path, std::size_t longest)
    : path_(path),
      descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      longest_(longest) {
  if (descriptor_ < 0) fail(path);
}

LineSource::LineSource(std::string text, std::size_t longest, const std::string& name)
    : path_(name), descriptor_(-1), longest_(longest), buffer_(std::move(text)), ended_(true) {}

LineSource::~LineSource() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

/// Reads what there is, waiting for something. False at the end.
bool LineSource::fill() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  const std::size_t held = buffer_.size();
  for (;;) {
    buffer_.resize(held + block);
    const ssize_t count = ::read(descriptor_, buffer_.data() + held, block);
    buffer_.resize(held + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count >= 0) return count > 0;
    interrupted_ = errno == EINTR && twin::interrupted() != 0;
    if (interrupted_) return false;
    if (errno == EAGAIN) {  // somebody made it non-blocking
      pollfd waiting{descriptor_, POLLIN, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      fail(path_);
    }
  }
}

std::optional<LineSource::Line> LineSource::next() {
  for (;;) {
    const std::size_t feed = buffer_.find('\n', scanned_);
    const bool complete = feed != std::string::npos;
    if (!complete && !ended_) {
      scanned_ = buffer_.size();
      if (scanned_ - begin_ > longest_) {
        skipping_ = true;
        begin_ = scanned_;
      }
      ended_ = !fill();
      if (interrupted_) return std::nullopt;
      continue;
    }
    if (!complete && begin_ == buffer_.size() && !skipping_) return std::nullopt;
    const std::size_t end = complete ? feed : buffer_.size();
    Line line{{}, ++number_, skipping_ || end - begin_ > longest_};
    if (!line.too_long) line.text.assign(buffer_, begin_, end - begin_);
    if (line.text.ends_with('\r')) line.text.pop_back();
    begin_ = scanned_ = complete ? end + 1 : end;
    skipping_ = false;
    return line;
  }
}

}  // namespace twin::stream
