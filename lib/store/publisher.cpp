// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/publisher.h"

#include <exception>
#include <utility>

#include "store/journal.h"
#include "store/nexus.h"

namespace twin::store {

void Publisher::begin() {
  if (busy_) return;
  wait();
  busy_ = true;
  thread_ = std::thread([this] {
    work();
    busy_ = false;
  });
}

void Publisher::work() {
  try {
    const Journal journal(run_ + ".journal", Journal::Mode::read);
    const std::int64_t last = journal.last_sequence();
    write_nexus(run_, last, [&](const Visit& visit) {
      for (const JournalEntry& entry : journal.entries())
        visit(entry.sequence, journal.json(entry));
    });
    done_ = last;
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

std::optional<std::int64_t> Publisher::wait() {
  if (thread_.joinable()) thread_.join();
  return std::exchange(done_, std::nullopt);
}

std::string Publisher::failure() {
  if (busy_) return "";
  return std::exchange(failure_, "");
}

}  // namespace twin::store
