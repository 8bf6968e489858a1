// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/labeller.h"

#include <cstdlib>
#include <optional>

#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "core/time.h"
#include "formats/extended_xyz.h"
#include "formats/read_trajectory.h"
#include "potential/cp2k.h"
#include "process/child.h"

namespace twin::app {

namespace {

using potential::Labels;
using potential::Unlabelled;

class Cp2k final : public Labeller {
 public:
  explicit Cp2k(double seconds) {
    settings_.seconds = seconds;
    version_ = potential::cp2k_version(settings_);
  }
  [[nodiscard]] std::string name() const override { return version_ + ", PBE"; }
  [[nodiscard]] Labels label(const Unlabelled& frame) override {
    return potential::label_by_cp2k(frame, settings_);
  }

 private:
  potential::Cp2kSettings settings_;
  std::string version_;
};

/// A program that answers frame by frame, kept for all of them.
class Command final : public Labeller {
 public:
  Command(std::vector<std::string> argv, std::string name, double seconds)
      : argv_(std::move(argv)), name_(std::move(name)), seconds_(seconds) {
    if (argv_.empty()) throw Error(Cause::usage, "--label: an empty command");
    if (process::find_program(argv_.front()).empty())
      throw Error(Cause::unavailable, printable(argv_.front()) + ": not found");
  }

  [[nodiscard]] std::string name() const override { return name_; }

  [[nodiscard]] Labels label(const Unlabelled& frame) override {
    if (!child_) child_.emplace(process::Launch{.argv = argv_, .niceness = 10});
    atoms::TrajectoryFrame asked;
    asked.cell = frame.cell;
    asked.positions = frame.positions;
    try {
      child_->write(formats::extended_xyz_text(frame.elements, asked), process::Seconds(seconds_));
      return labels_of(answer(frame.elements.size() + 2), frame);
    } catch (const Error& error) {
      // What it says next would be the answer to this frame.
      if (error.cause() != Cause::data || !in_step_) {
        child_.reset();
        lines_ = {};
      }
      throw;
    }
  }

 private:
  /// So many lines of its stdout.
  std::string answer(std::size_t count) {
    in_step_ = false;
    const double end = monotonic_seconds() + seconds_;
    std::string text;
    for (std::size_t have = 0; have < count;) {
      if (const auto line = lines_.next()) {
        text += *line + "\n";
        ++have;
        continue;
      }
      const auto chunk = child_->read(process::Seconds(0.5));
      if (interrupted() != 0) throw Error(Cause::unavailable, "interrupted");
      if (!chunk && !child_->timed_out()) ended();
      if (monotonic_seconds() > end)
        throw Error(Cause::unavailable, name_ + ": no answer in " + shortest(seconds_) + " s");
      if (chunk && chunk->channel == process::Channel::out) lines_.add(chunk->bytes);
    }
    return text;
  }

  [[noreturn]] void ended() {
    const auto ending = child_->wait(process::Seconds(5));
    child_.reset();
    throw Error(Cause::unavailable, name_ + ": ended with status " + std::to_string(ending.status) +
                                        "; it said: " + ending.last_lines);
  }

  Labels labels_of(const std::string& text, const Unlabelled& asked) {
    const auto reader = formats::parse_trajectory(text, name_ + ", stdout");
    const auto frame = reader->next();
    in_step_ = frame && reader->atoms().elements == asked.elements;
    if (!in_step_)
      throw Error(Cause::data, name_ + ": it answers with other atoms than it was given");
    if (const auto why = frame->notes.find("label_error"); why != frame->notes.end())
      throw Error(Cause::data, name_ + ": " + printable(why->second));
    if ((frame->positions - asked.positions).cwiseAbs().maxCoeff() > 1e-3)
      throw Error(Cause::data, name_ + ": it answers with other positions than it was given");
    if (!frame->energy_eV || !frame->forces)
      throw Error(Cause::data, name_ + ": no " + (frame->energy_eV ? "forces" : "energy") +
                                   " in its answer; energy=... and a column forces:R:3 are "
                                   "expected");
    if (const auto by = frame->notes.find("labelled_by"); by != frame->notes.end())
      name_ = printable(by->second);
    return {*frame->energy_eV, *frame->forces, frame->virial_eV};
  }

  std::vector<std::string> argv_;
  std::string name_;
  double seconds_;
  std::optional<process::Child> child_;
  process::LineBuffer lines_;
  bool in_step_ = true;
};

}  // namespace

std::unique_ptr<Labeller> labeller_of(const std::string& by, double seconds) {
  if (by == "cp2k") return std::make_unique<Cp2k>(seconds);
  if (by == "chgnet") {
    const char* const own = std::getenv("TWIN_CHGNET");
    const std::string python = own != nullptr && *own != '\0' ? own : "python3";
    return std::make_unique<Command>(
        std::vector<std::string>{python, shared_file("labellers/chgnet_labels.py")}, "CHGNet",
        seconds);
  }
  return std::make_unique<Command>(split_arguments(by), by, seconds);
}

}  // namespace twin::app
