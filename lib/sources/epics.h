// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "process/child.h"
#include "sources/channel_news.h"
#include "sources/scan_message.h"

namespace twin::sources {

/// EPICS Channel Access by a child of ours, see epics_child.h: libca starts threads, waits for
/// hosts, and takes apart what any host sends it; nothing of that may hold up or end whoever stores
/// scans. Where IOCs are looked for is said by EPICS' own variables ($EPICS_CA_ADDR_LIST ...).
class Epics {
 public:
  /// \param program  that the child is; "" = this one
  /// \param seconds  that it may take to begin: to load a library, perhaps over a network
  /// \throws Error{unavailable}  libca is not there, no child can be had
  explicit Epics(const std::string& program = "", double seconds = 20);

  /// Of this variable news come from now on. It is looked for until it is there, and again when it
  /// was lost.
  /// \throws Error{unavailable}  of this and all orders below: the child has gone
  void watch(std::uint32_t channel, const std::string& name);

  /// Its properties come, or an answer that says why not, with the number that is returned.
  [[nodiscard]] std::uint32_t ask(std::uint32_t channel);

  /// An answer comes with the number that is returned, when the record has processed the value.
  [[nodiscard]] std::uint32_t put(std::uint32_t channel, double value);

  /// What the child puts when this process dies without a word.
  void leave_behind(std::uint32_t channel, double value);
  void leave_nothing_behind();

  /// The next news; nothing when none came in time, or the child has gone.
  std::optional<ChannelNews> next(double seconds);

  [[nodiscard]] bool gone() const { return gone_; }
  /// What it said last to people; printable.
  [[nodiscard]] std::string last_words() const;

 private:
  void order(const std::string& line);
  std::optional<ChannelNews> taken();

  process::Child child_;
  MessageBuffer messages_{std::size_t{200} << 10};  ///< news have two texts of 64 KiB at most
  std::string said_;
  std::uint32_t requests_ = 0;
  bool gone_ = false;
};

}  // namespace twin::sources
