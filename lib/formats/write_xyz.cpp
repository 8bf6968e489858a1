// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"
#include "formats/extended_xyz.h"

namespace twin::formats {

namespace {

/// Blanks between, row by row.
std::string tensor_text(const Eigen::Matrix3d& tensor) {
  std::string text;
  for (Eigen::Index i = 0; i < 3; ++i)
    for (Eigen::Index j = 0; j < 3; ++j) text += (text.empty() ? "" : " ") + shortest(tensor(i, j));
  return text;
}

std::string quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string extended_xyz_text(const std::vector<std::string>& elements,
                              const atoms::TrajectoryFrame& frame) {
  std::string text = std::to_string(elements.size()) + "\nLattice=\"" + tensor_text(frame.cell) +
                     "\" Properties=species:S:1:pos:R:3" + (frame.forces ? ":forces:R:3" : "");
  if (frame.energy_eV) text += " energy=" + shortest(*frame.energy_eV);
  if (frame.virial_eV) text += " virial=\"" + tensor_text(*frame.virial_eV) + "\"";
  if (frame.temperature) text += " temperature=" + shortest(*frame.temperature);
  if (frame.time_ps) text += " time_ps=" + shortest(*frame.time_ps);
  if (frame.step) text += " step=" + std::to_string(*frame.step);
  for (const auto& [key, value] : frame.notes) text += " " + key + "=" + quoted(value);
  text += " pbc=\"T T T\"\n";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    text += elements[i];
    for (Eigen::Index axis = 0; axis < 3; ++axis)
      text += " " + shortest(frame.positions(row, axis));
    for (Eigen::Index axis = 0; frame.forces && axis < 3; ++axis)
      text += " " + shortest((*frame.forces)(row, axis));
    text += "\n";
  }
  return text;
}

}  // namespace twin::formats
