// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/contained_trajectory.h"

#include <optional>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "formats/trajectory_file.h"
#include "sources/frame_message.h"
#include "sources/hdf5_voice.h"

namespace twin::sources {

namespace {

using Kind = Message::Kind;

constexpr double patience = 60;  // s

/// A child and what it says, message by message.
class Speaker {
 public:
  Speaker(int file, const std::string& how, const std::string& path)
      : voice_(printable(formats::file_of(path))),
        child_(hdf5_child_with(file, how, path, "", patience)) {}

  /// The next one; what has failed is thrown.
  Message next() {
    const double end = monotonic_seconds() + patience;
    while (true) {
      if (auto message = voice_.next()) {
        if (message->kind == Kind::failed) throw Error(Cause::data, message->body);
        return std::move(*message);
      }
      const auto chunk = child_.read(process::Seconds(end - monotonic_seconds()));
      if (!chunk) voice_.died(child_.timed_out() ? "gives no sign of life" : "has gone");
      voice_.add(*chunk);
    }
  }

  [[noreturn]] void nonsense() const { voice_.died("said what it was not asked for"); }

 private:
  Voice voice_;
  process::Child child_;
};

class ContainedH5md final : public formats::TrajectoryFile {
 public:
  ContainedH5md(int file, const std::string& path)
      : TrajectoryFile(printable(formats::file_of(path))), speaker_(file, "frames", path) {
    // What is wrong with the file as a whole is said when it is opened.
    first_ = speaker_.next();
  }

 private:
  std::optional<atoms::TrajectoryFrame> read() override {
    while (true) {
      const Message message = first_ ? *std::exchange(first_, std::nullopt) : speaker_.next();
      if (message.kind == Kind::frame) return decode_frame(message.body);
      if (message.kind == Kind::done) return std::nullopt;
      if (message.kind == Kind::text && warnings_.size() < 1000)
        warnings_.push_back(message.body);
      else if (message.kind == Kind::atoms)
        take(decode_atoms(message.body));
      else
        speaker_.nonsense();
    }
  }

  void take(FrameAtoms said) {
    atoms_ = std::move(said.atoms);
    origin_ = std::move(said.origin);
  }

  Speaker speaker_;
  std::optional<Message> first_;
};

std::vector<std::string> list_contained(int file, const std::string& path) {
  Speaker speaker(file, "list", path);
  std::vector<std::string> out;
  for (Message message = speaker.next(); message.kind != Kind::done; message = speaker.next()) {
    if (message.kind != Kind::text || out.size() >= (1u << 16) ||
        formats::file_of(message.body) != formats::file_of(printable(path)))
      speaker.nonsense();
    out.push_back(path + message.body.substr(printable(path).size()));
  }
  if (out.empty()) speaker.nonsense();
  return out;
}

}  // namespace

formats::H5mdAccess h5md_contained() {
  return {[](int file, const std::string& path) -> std::unique_ptr<atoms::TrajectoryReader> {
            return std::make_unique<ContainedH5md>(file, path);
          },
          list_contained};
}

}  // namespace twin::sources
