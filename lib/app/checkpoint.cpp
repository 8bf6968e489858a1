// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/checkpoint.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "md/bank.h"
#include "stream/json.h"

namespace twin::app {

using record::Value;

namespace {

constexpr const char* format = "twin-checkpoint/1";

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

Value encode(const md::Recording& recording) {
  Value out{Value::Object{}};
  out.set("format", format);
  out.set("key", recording.key);
  out.set("ensemble", recording.ensemble);
  out.set("thermostat", recording.thermostat);
  out.set("theta", recording.theta);
  out.set("a", recording.a);
  out.set("pressure_bar", recording.pressure_bar);
  out.set("factors", list(recording.factors));
  Value::Array replicas;
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
  if (member(document, "format").string() != format)
    throw Error(Cause::data, "no " + std::string(format));
  md::Recording out;
  out.key = member(document, "key").string();
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

}  // namespace

void Checkpoint::resume(md::Engine& engine) const {
  std::error_code error;
  if (path_.empty() || !std::filesystem::exists(path_, error)) return;
  try {
    engine.begin_at(decode(stream::parse_json(read_file(path_), printable(path_))));
  } catch (const Error& wrong) {
    if (wrong.cause() != Cause::data) throw;
    throw wrong.at(printable(path_));
  }
}

void Checkpoint::keep(const md::Engine& engine) {
  constexpr double apart = 30;  // s
  if (path_.empty() || monotonic_seconds() - saved_ < apart) return;
  save(engine);
}

void Checkpoint::save(const md::Engine& engine) {
  if (path_.empty()) return;
  const auto last = engine.last();
  if (!last) return;
  write_file_atomically(path_, stream::dump_json(encode(*last)) + "\n");
  saved_ = monotonic_seconds();
}

void Checkpoint::remove() const {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace twin::app
