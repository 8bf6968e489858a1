// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/label.h"

#include <Eigen/LU>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "app/labeller.h"
#include "cli/log.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "formats/deepmd_system.h"
#include "formats/extended_xyz.h"
#include "formats/read_trajectory.h"
#include "sources/contained_trajectory.h"

namespace twin::app {

namespace fs = std::filesystem;

namespace {

using atoms::TrajectoryFrame;

/// "Cs8I24Pb8-1f0c": the formula, and what tells the order of its atoms.
std::string system_name(const std::vector<std::string>& elements) {
  std::map<std::string, int> counts;
  for (const std::string& element : elements) ++counts[element];
  std::string formula;
  for (const auto& [element, count] : counts) formula += element + std::to_string(count);
  return formula + "-" + sha256(join(elements, " ")).substr(0, 8);
}

/// What a frame is asked for: its atoms where they are.
std::string key_of(const std::vector<std::string>& elements, const TrajectoryFrame& frame) {
  TrajectoryFrame bare;
  bare.cell = frame.cell;
  bare.positions = frame.positions;
  return sha256(formats::extended_xyz_text(elements, bare)).substr(0, 32);
}

/// The labelled frames of one system: a file of extended XYZ that grows, and what is made of it.
class Journal {
 public:
  Journal(const std::string& into, const std::vector<std::string>& elements)
      : into_(into),
        name_(system_name(elements)),
        path_(into + "/labels/" + name_ + ".xyz"),
        elements_(elements) {
    std::error_code error;
    fs::create_directories(into + "/labels", error);
    if (error) throw Error(Cause::cannot_create, printable(into) + ": " + error.message());
    read();
  }

  [[nodiscard]] bool has(const std::string& key) const { return keys_.contains(key); }

  void add(const TrajectoryFrame& frame) {
    std::ofstream out(path_, std::ios::binary | std::ios::app);
    out << formats::extended_xyz_text(elements_, frame) << std::flush;
    if (!out) throw Error(Cause::output, printable(path_) + ": can't be written to its end");
    keys_.insert(frame.notes.at("key"));
    frames_.push_back(frame);
  }

  /// Every tenth frame is held back.
  void write_sets() const {
    for (const bool held : {false, true}) {
      std::vector<const TrajectoryFrame*> chosen;
      for (std::size_t i = 0; i < frames_.size(); ++i)
        if ((i % 10 == 9) == held) chosen.push_back(&frames_[i]);
      if (!chosen.empty())
        formats::write_deepmd_system(into_ + (held ? "/valid/" : "/train/") + name_,
                                     system_of(chosen));
    }
  }

 private:
  /// What an earlier call has left; a frame that was cut off is taken away.
  void read() {
    std::error_code ignored;
    if (fs::file_size(path_, ignored) == 0 || ignored) return;
    const auto reader = formats::open_trajectory(path_);
    std::string whole;
    while (auto frame = reader->next()) {
      if (reader->atoms().elements != elements_ || !frame->energy_eV || !frame->forces ||
          !frame->notes.contains("key"))
        throw Error(Cause::data, printable(path_) + ": not what --label has written");
      frame->notes = {{"key", frame->notes["key"]},
                      {"source", frame->notes["source"]},
                      {"labelled_by", frame->notes["labelled_by"]}};
      keys_.insert(frame->notes["key"]);
      whole += formats::extended_xyz_text(elements_, *frame);
      frames_.push_back(std::move(*frame));
    }
    if (!reader->warnings().empty()) write_file_atomically(path_, whole);
  }

  [[nodiscard]] formats::DeepmdSystem system_of(
      const std::vector<const TrajectoryFrame*>& chosen) const {
    const auto rows = static_cast<Eigen::Index>(chosen.size());
    const auto atoms = static_cast<Eigen::Index>(elements_.size());
    formats::DeepmdSystem out;
    out.elements = elements_;
    out.box.resize(rows, 9);
    out.coordinates.resize(rows, 3 * atoms);
    out.energy.resize(rows);
    out.forces.resize(rows, 3 * atoms);
    out.virial.emplace(rows, 9);
    out.temperature.emplace(rows);
    for (Eigen::Index i = 0; i < rows; ++i) {
      const TrajectoryFrame& frame = *chosen[static_cast<std::size_t>(i)];
      for (Eigen::Index j = 0; j < 3 * atoms; ++j) {
        out.coordinates(i, j) = frame.positions(j / 3, j % 3);
        out.forces(i, j) = (*frame.forces)(j / 3, j % 3);
      }
      for (Eigen::Index j = 0; j < 9; ++j) out.box(i, j) = frame.cell(j / 3, j % 3);
      out.energy[i] = *frame.energy_eV;
      // One frame without, and the system has none: its labeller is one that gives none.
      if (out.virial && frame.virial_eV)
        for (Eigen::Index j = 0; j < 9; ++j) (*out.virial)(i, j) = (*frame.virial_eV)(j / 3, j % 3);
      else
        out.virial.reset();
      if (out.temperature && frame.temperature)
        (*out.temperature)[i] = *frame.temperature;
      else
        out.temperature.reset();
    }
    return out;
  }

  std::string into_, name_, path_;
  std::vector<std::string> elements_;
  std::set<std::string> keys_;
  std::vector<TrajectoryFrame> frames_;
};

/// One call: its journals and what has been done.
class Labelling {
 public:
  Labelling(Session& session, const LabelSettings& settings)
      : session_(session),
        settings_(settings),
        labeller_(labeller_of(settings.by, 3600 * settings.hours)) {}

  void take_file(const std::string& file) {
    for (const auto& trajectory : formats::trajectories_in(file, sources::h5md_contained())) {
      const auto reader = formats::open_trajectory(trajectory, sources::h5md_contained());
      long long index = 0;
      for (; auto frame = reader->next(); ++index) {
        if (interrupted() != 0) return;
        if (index % settings_.every != 0) continue;
        const std::string source = printable(trajectory) + " frame " + std::to_string(index);
        if (reader->atoms().elements.empty())
          throw Error(Cause::data, printable(trajectory) +
                                       ": its atoms have no elements; a trajectory that names them "
                                       "is expected");
        one(reader->atoms().elements, std::move(*frame), source, reader->origin().thermostat);
      }
      for (const auto& warning : reader->warnings()) cli::warning(warning);
    }
  }

  void write_sets() const {
    for (const auto& [name, journal] : journals_) journal->write_sets();
  }

  /// Says what was done.
  void tell() {
    record::Event event;
    event.what = "labelled";
    event.first = labeller_->name();
    event.second = settings_.into;
    event.p = 0;
    event.text = std::to_string(labelled_) + " frames labelled by " + labeller_->name() + ", " +
                 std::to_string(known_) + " were there already, " + std::to_string(failed_) +
                 " failed";
    cli::note(event.text);
    session_.out.write(event);
  }

 private:
  Journal& journal_of(const std::vector<std::string>& elements) {
    auto& journal = journals_[system_name(elements)];
    if (!journal) journal = std::make_unique<Journal>(settings_.into, elements);
    return *journal;
  }

  void one(const std::vector<std::string>& elements, TrajectoryFrame frame,
           const std::string& source, const std::optional<double>& thermostat) {
    Journal& journal = journal_of(elements);
    const std::string key = key_of(elements, frame);
    if (journal.has(key)) {
      ++known_;
      return;
    }
    cli::progress(source);
    try {
      const auto labels = labeller_->label({elements, frame.cell, frame.positions});
      TrajectoryFrame out;
      out.cell = frame.cell;
      out.positions = std::move(frame.positions);
      out.energy_eV = labels.energy_eV;
      out.forces = labels.forces;
      out.virial_eV = labels.virial_eV;
      out.temperature = thermostat ? thermostat : frame.temperature;
      out.notes = {{"key", key}, {"source", source}, {"labelled_by", labeller_->name()}};
      journal.add(out);
      ++labelled_;
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      ++failed_;
      session_.fail(error, source);
    }
  }

  Session& session_;
  const LabelSettings& settings_;
  std::unique_ptr<Labeller> labeller_;
  std::map<std::string, std::unique_ptr<Journal>> journals_;
  int labelled_ = 0, known_ = 0, failed_ = 0;
};

}  // namespace

void label(Session& session, const LabelSettings& settings) {
  Labelling labelling(session, settings);
  try {
    for (const auto& input : session.inputs) labelling.take_file(input);
  } catch (const Error&) {
    labelling.write_sets();  // of what there is: it was dear
    throw;
  }
  labelling.write_sets();
  labelling.tell();
}

}  // namespace twin::app
