// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_commands.h"

#include <algorithm>
#include <utility>

#include "app/alone.h"
#include "core/error.h"
#include "core/file.h"
#include "core/time.h"
#include "stream/codec.h"
#include "stream/yaml.h"

namespace twin::app {

Commands::Commands(Session& session, std::string file) : session_(session), file_(std::move(file)) {
  // Whoever obeys knows us by our start, which is the same when we are started anew: the file's
  // numbers go on, and where the file is gone they are above those that it can have had.
  if (file_.empty()) return;
  lock_ = alone_with(file_);
  before_ = static_cast<std::int64_t>(seconds_now());
  try {
    const auto old = stream::parse_yaml(read_regular_file(file_, 65536), file_);
    if (const auto* number = old.find("sequence"); number && number->is_integer())
      before_ = std::max(before_, std::min(number->integer(), std::int64_t{1} << 52));
  } catch (const Error&) {
    // There is none, or it is no command.
  }
}

void Commands::give(record::Command command, bool newest) {
  command.header.by = session_.start_id;
  command.header.id = session_.out.write(command);
  last_ = std::move(command);
  if (newest) put();
}

void Commands::renew(bool newest) {
  if (!last_) return;
  last_->sequence = next();
  if (newest) put();
}

void Commands::rest(const record::Policy& policy, const std::string& reason) {
  if (file_.empty() || !put_ || !last_) return;
  last_->sequence = next();
  last_->mode = policy.safe_mode;
  last_->details = policy.modes.at(policy.safe_mode).details;
  last_->reason = reason;
  last_->header.from.clear();
  put();
}

void Commands::put() {
  if (file_.empty()) return;
  record::Command command = *last_;
  command.sequence = ++before_;
  command.header.id.clear();
  command.header.id = stream::content_id(stream::encode(record::Record(command)));
  command.header.time = utc_now();
  write_file_atomically(file_, stream::dump_yaml(stream::encode(record::Record(command))));
  put_ = true;
}

}  // namespace twin::app
