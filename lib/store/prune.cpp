// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/prune.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "store/aside.h"
#include "store/journal.h"
#include "store/nexus_reader.h"

namespace twin::store {

namespace {

std::string journal_of(const std::string& path) { return path + ".journal"; }

std::optional<std::uint64_t> size_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

/// Whether a journal is not there, or has its first line alone: one that was made and no more,
/// before its program ended or saw that the run is pruned.
bool holds_nothing(const std::string& journal) {
  struct stat status {};
  if (::lstat(journal.c_str(), &status) != 0) return errno == ENOENT;
  return S_ISREG(status.st_mode) &&
         static_cast<std::size_t>(status.st_size) <= journal_header.size();
}

/// Writes behind one another, in large pieces.
class Out {
 public:
  Out(int file, std::string name) : file_(file), name_(std::move(name)) {}

  void add(std::string_view bytes) {
    waiting_ += bytes;
    if (waiting_.size() >= std::size_t{1} << 20) flush();
  }

  void flush() {
    for (std::size_t done = 0; done < waiting_.size();) {
      const auto written = ::write(file_, waiting_.data() + done, waiting_.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0)
        throw Error(Cause::output,
                    printable(name_) + ": " + std::strerror(written < 0 ? errno : ENOSPC));
      done += static_cast<std::size_t>(written);
    }
    waiting_.clear();
  }

 private:
  int file_;
  std::string name_, waiting_;
};

/// The journal's lines, made from the published file.
/// \return  their SHA-256
std::string lines_of(const std::string& path,
                     const std::function<void(const std::string& line)>& use) {
  Sha256 digest;
  read_nexus(path, [&](std::int64_t sequence, const std::string& json) {
    const std::string line = journal_line(sequence, json);
    digest.add(line);
    use(line);
  });
  return digest.hexadecimal();
}

void restore(const std::string& path, int file, const std::string& name) {
  Out out(file, name);
  out.add(journal_header);
  const std::string found = lines_of(path, [&](const std::string& line) { out.add(line); });
  if (found != read_published(path).sha256)
    throw Error(Cause::data, printable(path) +
                                 ": its records are not as they were published; the journal that "
                                 "belongs to it is expected beside it");
  out.flush();
}

/// Why the journal is not to go; "" where the published file holds all of it.
std::string needed_for(const Journal& journal, const std::string& path) {
  if (!journal.warnings().empty())
    return "it has damaged lines, which are nowhere else: " + journal.warnings().front();
  if (!size_of(path)) return "the run is not published: --publish first";
  const Published published = read_published(path);
  if (published.sequence != journal.last_sequence() || published.sha256.empty())
    return printable(path) + " is published up to record " + std::to_string(published.sequence) +
           " of " + std::to_string(journal.last_sequence()) +
           (published.sha256.empty() ? ", by another version" : "") + ": --publish first";
  Sha256 digest;
  journal.visit(0, [&](std::int64_t sequence, const std::string& json) {
    digest.add(journal_line(sequence, json));
    return true;
  });
  const std::string wanted = digest.hexadecimal();
  if (published.sha256 != wanted) return printable(path) + " was published from another journal";
  try {
    if (lines_of(path, [](const auto&) {}) == wanted) return "";
  } catch (const Error& error) {
    return error.what();
  }
  return "not all of it can be told from " + printable(path) + " alone";
}

void sync_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() || ::fsync(file.number()) != 0)
    throw Error(Cause::output, printable(path) + ": sync: " + std::strerror(errno));
  sync_folder_of(path);
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0)
    throw Error(Cause::output, printable(path) + ": removing: " + std::strerror(errno));
}

/// What programs that were killed have left, of those that publish and of those that restore.
void look_for_leftovers(const std::string& path, bool remove, Pruning& out) {
  for (const auto& whole : {path, journal_of(path)}) {
    const std::string left = Aside::name_of(whole);
    const auto bytes = size_of(left);
    if (!bytes || Aside::in_use(whole)) continue;
    if (remove) remove_file(left);
    out.files.push_back({left, *bytes, "left by a program that was killed"});
  }
}

}  // namespace

bool is_pruned(const std::string& path) {
  return size_of(path) && holds_nothing(journal_of(path)) && !read_published(path).sha256.empty();
}

Pruning prune(const std::string& path, bool remove) {
  Pruning out;
  const std::string name = journal_of(path);
  std::optional<Journal> journal;
  if (!is_pruned(path)) {
    if (!size_of(name))
      throw Error(Cause::no_input, printable(name) + ": no such file; a run is expected");
    journal.emplace(name, remove ? Journal::Mode::write : Journal::Mode::read);
  }
  look_for_leftovers(path, remove, out);
  if (!journal) return out;
  std::optional<Aside> hold;  // nobody publishes meanwhile
  if (remove) hold.emplace(path);
  out.kept = needed_for(*journal, path);
  if (!out.kept.empty()) return out;
  const auto bytes = size_of(name);
  if (remove) {
    sync_file(path);
    remove_file(name);
    sync_folder_of(name);
  }
  out.files.push_back({name, bytes.value_or(0),
                       "all of its " + std::to_string(journal->size()) + " records are in " +
                           printable(path) + ", read back"});
  return out;
}

void restore_journal(const std::string& path) {
  Aside aside(journal_of(path));
  if (!holds_nothing(journal_of(path))) return;  // another program was faster
  restore(path, aside.file(), aside.name());
  aside.keep();
}

Descriptor restored_journal(const std::string& path) {
  std::error_code ignored;
  const auto folder = std::filesystem::temp_directory_path(ignored);
  std::string name = ((ignored ? "/tmp" : folder) / "twin-journal-XXXXXX").string();
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.open())
    throw Error(Cause::cannot_create, printable(name) + ": " + std::strerror(errno));
  ::unlink(name.c_str());
  restore(path, file.number(), name);
  return file;
}

}  // namespace twin::store
