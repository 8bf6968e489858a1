// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How the child that speaks to IOCs hands over what they said: bodies of messages, see
/// scan_message.h. An IOC may be anybody, and the child in its hands: nothing is believed.
namespace twin::sources {

struct ChannelNews {
  enum class Kind : std::uint8_t {
    ready = 1,       ///< the library is there
    missing = 2,     ///< it is not; nothing more will come: `text` says why
    up = 3,          ///< connected: `type` and `elements`
    down = 4,        ///< not any more
    value = 5,       ///< `value`, `stamp`, `severity`, `alarm`
    properties = 6,  ///< `unit`, `lower` and `upper`, `writable`; `request` where it was asked for
    answer = 7       ///< to `request`; `text` is "" where it was done, else why not
  } kind = Kind::ready;
  std::uint32_t channel = 0;  ///< the number that it was watched by
  std::uint32_t request = 0;
  double value = 0.0;           ///< may be anything, also not finite
  double stamp = 0.0;           ///< s since 1970; 0 = nobody stamped it
  std::int16_t severity = 0;    ///< 0 none, 1 minor, 2 major, 3 invalid
  std::int16_t alarm = 0;       ///< its status: see name_of_alarm()
  double lower = 0, upper = 0;  ///< of the record's control limits; none where not lower < upper
  bool writable = false;        ///< by access security
  std::int16_t type = 0;        ///< of the record's field: 0 text, 3 states, else numbers
  std::uint64_t elements = 0;
  std::string unit = {};  ///< as the IOC spells it; printable
  std::string text = {};  ///< printable

  bool operator==(const ChannelNews&) const = default;
};

[[nodiscard]] std::string encode_news(const ChannelNews& news);

/// \throws Error{data}  anything but news: of a kind, its texts printable
[[nodiscard]] ChannelNews decode_news(std::string_view body);

/// "NO_ALARM", "HIHI" ...: `alarm.h` of EPICS; "ALARM 99" of one that is not there.
[[nodiscard]] std::string name_of_alarm(std::int16_t status);

/// "MINOR", "MAJOR", "INVALID"; "" of none.
[[nodiscard]] std::string name_of_severity(std::int16_t severity);

/// Why a variable of that `type` and `elements` is no single number, as a sentence goes on:
/// `is a text; a number is expected`; "" where it is one, or one of several states.
[[nodiscard]] std::string other_shape(const ChannelNews& news);

/// Whether an IOC's unit is another one than \p unit of twin-units(7): "" where not, else as a
/// sentence goes on: `is in "C"; "K" is expected`.
/// \param spelling  how the record spells it, cut to the 7 bytes that Channel Access hands over;
///                  nothing: as twin-units(7) know it
[[nodiscard]] std::string other_unit(const std::string& said, const std::string& unit,
                                     const std::optional<std::string>& spelling);

}  // namespace twin::sources
