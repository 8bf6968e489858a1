// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/read_all.h"

#include <optional>
#include <utility>

#include "cli/log.h"
#include "core/error.h"

namespace twin::app {

namespace {

// The next record, or nothing at the end. Unreadable documents are failures of their own.
std::optional<stream::Item> next_readable(stream::Reader& reader,
                                          const std::function<void(const Error&)>& refused) {
  while (true) {
    try {
      return reader.next();
    } catch (const Error& error) {
      if (error.cause() != Cause::data && error.cause() != Cause::no_input) throw;
      refused(error);
    }
  }
}

}  // namespace

std::optional<std::string> for_each_record(stream::Reader& reader,
                                           const std::function<void(stream::Item)>& visit,
                                           const std::function<void(const Error&)>& refused) {
  while (!interrupted()) {
    auto item = next_readable(reader, refused);
    if (!item) break;
    visit(std::move(*item));
  }
  return reader.trouble();
}

void for_each_record(Session& session, stream::Reader& reader,
                     const std::function<void(stream::Item)>& visit) {
  const auto trouble =
      for_each_record(reader, visit, [&](const Error& error) { session.fail(error, ""); });
  if (!trouble) return;
  cli::warning(*trouble);
  if (session.status == 0) session.status = static_cast<int>(Cause::partial);
}

}  // namespace twin::app
