// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/beamline.h"

#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "process/child.h"
#include "stream/yaml.h"

namespace twin::app {

namespace {

constexpr process::Seconds program_patience{5};  // with its programs
constexpr double renewed_after = 0.25;           // of the time that the file holds

std::string first_word(const std::string& text) {
  const auto all = words(text);
  return all.empty() ? "" : std::string(all.front());
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

Beamline::Beamline(const record::Bounds& bounds) : bounds_(bounds) {
  if (!bounds.actuator.pv.empty()) pv_.emplace(bounds.actuator, bounds.safe_mode);
}

void Beamline::begin() {
  if (pv_) pv_->begin();
}

void Beamline::forget() {
  told_.reset();
  if (pv_) pv_->forget();
}

void Beamline::tell(const obey::Order& order, double now) {
  told_ = order;
  std::optional<Error> first;
  const auto each = [&](const auto& way) {
    try {
      way();
    } catch (const Error& error) {
      if (!first) first = error;
    }
  };
  each([&] { write_mode(now); });
  each([&] { run_program(order); });
  if (pv_) each([&] { pv_->tell(order.mode); });
  if (first) throw *first;
}

void Beamline::run_program(const obey::Order& order) const {
  if (bounds_.actuator.program.empty()) return;
  std::vector<std::string> argv = bounds_.actuator.program;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    replace_all(argv[i], "{mode}", order.mode);
    replace_all(argv[i], "{scan}", order.scan);
    replace_all(argv[i], "{every}", shortest(order.every_seconds));
  }
  const auto done = process::run({.argv = argv}, program_patience);
  if (done.ending.status == 0) return;
  throw Error(Cause::unavailable, printable(argv.front()) + ": status " +
                                      std::to_string(done.ending.status) + ": " +
                                      done.ending.last_lines);
}

void Beamline::renew(double now) {
  if (told_ && now - written_ > renewed_after * bounds_.actuator.file_seconds) write_mode(now);
}

std::optional<std::string> Beamline::mode() {
  const auto& actuator = bounds_.actuator;
  std::string word;
  try {
    if (!actuator.read_back_file.empty()) {
      word = first_word(read_regular_file(actuator.read_back_file, 1 << 16));
    } else if (!actuator.read_back_program.empty()) {
      const auto said = process::run({.argv = actuator.read_back_program}, program_patience);
      if (said.ending.status == 0) word = first_word(said.out);
    } else if (pv_) {
      return pv_->mode();
    }
  } catch (const Error&) {
    return std::nullopt;  // no answer: the gateway waits for one, and not for ever
  }
  return word.empty() ? std::nullopt : std::optional(std::move(word));
}

void Beamline::write_mode(double now) {
  written_ = now;
  if (bounds_.actuator.file.empty()) return;
  record::Value out{record::Value::Object{}};
  out.set("mode", told_->mode);
  out.set("scan", told_->scan);
  out.set("every", shortest(told_->every_seconds) + " s");
  out.set("until", utc_of(seconds_now() + bounds_.actuator.file_seconds));
  if (bounds_.simulated) out.set("simulated", true);
  write_file_atomically(bounds_.actuator.file, stream::dump_yaml(out));
}

}  // namespace twin::app
