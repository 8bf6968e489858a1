// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/trajectory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "store/growing.h"

namespace twin::store {

using hdf5::Growing;
using hdf5::Handle;
using Kind = Growing::Kind;

namespace {

constexpr double nm_per_A = 0.1, pascal_per_bar = 1e5;
constexpr double kJ_per_mol_eV = 96.48533212331;  // of 1 eV a particle; CODATA 2018, exact

void write_metadata(const Handle& file) {
  const Handle h5md = hdf5::create_plain_group(file, "h5md");
  hdf5::set_integers(h5md, "version", {1, 1});
  hdf5::set_fixed_text(hdf5::create_plain_group(h5md, "author"), "name", "not told");
  const Handle creator = hdf5::create_plain_group(h5md, "creator");
  hdf5::set_fixed_text(creator, "name", "twin-simulate");
  hdf5::set_fixed_text(creator, "version", TWINLINE_VERSION);
  const Handle modules = hdf5::create_plain_group(h5md, "modules");
  const Handle units = hdf5::create_plain_group(modules, "units");
  hdf5::set_integers(units, "version", {1, 0});
  hdf5::set_fixed_text(units, "system", "SI");
  hdf5::set_integers(hdf5::create_plain_group(modules, "thermodynamics"), "version", {1, 0});
}

Handle write_parameters(const Handle& file, const TrajectoryHeader& header) {
  const Handle all = hdf5::create_plain_group(file, "parameters");
  Handle group = hdf5::create_plain_group(all, "twin-simulate");
  hdf5::write_text(group, "potential", header.potential);
  hdf5::write_text(group, "model", header.model);
  hdf5::write_number(group, "thermostat", header.thermostat, "K");
  hdf5::write_integer(group, "seed", header.seed);
  return group;
}

void write_species(const Handle& group, const std::vector<std::string>& elements) {
  std::vector<std::string> names;
  std::vector<int> values;
  for (const auto& element : elements) {
    const auto at = std::ranges::find(names, element);
    values.push_back(static_cast<int>(at - names.begin()));
    if (at == names.end()) names.push_back(element);
  }
  hdf5::write_named(group, "species", values, names);
}

/// One replica: its element of H5MD with the steps and times, and all those that share them.
class Replica {
 public:
  Replica(const Handle& particles, const Handle& observables, const std::string& name,
          const std::vector<std::string>& elements)
      : count_(elements.size()) {
    const Handle group = hdf5::create_plain_group(particles, name);
    write_species(group, elements);
    position_ = hdf5::create_plain_group(group, "position");
    step_ = Growing(position_, "step", Kind::integers, {}, "");
    time_ = Growing(position_, "time", Kind::numbers, {}, "ps");
    positions_ = Growing(position_, "value", Kind::numbers, {count_, 3}, "nm");
    const Handle box = hdf5::create_plain_group(group, "box");
    hdf5::set_integer(box, "dimension", 3);
    hdf5::set_fixed_texts(box, "boundary", {"periodic", "periodic", "periodic"});
    edges_ = element(box, "edges", {3, 3}, "nm");
    const Handle seen = hdf5::create_plain_group(observables, name);
    hdf5::set_integer(seen, "dimension", 3);
    hdf5::write_integer(seen, "particle_number", static_cast<std::int64_t>(count_));
    temperature_ = element(seen, "temperature", {}, "K");
    energy_ = element(seen, "potential_energy", {}, "kJ mol-1");
    virial_ = element(seen, "virial_pressure", {}, "Pa");
  }

  void append(const TrajectoryInstant& instant) {
    if (instant.positions.size() != 3 * count_)
      throw Error(Cause::internal, "trajectory: " + std::to_string(instant.positions.size()) +
                                       " coordinates of " + std::to_string(count_) + " atoms");
    numbers_.assign(instant.positions.begin(), instant.positions.end());
    for (double& x : numbers_) x *= nm_per_A;
    std::array<double, 9> cell = instant.cell;
    for (double& x : cell) x *= nm_per_A;
    const double energy = instant.energy_eV / static_cast<double>(count_) * kJ_per_mol_eV,
                 virial = instant.virial_bar * pascal_per_bar;
    // The positions last: a row of theirs has all that belongs to it.
    temperature_.append(&instant.temperature);
    energy_.append(&energy);
    virial_.append(&virial);
    edges_.append(cell.data());
    step_.append(&instant.step);
    time_.append(&instant.time_ps);
    positions_.append(numbers_.data());
  }

 private:
  Growing element(const Handle& parent, const std::string& name, std::vector<std::size_t> row,
                  const std::string& unit) {
    const Handle group = hdf5::create_plain_group(parent, name);
    hdf5::link(position_, "step", group, "step");
    hdf5::link(position_, "time", group, "time");
    return {group, "value", Kind::numbers, std::move(row), unit};
  }

  std::size_t count_;
  Handle position_;
  Growing step_, time_, positions_, edges_, temperature_, energy_, virial_;
  std::vector<double> numbers_;
};

void sync(const std::string& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.open() || ::fsync(file.number()) != 0)
    throw Error(Cause::output, printable(path) + ": " + std::strerror(errno));
}

}  // namespace

struct TrajectoryWriter::State {
  std::string path, part;
  Handle file, parameters;
  std::vector<Replica> replicas;
  double flush_every = 0.0, flushed = 0.0;  // seconds
};

TrajectoryWriter::TrajectoryWriter(const std::string& path, const TrajectoryHeader& header,
                                   double flush_every)
    : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->part = path + ".part";
  state_->flush_every = flush_every;
  std::error_code ignored;
  if (std::filesystem::exists(state_->part, ignored))
    throw Error(Cause::cannot_create,
                printable(state_->part) +
                    ": it is there already, of a run that was cut or still runs; another name, or "
                    "that file moved away, is expected");
  const auto lock = hdf5::enter();
  try {
    state_->file = hdf5::create_growing_file(state_->part);
  } catch (const Error& error) {
    throw Error(Cause::cannot_create, error.what());
  }
  write_metadata(state_->file);
  state_->parameters = write_parameters(state_->file, header);
  const Handle particles = hdf5::create_plain_group(state_->file, "particles"),
               observables = hdf5::create_plain_group(state_->file, "observables");
  for (std::size_t i = 0; i < header.replicas; ++i)
    state_->replicas.emplace_back(particles, observables, "replica" + std::to_string(i + 1),
                                  header.elements);
  hdf5::flush(state_->file);
  state_->flushed = monotonic_seconds();
}

TrajectoryWriter::~TrajectoryWriter() {
  if (!state_) return;
  const auto lock = hdf5::enter();
  state_.reset();
}

void TrajectoryWriter::append(std::size_t replica, const TrajectoryInstant& instant) {
  if (replica >= state_->replicas.size())
    throw Error(Cause::internal, "trajectory: no replica " + std::to_string(replica + 1));
  const auto lock = hdf5::enter();
  try {
    state_->replicas[replica].append(instant);
    if (monotonic_seconds() < state_->flushed + state_->flush_every) return;
    hdf5::flush(state_->file);
  } catch (const Error& error) {
    if (error.cause() == Cause::output) hdf5::abandon(state_->file);
    throw error.at(printable(state_->part));
  }
  state_->flushed = monotonic_seconds();
}

void TrajectoryWriter::finish(const std::string& ensemble) {
  {
    const auto lock = hdf5::enter();
    hdf5::write_text(state_->parameters, "ensemble", ensemble);
    state_->parameters = {};
    state_->replicas.clear();
    hdf5::flush(state_->file);
    state_->file.close(printable(state_->part));
  }
  sync(state_->part, O_RDONLY);
  std::error_code error;
  std::filesystem::rename(state_->part, state_->path, error);
  if (error) throw Error(Cause::output, printable(state_->path) + ": " + error.message());
  const auto folder = std::filesystem::path(state_->path).parent_path();
  sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace twin::store
