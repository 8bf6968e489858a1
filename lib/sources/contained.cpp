// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/contained.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "core/descriptor.h"
#include "core/text.h"
#include "core/time.h"
#include "formats/limits.h"
#include "process/child.h"
#include "sources/file_passing.h"
#include "sources/hdf5_voice.h"
#include "sources/scan_message.h"

namespace twin::sources {

namespace {

using Kind = Message::Kind;

/// A child that was begun before there was a file for it.
class Ready {
 public:
  static Ready& one() {
    static Ready ready;
    return ready;
  }

  void keep() { wanted_ = true; }

  /// It, with the file, or another one.
  process::Child child_for(int file, const std::string& name, double seconds) {
    if (!wanted_) return hdf5_child_with(file, "read", name, "", seconds);  // from any thread
    auto waiting = std::exchange(waiting_, std::nullopt);
    if (waiting && pass_file(waiting->socket.number(), file, shortest(seconds) + " " + name))
      return std::move(waiting->child);
    return hdf5_child_with(file, "read", name, "", seconds);
  }

  /// The next one, if any is wanted.
  void prepare() {
    if (!wanted_ || waiting_) return;
    try {
      auto [ours, theirs] = socket_pair();
      waiting_ = Waiting{std::move(ours), hdf5_child_with(theirs.number(), "wait", "", "", 0)};
    } catch (const Error&) {
      wanted_ = false;  // whoever needs one will say what is wrong
    }
  }

 private:
  struct Waiting {
    Descriptor socket;
    process::Child child;
  };
  std::optional<Waiting> waiting_;
  bool wanted_ = false;
};

/// What a message means to who reads a file at once. \return  true when it is the last one
bool took(const Message& message, Voice& voice, const std::string& name,
          std::vector<formats::ScanFile>& scans, std::vector<Error>* refused) {
  switch (message.kind) {
    case Kind::scan:
      scans.push_back(voice.scan(message.body));
      return false;
    case Kind::refused:
      if (!refused) throw Error(Cause::data, message.body);
      if (refused->size() < 1000) refused->emplace_back(Cause::data, message.body);
      return false;
    case Kind::open:
      throw Error(Cause::try_again, message.body);
    case Kind::failed:
      throw Error(Cause::data, message.body);
    case Kind::done:
      return true;
    default:
      break;
  }
  throw Error(Cause::data, name + ": its reader said what it was not asked for");
}

}  // namespace

std::vector<formats::ScanFile> read_contained(int file, const std::string& path,
                                              std::vector<Error>* refused,
                                              const Containment& containment) {
  const std::string name = printable(path);
  struct stat status {};
  (void)::fstat(file, &status);
  const double more = std::min(static_cast<double>(status.st_size) / 20e6, 100.0);
  const double seconds = containment.patience + more;
  const double end = monotonic_seconds() + seconds + 2;  // it says by itself where it was
  process::Child child = containment.program.empty()
                             ? Ready::one().child_for(file, name, seconds)
                             : hdf5_child_with(file, "read", name, containment.program, seconds);
  child.close_input();
  Voice voice(name);
  std::vector<formats::ScanFile> scans;
  bool done = false;
  while (const auto chunk = child.read(process::Seconds(end - monotonic_seconds()))) {
    voice.add(*chunk);
    if (monotonic_seconds() > end) voice.died("came to no end within " + shortest(seconds) + " s");
    while (const auto message = voice.next()) {
      if (done) voice.died("went on behind its end");
      done = took(*message, voice, name, scans, refused);
    }
  }
  if (child.timed_out()) voice.died("came to no end within " + shortest(seconds) + " s");
  const auto ending = child.wait(process::Seconds(2));
  if (!done || ending.status != 0)
    voice.died(ending.signal != 0 ? "was killed by signal " + std::to_string(ending.signal)
                                  : "left with status " + std::to_string(ending.status));
  if (scans.empty() && (!refused || refused->empty())) voice.died("found nothing");
  Ready::one().prepare();
  return scans;
}

void keep_hdf5_child_ready() { Ready::one().keep(); }

struct FollowedHdf5::State {
  State(std::string where, const Containment& containment)
      : path(std::move(where)), name(printable(path)), voice(name) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file.open()) throw Error(Cause::no_input, name + ": " + std::strerror(errno));
    child.emplace(hdf5_child_with(file.number(), "follow", name, containment.program, 0));
    patience = containment.patience;
    heard = monotonic_seconds();
  }

  std::string path, name;
  Voice voice;
  std::optional<process::Child> child;
  double patience = 0, heard = 0;
  long long points = 0;
  bool ended = false;

  void take(const Message& message, std::vector<formats::ScanFile>& scans) {
    heard = monotonic_seconds();
    if (message.kind == Kind::scan) {
      scans.push_back(voice.scan(message.body));
      scans.back().sha256 = formats::sum_of_numbers(scans.back());
    } else if (message.kind == Kind::alive) {
      points = parse_integer(message.body).value_or(0);
    } else if (message.kind == Kind::done) {
      ended = true;
    } else {
      throw Error(Cause::data, message.body.empty() ? name + ": nonsense" : message.body);
    }
  }
};

FollowedHdf5::FollowedHdf5(std::string path, Containment containment)
    : state_(std::make_unique<State>(std::move(path), containment)) {}
FollowedHdf5::~FollowedHdf5() = default;
FollowedHdf5::FollowedHdf5(FollowedHdf5&&) noexcept = default;
FollowedHdf5& FollowedHdf5::operator=(FollowedHdf5&&) noexcept = default;

std::vector<formats::ScanFile> FollowedHdf5::take() {
  State& state = *state_;
  std::vector<formats::ScanFile> scans;
  while (!state.ended) {
    const auto chunk = state.child->read(process::Seconds(0));
    if (!chunk && !state.child->timed_out()) {
      state.ended = true;
      state.voice.died("has gone");
    }
    if (!chunk) break;
    state.voice.add(*chunk);
    while (const auto message = state.voice.next()) state.take(*message, scans);
  }
  if (!state.ended && monotonic_seconds() - state.heard > state.patience) {
    state.ended = true;
    state.voice.died("gives no sign of life");
  }
  return scans;
}

bool FollowedHdf5::ended() const { return state_->ended; }
long long FollowedHdf5::points() const { return state_->points; }
int FollowedHdf5::descriptor() const { return state_->ended ? -1 : state_->child->output(); }

}  // namespace twin::sources
