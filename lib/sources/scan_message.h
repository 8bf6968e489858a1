// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/scan_file.h"

/// How a child that reads what strangers wrote hands over what it found: messages on a pipe. The
/// child may be in the hands of the file that it read, so nothing of it is believed.
namespace twin::sources {

struct Message {
  enum class Kind : std::uint8_t {
    scan = 1,     ///< see decode_scan()
    refused = 2,  ///< a scan that can't be used: a text
    failed = 3,   ///< nothing more will come: a text
    alive = 4,    ///< of one that follows a file: how many points there are, as a text
    done = 5,     ///< all of it was said
    open = 6,     ///< the file is still open for writing: nothing was read
    frame = 7,    ///< of a trajectory: see frame_message.h
    atoms = 8,    ///< before the first of them, or with another than before
    text = 9,     ///< a warning, or a name that was asked for
    channel = 10  ///< of Channel Access: see channel_news.h
  } kind = Kind::done;
  std::string body;
};

/// As bytes: a mark, the kind, the length, CRC-32C of the body, the body.
[[nodiscard]] std::string encode(const Message& message);

/// A scan as a body. What it lacks when it is decoded: `name`, `sha256`, `lines`.
[[nodiscard]] std::string encode_scan(const formats::ScanFile& scan);

/// \throws Error{data}  anything but a scan as formats promise it: at most 1000 columns of one
///                      length, two rows or more, 2²⁶ finite numbers in all; names that are lower
///                      case, printable and each once, units that are known; texts that are
///                      printable, at most 64 KiB each and 1000 of them
[[nodiscard]] formats::ScanFile decode_scan(std::string_view body, const std::string& name);

/// Cuts what comes out of the pipe into messages.
class MessageBuffer {
 public:
  /// \param longest  bytes of a body
  explicit MessageBuffer(std::size_t longest = std::size_t{600} << 20) : longest_(longest) {}

  void add(std::string_view bytes);
  /// The next whole one.
  /// \throws Error{data}  it is none, or longer than the longest
  [[nodiscard]] std::optional<Message> next();
  [[nodiscard]] bool empty() const { return bytes_.size() == begin_; }

 private:
  std::size_t longest_;
  std::string bytes_;
  std::size_t begin_ = 0;
};

}  // namespace twin::sources
