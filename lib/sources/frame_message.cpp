// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/frame_message.h"

#include "sources/wire.h"

namespace twin::sources {

namespace {

constexpr std::size_t most_atoms = std::size_t{1} << 24;

template <typename Number>
void put_optional(std::string& out, const std::optional<Number>& number) {
  put(out, std::uint8_t{number.has_value()});
  put(out, number.value_or(Number{}));
}

template <typename Number>
std::optional<Number> take_optional(Cutter& in) {
  const bool there = in.number<std::uint8_t>() != 0;
  const auto number = in.number<Number>();
  return there ? std::optional(number) : std::nullopt;
}

void expect_end(const Cutter& in) {
  if (!in.empty()) refuse_message("bytes behind it");
}

}  // namespace

std::string encode_frame(const atoms::TrajectoryFrame& frame) {
  std::string out;
  for (Eigen::Index i = 0; i < 9; ++i) put(out, frame.cell(i / 3, i % 3));
  put(out, static_cast<std::uint64_t>(frame.positions.rows()));
  out.append(reinterpret_cast<const char*>(frame.positions.data()),
             static_cast<std::size_t>(frame.positions.size()) * sizeof(double));
  put_optional(out, frame.step);
  for (const auto& value : {frame.time_ps, frame.temperature, frame.energy_eV, frame.virial_bar})
    put_optional(out, value);
  return out;
}

atoms::TrajectoryFrame decode_frame(std::string_view body) {
  Cutter in(body);
  atoms::TrajectoryFrame frame;
  for (Eigen::Index i = 0; i < 9; ++i) frame.cell(i / 3, i % 3) = in.number<double>();
  const std::size_t count = in.count(most_atoms);
  const auto numbers = in.bytes(3 * count * sizeof(double));
  frame.positions.resize(static_cast<Eigen::Index>(count), 3);
  if (count > 0) std::memcpy(frame.positions.data(), numbers.data(), numbers.size());
  frame.step = take_optional<std::int64_t>(in);
  for (auto* value : {&frame.time_ps, &frame.temperature, &frame.energy_eV, &frame.virial_bar})
    *value = take_optional<double>(in);
  expect_end(in);
  return frame;
}

std::string encode_atoms(const FrameAtoms& atoms) {
  std::string out;
  put(out, static_cast<std::uint64_t>(atoms.atoms.elements.size()));
  for (const auto& element : atoms.atoms.elements) put_text(out, element);
  put(out, static_cast<std::uint64_t>(atoms.atoms.kinds.size()));
  for (const int kind : atoms.atoms.kinds) put(out, static_cast<std::int64_t>(kind));
  put_text(out, atoms.origin.potential);
  put_text(out, atoms.origin.ensemble);
  put_optional(out, atoms.origin.thermostat);
  put_optional(out, atoms.origin.seed);
  return out;
}

FrameAtoms decode_atoms(std::string_view body) {
  Cutter in(body);
  FrameAtoms out;
  for (std::size_t left = in.count(most_atoms); left > 0; --left)
    out.atoms.elements.push_back(in.text());
  for (std::size_t left = in.count(most_atoms); left > 0; --left)
    out.atoms.kinds.push_back(static_cast<int>(in.number<std::int64_t>()));
  out.origin.potential = in.text();
  out.origin.ensemble = in.text();
  out.origin.thermostat = take_optional<double>(in);
  out.origin.seed = take_optional<std::int64_t>(in);
  expect_end(in);
  if (out.origin.thermostat && !std::isfinite(*out.origin.thermostat))
    refuse_message("a temperature that is not finite");
  return out;
}

}  // namespace twin::sources
