// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/time.h"
#include "md/bank.h"
#include "stream/json.h"

namespace twin::app {

using record::Value;

namespace {

constexpr const char* format = "twin-checkpoint/2";

template <typename Numbers>
Value list(const Numbers& numbers) {
  Value::Array out;
  for (const double x : numbers) out.emplace_back(x);
  return out;
}

const Value& member(const Value& of, const char* key) {
  const Value* found = of.find(key);
  if (found == nullptr) throw Error(Cause::data, std::string(key) + " is missing");
  return *found;
}

/// \param size  so many; any number where it is 0
std::vector<double> numbers(const Value& of, const char* key, std::size_t size = 0) {
  std::vector<double> out;
  for (const Value& x : member(of, key).array()) out.push_back(x.number());
  if (size != 0 && out.size() != size)
    throw Error(Cause::data, std::string(key) + ": " + std::to_string(out.size()) +
                                 " numbers; expected " + std::to_string(size));
  return out;
}

/// \param produced  frames of each replica that FILE.frames has
Value encode(const md::Recording& recording, std::size_t produced) {
  Value out{Value::Object{}};
  out.set("format", format);
  out.set("produced", static_cast<double>(produced));
  out.set("begun", recording.begun);
  out.set("key", recording.key);
  out.set("target", recording.target);
  out.set("ensemble", recording.ensemble);
  out.set("thermostat", recording.thermostat);
  out.set("theta", recording.theta);
  out.set("a", recording.a);
  out.set("pressure_bar", recording.pressure_bar);
  out.set("factors", list(recording.factors));
  Value::Array moving, replicas;
  for (const std::string& name : recording.moving) moving.emplace_back(name);
  out.set("moving", std::move(moving));
  for (const auto& frames : recording.replicas) {
    const md::KeptFrame& frame = frames.back();
    const Eigen::Matrix<float, Eigen::Dynamic, 3, Eigen::RowMajor> positions = frame.positions;
    const Eigen::Matrix<double, 3, 3, Eigen::RowMajor> cell = frame.cell;
    Value one{Value::Object{}};
    one.set("cell", list(cell.reshaped<Eigen::RowMajor>()));
    one.set("positions", list(positions.reshaped<Eigen::RowMajor>()));
    replicas.push_back(std::move(one));
  }
  out.set("replicas", std::move(replicas));
  return out;
}

md::Recording decode(const Value& document) {
  md::Recording out;
  out.key = member(document, "key").string();
  out.target = member(document, "target").string();
  out.begun = static_cast<int>(member(document, "begun").number());
  for (const Value& name : member(document, "moving").array()) out.moving.push_back(name.string());
  out.ensemble = member(document, "ensemble").string();
  out.start = "restart";
  out.thermostat = member(document, "thermostat").number();
  out.theta = member(document, "theta").number();
  out.a = member(document, "a").number();
  out.pressure_bar = member(document, "pressure_bar").number();
  out.factors = numbers(document, "factors");
  for (const Value& one : member(document, "replicas").array()) {
    const auto cell = numbers(one, "cell", 9), positions = numbers(one, "positions");
    if (positions.empty() || positions.size() % 3 != 0)
      throw Error(Cause::data, "positions: expected three numbers an atom");
    md::KeptFrame frame;
    frame.cell = Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(cell.data());
    frame.positions = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>>(
                          positions.data(), static_cast<Eigen::Index>(positions.size() / 3), 3)
                          .cast<float>();
    out.replicas.push_back({std::move(frame)});
  }
  return out;
}

/// A line with the run, one with its sum: who has changed a digit of it is seen.
std::string text_of(const Value& document) {
  const std::string line = stream::dump_json(document);
  Value sum{Value::Object{}};
  sum.set("sha256", sha256(line));
  return line + "\n" + stream::dump_json(sum) + "\n";
}

Value document_of(const std::string& text, const std::string& name) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  Value document = stream::parse_json(text.substr(0, end), name);
  if (const Value* of = document.find("format"); of == nullptr || of->string() != format)
    throw Error(Cause::data, name + ": it is no " + std::string(format));
  const Value sum = stream::parse_json(text.substr(end), name);
  if (member(sum, "sha256").string() != sha256(text.substr(0, end)))
    throw Error(Cause::data, name + ": its sum is not that of its content");
  return document;
}

std::string name_of_frames(const std::string& path) { return path + ".frames"; }

}  // namespace

Checkpoint::Checkpoint(std::string path, double apart_s)
    : path_(std::move(path)), apart_s_(apart_s), frames_(name_of_frames(path_)) {}

void Checkpoint::resume(md::Engine& engine) {
  std::error_code error;
  if (path_.empty() || !std::filesystem::exists(path_, error)) return;
  md::Recording last;
  std::size_t produced = 0;
  try {
    const Value document = document_of(read_file(path_), printable(path_));
    last = decode(document);
    produced = static_cast<std::size_t>(std::max(0.0, member(document, "produced").number()));
  } catch (const Error& wrong) {
    if (wrong.cause() != Cause::data) throw;
    throw Error(Cause::data, std::string(wrong.what()) +
                                 "; expected what --checkpoint wrote. Without the file the run "
                                 "begins anew");
  }
  const std::size_t whole = frames_.open(last.target, produced);
  if (whole < produced)
    cli::warning(printable(name_of_frames(path_)) + ": of " + std::to_string(produced) +
                 " frames a replica " + std::to_string(whole) +
                 " are whole: the run goes on from there");
  if (whole > 0) {
    FrameFile::Round round = frames_.round(whole - 1);
    last.replicas.clear();
    for (FrameFile::Produced& one : round) last.replicas.push_back({std::move(one.frame)});
  }
  engine.begin_at(std::move(last), {whole, [this, whole](const md::Earlier::Take& take) {
                                      frames_.read(whole, take);
                                    }});
}

void Checkpoint::begin() {
  pending_.clear();
  last_round_.clear();
  earlier_ = held_ = named_ = 0;
  written_ = refused_ = given_up_ = false;
}

void Checkpoint::take(const md::Sample& sample) {
  if (path_.empty() || given_up_) return;
  const auto replica = static_cast<std::size_t>(sample.replica);
  if (sample.earlier) {
    written_ = true;
    if (replica == 0) named_ = held_ = ++earlier_;
    return;
  }
  if (pending_.size() <= replica) pending_.resize(replica + 1);
  pending_[replica].push_back(
      {sample.step,
       {sample.frame.positions.cast<float>(), sample.frame.cell, sample.temperature,
        sample.energy_eV, sample.virial_bar, sample.force_deviation, sample.slopes_eV}});
}

void Checkpoint::keep(md::Engine& engine) {
  if (path_.empty() || monotonic_seconds() - saved_ < apart_s_) return;
  save(engine);
}

void Checkpoint::save(md::Engine& engine) {
  if (path_.empty() || given_up_) return;
  auto last = engine.last();
  if (!last) return;
  saved_ = monotonic_seconds();
  try {
    write(engine, std::move(*last));
    refused_ = false;
  } catch (const Error& error) {
    if (error.cause() != Cause::output && error.cause() != Cause::cannot_create) throw;
    constexpr std::size_t most = std::size_t{256} << 20;
    given_up_ = whole_rounds() * frames_.round_size() > most;
    if (given_up_) pending_.clear();
    if (!std::exchange(refused_, true) || given_up_)
      cli::warning(std::string(error.what()) + ": what is run from here on can't be gone on with" +
                   (given_up_ ? "" : " until there is room; the run itself goes on"));
  }
}

/// Of frames that are to be written.
std::size_t Checkpoint::whole_rounds() const {
  std::size_t rounds = pending_.empty() ? 0 : pending_.front().size();
  for (const auto& frames : pending_) rounds = std::min(rounds, frames.size());
  return rounds;
}

void Checkpoint::write(md::Engine& engine, md::Recording last) {
  if (pending_.size() == last.replicas.size() && whole_rounds() > 0)
    write_frames(engine, last.target);
  else if (held_ > 0 && named_ == held_)
    return;  // there is nothing new
  for (std::size_t i = 0; i < last_round_.size(); ++i) last.replicas[i] = {last_round_[i].frame};
  write_file_atomically(path_, text_of(encode(last, held_)));
  written_ = true;
  named_ = held_;
}

/// All whole rounds that there are.
void Checkpoint::write_frames(md::Engine& engine, const std::string& target) {
  std::vector<FrameFile::Round> rounds(whole_rounds());
  for (std::size_t i = 0; i < rounds.size(); ++i)
    for (const auto& frames : pending_) rounds[i].push_back(frames[i]);
  if (held_ == 0) {
    engine.forget_earlier();
    // One of another run counts on the frames that are there.
    if (!std::exchange(written_, true)) std::filesystem::remove(path_);
    frames_.begin(target, rounds.front());
  }
  frames_.append(held_, rounds);
  held_ += rounds.size();
  last_round_ = std::move(rounds.back());
  for (auto& frames : pending_)
    frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(rounds.size()));
}

void Checkpoint::remove() const {
  std::error_code ignored;
  if (path_.empty()) return;
  std::filesystem::remove(path_, ignored);
  frames_.remove();
}

}  // namespace twin::app
