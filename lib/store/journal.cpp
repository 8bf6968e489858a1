// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <istream>
#include <iterator>
#include <streambuf>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "store/aside.h"

namespace twin::store {

namespace {

constexpr std::uint64_t between_marks = std::uint64_t{1} << 16;  // bytes

Cause cause_of_open(int error) {
  return error == EACCES || error == EPERM ? Cause::permission : Cause::cannot_create;
}

/// The bytes of an open file from a place on, whoever else reads or appends there. What can't be
/// read is an error, and no end: nothing may be taken for a torn tail then.
class Bytes : public std::streambuf {
 public:
  Bytes(int file, std::uint64_t from, const std::string& name)
      : file_(file), at_(static_cast<off_t>(from)), name_(name) {}

 protected:
  std::streamsize xsgetn(char* to, std::streamsize most) override {
    ssize_t got = 0;
    do got = ::pread(file_, to, static_cast<std::size_t>(most), at_);
    while (got < 0 && errno == EINTR);
    if (got < 0) throw Error(Cause::no_input, name_ + ": reading: " + std::strerror(errno));
    at_ += got;
    return got;
  }

 private:
  int file_;
  off_t at_;
  const std::string& name_;
};

}  // namespace

Journal::Journal(std::string path, Mode mode)
    : path_(std::move(path)), name_(printable(path_)), mode_(mode) {
  do open();
  while (mode_ == Mode::write && !lock());
  if (mode_ == Mode::write)
    recover();
  else
    refresh();
}

Journal::Journal(Descriptor file, std::string name)
    : path_(std::move(name)), name_(printable(path_)), mode_(Mode::read), file_(std::move(file)) {
  refresh();
}

void Journal::open() {
  const bool write = mode_ == Mode::write;
  file_ = Descriptor(::open(
      path_.c_str(), write ? O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0666));
  if (!file_.open())
    throw Error(write ? cause_of_open(errno) : Cause::no_input,
                name_ + ": " + std::strerror(errno) + "; a journal is expected");
}

/// \return  false: it was pruned, or renamed, between opening and locking
bool Journal::lock() {
  while (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    const bool held = errno == EWOULDBLOCK;
    throw Error(
        held ? Cause::try_again : Cause::output,
        name_ + ": " +
            (held ? "another program writes this run; later may work" : std::strerror(errno)));
  }
  return is_still(file_.number(), path_);
}

void Journal::fail(const std::string& what, int error) {
  throw Error(Cause::output, name_ + ": " + what + ": " + std::strerror(error));
}

void Journal::note(const JournalEntry& entry) {
  if (marks_.empty() || entry.begin - marks_.back().offset >= between_marks)
    marks_.push_back({sequence_, entry.begin});
  sequence_ = entry.sequence;
  ++size_;
}

std::uint64_t Journal::take_in() {
  Bytes bytes(file_.number(), end_, name_);
  std::istream in(&bytes);
  JournalScan scan = scan_journal(in, name_, end_, sequence_, [this](const auto& entry, auto) {
    note(entry);
    return true;
  });
  std::ranges::move(scan.warnings, std::back_inserter(warnings_));
  end_ = scan.whole;
  return scan.size - scan.whole;
}

void Journal::recover() {
  recovered_ = static_cast<std::size_t>(take_in());
  const bool fresh = end_ == 0;
  if (recovered_ > 0 && ::ftruncate(file_.number(), static_cast<off_t>(end_)) != 0)
    fail("cutting the torn tail", errno);
  if (fresh) {
    const auto written = ::write(file_.number(), journal_header.data(), journal_header.size());
    if (written != static_cast<ssize_t>(journal_header.size()))
      fail("writing the header", written < 0 ? errno : ENOSPC);
    end_ = journal_header.size();
  }
  if (fresh || recovered_ > 0) sync();
  if (fresh) sync_folder_of(path_);
}

void Journal::refresh() {
  if (!writable()) (void)take_in();
}

std::int64_t Journal::append(std::string_view json) {
  if (!writable()) throw Error(Cause::internal, name_ + ": opened for reading");
  if (broken_) throw Error(Cause::output, name_ + ": an earlier write failed; open the run again");
  if (json.size() > longest_record || json.find('\n') != json.npos)
    throw Error(Cause::data, name_ + ": a record of " + std::to_string(json.size()) +
                                 " bytes; one line of at most 64 MiB is expected");
  const std::string line = journal_line(sequence_ + 1, json);
  ssize_t written = 0;
  do written = ::write(file_.number(), line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(line.size())) {
    const int error = written < 0 ? errno : ENOSPC;  // a short write: no room for the rest
    broken_ = ::ftruncate(file_.number(), static_cast<off_t>(end_)) != 0;
    fail("writing", error);
  }
  note({sequence_ + 1, end_, end_ + line.size()});
  end_ += line.size();
  return sequence_;
}

void Journal::sync() {
  if (!writable()) return;
  if (::fdatasync(file_.number()) == 0) return;
  broken_ = true;  // what is on the disk is not known: the kernel may have dropped the pages
  fail("sync", errno);
}

void Journal::visit(std::int64_t since,
                    const std::function<bool(std::int64_t, const std::string& json)>& visit) const {
  if (marks_.empty() || since >= sequence_) return;
  const auto behind = std::ranges::upper_bound(marks_, since, {}, &Mark::sequence);
  const Mark& mark = behind == marks_.begin() ? marks_.front() : *(behind - 1);
  std::int64_t sequence = mark.sequence;
  std::uint64_t offset = mark.offset;
  std::string text;
  while (sequence < sequence_) {
    Bytes bytes(file_.number(), offset, name_);
    std::istream in(&bytes);
    bool more = true;
    const std::int64_t before = sequence;
    (void)scan_journal(in, name_, offset, sequence, [&](const auto& entry, auto json) {
      if (entry.end > end_) return false;  // not taken in, or not known to be whole
      sequence = entry.sequence;
      offset = entry.end;
      if (sequence > since) more = visit(sequence, text.assign(json));
      return more;
    });
    if (!more) return;
    if (sequence == before) throw Error(Cause::no_input, name_ + ": it can't be read any more");
  }
}

std::string Journal::json(std::int64_t sequence) const {
  std::string found;
  visit(sequence - 1, [&](std::int64_t number, const std::string& json) {
    if (number == sequence) found = json;
    return false;
  });
  if (found.empty())
    throw Error(Cause::no_input,
                name_ + ": record " + std::to_string(sequence) + " is not there any more");
  return found;
}

}  // namespace twin::store
