// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::store {

namespace {

Cause cause_of_open(int error) {
  return error == EACCES || error == EPERM ? Cause::permission : Cause::cannot_create;
}

}  // namespace

void sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  // Some file systems know no sync of folders: then there is nothing to wait for.
  if (!done && error != EINVAL)
    throw Error(Cause::output, printable(folder) + ": sync: " + std::strerror(error));
}

Journal::Journal(std::string path, Mode mode)
    : path_(std::move(path)), name_(printable(path_)), mode_(mode) {
  const bool write = mode_ == Mode::write;
  file_ = ::open(path_.c_str(),
                 write ? O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0666);
  if (file_ < 0)
    throw Error(write ? cause_of_open(errno) : Cause::no_input,
                name_ + ": " + std::strerror(errno) + "; a journal is expected");
  try {
    if (write) {
      lock();
      recover();
    } else {
      refresh();
    }
  } catch (...) {
    ::close(file_);
    throw;
  }
}

Journal::~Journal() { ::close(file_); }

void Journal::lock() {
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    const bool held = errno == EWOULDBLOCK;
    throw Error(
        held ? Cause::try_again : Cause::output,
        name_ + ": " +
            (held ? "another program writes this run; later may work" : std::strerror(errno)));
  }
}

void Journal::fail(const std::string& what, int error) {
  throw Error(Cause::output, name_ + ": " + what + ": " + std::strerror(error));
}

void Journal::take(JournalScan scan) {
  entries_.insert(entries_.end(), scan.entries.begin(), scan.entries.end());
  warnings_.insert(warnings_.end(), scan.warnings.begin(), scan.warnings.end());
  end_ = scan.whole;
  if (!entries_.empty()) sequence_ = entries_.back().sequence;
}

void Journal::recover() {
  std::ifstream in(path_, std::ios::binary);
  JournalScan scan = scan_journal(in, name_);
  const bool fresh = scan.whole == 0;
  recovered_ = static_cast<std::size_t>(scan.size - scan.whole);
  if (recovered_ > 0 && ::ftruncate(file_, static_cast<off_t>(scan.whole)) != 0)
    fail("cutting the torn tail", errno);
  take(std::move(scan));
  if (fresh) {
    const auto written = ::write(file_, journal_header.data(), journal_header.size());
    if (written != static_cast<ssize_t>(journal_header.size()))
      fail("writing the header", written < 0 ? errno : ENOSPC);
    end_ = journal_header.size();
  }
  if (fresh || recovered_ > 0) sync();
  if (fresh) sync_folder_of(path_);
}

void Journal::refresh() {
  if (writable()) return;
  std::ifstream in(path_, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(end_));
  take(scan_journal(in, name_, end_, sequence_));
}

std::int64_t Journal::append(std::string_view json) {
  if (!writable()) throw Error(Cause::internal, name_ + ": opened for reading");
  if (broken_) throw Error(Cause::output, name_ + ": an earlier write failed; open the run again");
  if (json.size() > longest_record || json.find('\n') != json.npos)
    throw Error(Cause::data, name_ + ": a record of " + std::to_string(json.size()) +
                                 " bytes; one line of at most 64 MiB is expected");
  const std::string line = journal_line(sequence_ + 1, json);
  ssize_t written = 0;
  do written = ::write(file_, line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(line.size())) {
    const int error = written < 0 ? errno : ENOSPC;  // a short write: no room for the rest
    broken_ = ::ftruncate(file_, static_cast<off_t>(end_)) != 0;
    fail("writing", error);
  }
  entries_.push_back({++sequence_, end_ + line.size() - json.size() - 1, json.size()});
  end_ += line.size();
  return sequence_;
}

void Journal::sync() {
  if (!writable()) return;
  if (::fdatasync(file_) == 0) return;
  broken_ = true;  // what is on the disk is not known: the kernel may have dropped the pages
  fail("sync", errno);
}

std::string Journal::json(const JournalEntry& entry) const {
  std::string text(entry.length, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const auto got = ::pread(file_, text.data() + done, text.size() - done,
                             static_cast<off_t>(entry.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error(Cause::no_input, name_ + ": it can't be read any more");
    done += static_cast<std::size_t>(got);
  }
  return text;
}

}  // namespace twin::store
