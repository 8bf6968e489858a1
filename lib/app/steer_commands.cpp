// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_commands.h"

#include <algorithm>
#include <utility>

#include "stream/codec.h"

namespace twin::app {

bool SteerAnswer::commands() const {
  return put || std::ranges::any_of(records, [](const auto& record) {
           return std::holds_alternative<record::Command>(record);
         });
}

void Commands::begin(const std::string& time) {
  answer_ = {};
  time_ = time;
}

std::string Commands::tell(record::Record record) {
  auto& header = record::header_of(record);
  header.by = by_;
  header.time = time_;
  header.id.clear();
  header.id = stream::content_id(stream::encode(record));
  std::string id = header.id;
  answer_.records.push_back(std::move(record));
  return id;
}

void Commands::give(record::Command command, bool newest) {
  command.header.id = tell(command);
  command.header.by = by_;
  last_ = std::move(command);
  if (newest) put();
}

void Commands::renew(bool newest) {
  if (!last_) return;
  last_->sequence = next();
  if (newest) put();
}

void Commands::rest(const record::Policy& policy, const std::string& reason) {
  if (!put_ || !last_) return;
  last_->sequence = next();
  last_->mode = policy.safe_mode;
  last_->details = policy.modes.at(policy.safe_mode).details;
  last_->reason = reason;
  last_->header.from.clear();
  put();
}

void Commands::put() {
  if (!number_) return;
  record::Command command = *last_;
  command.sequence = ++*number_;
  command.header.id.clear();
  command.header.id = stream::content_id(stream::encode(record::Record(command)));
  command.header.time = time_;
  answer_.put = std::move(command);
  put_ = true;
}

}  // namespace twin::app
