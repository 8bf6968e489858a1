// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "record/value.h"
#include "stream/json.h"

namespace twin::remote {

namespace fs = std::filesystem;
using record::Value;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string text_of(const Value& line, const char* key) {
  const Value* found = line.find(key);
  return found != nullptr && found->is_string() ? found->string() : "";
}

[[noreturn]] void fail(Cause cause, const std::string& path) {
  throw Error(cause, printable(path) + ": " + std::strerror(errno));
}

}  // namespace

std::string ledger_file() {
  std::string state = environment("XDG_STATE_HOME");
  if (state.empty()) state = environment("HOME") + "/.local/state";
  return state + "/twinline/submitted.jsonl";
}

void remember(const std::vector<Entry>& entries) {
  std::string lines;
  for (const Entry& entry : entries) {
    Value line{Value::Object{}};
    line.set("time", utc_now());
    line.set("place", entry.place);
    line.set("job", entry.job);
    line.set("model", entry.model);
    line.set("id", entry.id);
    lines += stream::dump_json(line) + '\n';
  }
  const std::string path = ledger_file();
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.open()) fail(Cause::cannot_create, path);
  if (::flock(file.number(), LOCK_EX) != 0) fail(Cause::output, path);
  const auto size = static_cast<ssize_t>(lines.size());
  if (::write(file.number(), lines.data(), lines.size()) != size || ::fsync(file.number()) != 0)
    fail(Cause::output, path);
}

std::vector<Entry> remembered() {
  std::vector<Entry> out;
  const std::string path = ledger_file();
  std::error_code error;
  if (!fs::exists(path, error)) return out;
  const std::string all = read_file(path);
  for (const std::string_view text : split(all, '\n')) {
    try {
      const Value line = stream::parse_json(text, path);
      Entry entry{text_of(line, "place"), text_of(line, "job"), text_of(line, "model"),
                  text_of(line, "id")};
      if (!entry.place.empty()) out.push_back(std::move(entry));
    } catch (const Error&) {
      continue;  // cut by a full disk
    }
  }
  return out;
}

}  // namespace twin::remote
