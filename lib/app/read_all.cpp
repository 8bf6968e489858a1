// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/read_all.h"

#include <optional>
#include <utility>

#include "cli/log.h"
#include "core/error.h"

namespace twin::app {

namespace {

// The next record, or nothing at the end. Unreadable documents are failures of their own.
std::optional<stream::Item> next_readable(Session& session, stream::Reader& reader) {
  while (true) {
    try {
      return reader.next();
    } catch (const Error& error) {
      if (error.cause() != Cause::data && error.cause() != Cause::no_input) throw;
      session.fail(error, "");
    }
  }
}

}  // namespace

void for_each_record(Session& session, stream::Reader& reader,
                     const std::function<void(stream::Item)>& visit) {
  while (!interrupted()) {
    auto item = next_readable(session, reader);
    if (!item) break;
    visit(std::move(*item));
  }
  if (const auto trouble = reader.trouble()) {
    cli::warning(*trouble);
    if (session.status == 0) session.status = static_cast<int>(Cause::partial);
  }
}

}  // namespace twin::app
