// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/deepmd_system.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/npy.h"

namespace twin::formats {

namespace fs = std::filesystem;

namespace {

using ByFrame = DeepmdSystem::ByFrame;

/// The words of a text file.
std::vector<std::string> words_of(const std::string& path) {
  const std::string text = read_file(path, 64U << 20U);
  std::vector<std::string> out;
  for (const auto line : split(text, '\n'))
    for (const auto word : words(line.substr(0, line.find('\r')))) out.emplace_back(word);
  return out;
}

std::vector<std::string> elements_of(const std::string& folder) {
  const auto names = words_of(folder + "/type_map.raw");
  std::vector<std::string> elements;
  for (const std::string& type : words_of(folder + "/type.raw")) {
    const auto index = parse_integer(type);
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= names.size())
      throw Error(Cause::data, printable(folder) + "/type.raw: '" + printable(type) +
                                   "'; expected 0 to " + std::to_string(names.size()) +
                                   ", less one, as type_map.raw counts");
    elements.push_back(names[static_cast<std::size_t>(*index)]);
  }
  if (elements.empty()) throw Error(Cause::data, printable(folder) + "/type.raw: no atoms");
  return elements;
}

/// [frames × columns] of a file.
ByFrame read_rows(const std::string& path, Eigen::Index columns) {
  const NpyArray array = parse_npy(read_file(path), path);
  const auto size = static_cast<Eigen::Index>(array.values.size());
  const auto frames =
      array.shape.empty() ? Eigen::Index{0} : static_cast<Eigen::Index>(array.shape[0]);
  if (frames == 0 || size != frames * columns)
    throw Error(Cause::data, printable(path) + ": " + std::to_string(size) + " numbers of " +
                                 std::to_string(frames) + " frames; expected " +
                                 std::to_string(columns) + " a frame");
  return Eigen::Map<const ByFrame>(array.values.data(), frames, columns);
}

/// Puts \p rows behind what is there; the first set decides whether there is any.
void append(ByFrame& all, const ByFrame& rows) {
  ByFrame both(all.rows() + rows.rows(), rows.cols());
  both << all, rows;
  all = std::move(both);
}

std::vector<fs::path> sets_in(const std::string& folder) {
  std::vector<fs::path> sets;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with("set.")) sets.push_back(entry.path());
  std::ranges::sort(sets);
  if (sets.empty()) throw Error(Cause::no_input, printable(folder) + ": no set.000 in it");
  return sets;
}

/// One set of it.
DeepmdSystem read_set(const std::string& set, const std::vector<std::string>& elements) {
  const auto atoms = static_cast<Eigen::Index>(elements.size());
  DeepmdSystem out;
  out.box = read_rows(set + "/box.npy", 9);
  out.coordinates = read_rows(set + "/coord.npy", 3 * atoms);
  out.energy = read_rows(set + "/energy.npy", 1);
  out.forces = read_rows(set + "/force.npy", 3 * atoms);
  std::error_code ignored;
  if (fs::exists(set + "/virial.npy", ignored)) out.virial = read_rows(set + "/virial.npy", 9);
  if (fs::exists(set + "/temperature.npy", ignored))
    out.temperature = read_rows(set + "/temperature.npy", 1);
  const Eigen::Index frames = out.frames();
  if (out.coordinates.rows() != frames || out.energy.rows() != frames ||
      out.forces.rows() != frames || (out.virial && out.virial->rows() != frames) ||
      (out.temperature && out.temperature->rows() != frames))
    throw Error(Cause::data, printable(set) + ": its files are of different numbers of frames");
  for (Eigen::Index i = 0; i < frames; ++i)
    if (!(out.volume(i) > 1e-3))
      throw Error(Cause::data, printable(set) + "/box.npy: frame " + std::to_string(i) +
                                   ": the cell has no volume");
  return out;
}

NpyArray array_of(const ByFrame& rows) {
  return {{static_cast<std::size_t>(rows.rows()), static_cast<std::size_t>(rows.cols())},
          {rows.data(), rows.data() + rows.size()}};
}

NpyArray array_of(const Eigen::VectorXd& values) {
  return {{static_cast<std::size_t>(values.size())},
          {values.data(), values.data() + values.size()}};
}

}  // namespace

double DeepmdSystem::volume(Eigen::Index frame) const {
  Eigen::Matrix3d cell;
  for (Eigen::Index i = 0; i < 9; ++i) cell(i / 3, i % 3) = box(frame, i);
  return std::abs(cell.determinant());
}

DeepmdSystem read_deepmd_system(const std::string& folder) {
  DeepmdSystem all;
  const auto elements = elements_of(folder);
  for (const fs::path& path : sets_in(folder)) {
    DeepmdSystem set = read_set(path.string(), elements);
    if (all.frames() == 0) {
      all = std::move(set);
      continue;
    }
    append(all.box, set.box);
    append(all.coordinates, set.coordinates);
    append(all.forces, set.forces);
    Eigen::VectorXd energy(all.energy.size() + set.energy.size());
    energy << all.energy, set.energy;
    all.energy = std::move(energy);
    if (all.virial && set.virial)
      append(*all.virial, *set.virial);
    else
      all.virial.reset();
    if (all.temperature && set.temperature) {
      Eigen::VectorXd both(all.temperature->size() + set.temperature->size());
      both << *all.temperature, *set.temperature;
      all.temperature = std::move(both);
    } else {
      all.temperature.reset();
    }
  }
  all.elements = elements;
  return all;
}

void write_deepmd_system(const std::string& folder, const DeepmdSystem& system) {
  std::error_code error;
  const std::string set = folder + "/set.000";
  fs::create_directories(set, error);
  if (error) throw Error(Cause::cannot_create, printable(set) + ": " + error.message());
  std::vector<std::string> names;
  std::string types;
  for (const std::string& element : system.elements) {
    auto at = std::ranges::find(names, element);
    if (at == names.end()) at = names.insert(names.end(), element);
    types += std::to_string(at - names.begin()) + "\n";
  }
  write_file_atomically(folder + "/type.raw", types);
  write_file_atomically(folder + "/type_map.raw", join(names, "\n") + "\n");
  const auto put = [&](const char* name, const NpyArray& array) {
    write_file_atomically(set + "/" + name + ".npy", npy_bytes(array));
  };
  put("box", array_of(system.box));
  put("coord", array_of(system.coordinates));
  put("energy", array_of(system.energy));
  put("force", array_of(system.forces));
  if (system.virial) put("virial", array_of(*system.virial));
  if (system.temperature) put("temperature", array_of(*system.temperature));
}

std::vector<std::string> deepmd_systems_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  if (fs::exists(folder + "/type.raw", error)) out.push_back(folder);
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_directory(error) && fs::exists(at->path() / "type.raw", error))
      out.push_back(at->path().string());
  }
  std::ranges::sort(out);
  if (out.empty())
    throw Error(Cause::no_input, printable(folder) +
                                     ": no training frames in it; folders with type.raw and "
                                     "set.000 are expected");
  return out;
}

}  // namespace twin::formats
