// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/trajectories.h"

#include <sys/stat.h>

#include <Eigen/LU>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "atoms/crystal.h"
#include "atoms/trajectory.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "formats/extended_xyz.h"
#include "formats/read_trajectory.h"
#include "md/plan.h"
#include "sources/contained_trajectory.h"

namespace twin::app {

namespace {

constexpr std::string_view text_ending = ".xyz";

/// What changes when a file does.
struct Mark {
  off_t size = 0;
  ino_t node = 0;
  timespec time{};

  explicit Mark(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return;
    size = status.st_size;
    node = status.st_ino;
    time = status.st_mtim;
  }
  [[nodiscard]] bool is(const Mark& other) const {
    return size == other.size && node == other.node && time.tv_sec == other.time.tv_sec &&
           time.tv_nsec == other.time.tv_nsec;
  }
};

}  // namespace

std::vector<md::Source> sources_of(const std::vector<std::string>& files) {
  std::vector<md::Source> out;
  for (const auto& file : files)
    for (const auto& trajectory : formats::trajectories_in(file, sources::h5md_contained())) {
      const std::string path = formats::file_of(trajectory);
      out.push_back({printable(trajectory), [trajectory, path, mark = Mark(path)] {
                       if (!mark.is(Mark(path)))
                         throw Error(
                             Cause::try_again,
                             printable(path) + ": it changed while it was read; later may work");
                       return formats::open_trajectory(trajectory, sources::h5md_contained());
                     }});
    }
  return out;
}

std::vector<std::string> files_of(const std::vector<std::string>& trajectories) {
  std::vector<std::string> out;
  for (const auto& trajectory : trajectories) out.push_back(formats::file_of(trajectory));
  return out;
}

TrajectoryRecorder::TrajectoryRecorder(std::string path, const record::ModelRecord& record)
    : path_(std::move(path)),
      record_(record),
      text_(path_.ends_with(text_ending)),
      species_(atoms::elements(record::running(record.model).structure)) {}

void TrajectoryRecorder::begin_store(const md::Sample& sample) {
  const record::Model& model = record_.model;
  store::TrajectoryHeader header;
  header.elements = elements_;
  header.replicas = static_cast<std::size_t>(model.run.replicas);
  header.potential = md::potential_of(model);
  header.thermostat = sample.thermostat;
  header.seed = model.seed;
  header.model = record_.header.id;
  writer_ = std::make_unique<store::TrajectoryWriter>(path_, header);
}

void TrajectoryRecorder::take_text(const md::Sample& sample) {
  std::ofstream& file = files_[sample.replica];
  const std::string path = path_.substr(0, path_.size() - text_ending.size()) + "." +
                           std::to_string(sample.replica + 1) + std::string(text_ending);
  if (!file.is_open()) {
    file.open(path, std::ios::trunc);
    if (!file) throw Error(Cause::cannot_create, printable(path) + ": " + std::strerror(errno));
  }
  const atoms::Frame& frame = sample.frame;
  atoms::TrajectoryFrame out;
  out.cell = frame.cell;
  out.positions = frame.positions;
  out.step = sample.step;
  out.time_ps = static_cast<double>(sample.step) * record_.model.run.timestep_fs * 1e-3;
  out.temperature = sample.temperature;
  out.energy_eV = sample.energy_eV;
  const double work = sample.virial_bar * std::abs(frame.cell.determinant()) * eV_per_bar_A3;
  out.virial_eV = work * Eigen::Matrix3d::Identity();
  file << formats::extended_xyz_text(elements_, out) << std::flush;
  if (!file) throw Error(Cause::output, printable(path) + ": " + std::strerror(errno));
}

void TrajectoryRecorder::take(const md::Sample& sample) {
  const record::Model& model = record_.model;
  if (elements_.empty())
    for (const int species : sample.frame.species)
      elements_.push_back(species_.at(static_cast<std::size_t>(species)));
  if (text_) {
    take_text(sample);
    return;
  }
  if (!writer_) begin_store(sample);
  positions_.resize(static_cast<std::size_t>(sample.frame.positions.size()));
  for (Eigen::Index i = 0; i < sample.frame.positions.rows(); ++i)
    for (Eigen::Index axis = 0; axis < 3; ++axis)
      positions_[static_cast<std::size_t>(3 * i + axis)] = sample.frame.positions(i, axis);
  store::TrajectoryInstant instant;
  instant.step = sample.step;
  instant.time_ps = static_cast<double>(sample.step) * model.run.timestep_fs * 1e-3;
  for (std::size_t i = 0; i < 9; ++i)
    instant.cell[i] =
        sample.frame.cell(static_cast<Eigen::Index>(i / 3), static_cast<Eigen::Index>(i % 3));
  instant.positions = positions_;
  instant.temperature = sample.temperature;
  instant.energy_eV = sample.energy_eV;
  instant.virial_bar = sample.virial_bar;
  writer_->append(static_cast<std::size_t>(sample.replica), instant);
}

void TrajectoryRecorder::finish(const std::string& ensemble) {
  if (writer_) writer_->finish(ensemble);
}

}  // namespace twin::app
