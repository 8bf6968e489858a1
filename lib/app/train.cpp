// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/train.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/log.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/deepmd_system.h"
#include "potential/train.h"
#include "stream/json.h"

namespace twin::app {

namespace fs = std::filesystem;

namespace {

using potential::TrainingFrames;

/// Frames held back lie below a folder that is called so.
bool is_held_back(const std::string& system, const std::string& input) {
  const auto below = fs::relative(system, input);
  return std::ranges::any_of(
      below, [](const fs::path& part) { return part == "valid" || part == "validation"; });
}

/// What is gathered over the systems that are trained on.
struct Gathered {
  std::vector<double> volumes, pressures;  ///< Å³ an atom, eV/Å³
  bool all_temperatures = true;
  double coldest = INFINITY, hottest = 0.0;

  void take(const formats::DeepmdSystem& system) {
    const auto atoms = static_cast<double>(system.elements.size());
    for (Eigen::Index i = 0; i < system.frames(); ++i) {
      const double volume = system.volume(i);
      volumes.push_back(volume / atoms);
      if (system.virial)
        pressures.push_back(
            ((*system.virial)(i, 0) + (*system.virial)(i, 4) + (*system.virial)(i, 8)) /
            (3 * volume));
    }
    if (!system.temperature) {
      all_temperatures = false;
      return;
    }
    coldest = std::min(coldest, system.temperature->minCoeff());
    hottest = std::max(hottest, system.temperature->maxCoeff());
  }

  void put_in(TrainingFrames& frames) const {
    frames.count = static_cast<int>(volumes.size());
    const auto [least, most] = std::ranges::minmax_element(volumes);
    frames.volume_min = *least;
    frames.volume_max = *most;
    if (all_temperatures) {
      frames.temperature_min = coldest;
      frames.temperature_max = hottest;
    }
    if (pressures.size() != volumes.size()) return;
    const auto n = static_cast<Eigen::Index>(volumes.size());
    if (const auto line =
            potential::labelled_pressure(Eigen::Map<const Eigen::VectorXd>(volumes.data(), n),
                                         Eigen::Map<const Eigen::VectorXd>(pressures.data(), n))) {
      frames.own_volume = line->volume;
      frames.own_stiffness = line->stiffness;
    }
  }
};

TrainingFrames frames_of(const std::vector<std::string>& inputs) {
  TrainingFrames frames;
  Gathered gathered;
  std::vector<std::string> names;
  for (const std::string& input : inputs) {
    names.push_back(printable(input));
    for (const std::string& folder : formats::deepmd_systems_in(input)) {
      const auto system = formats::read_deepmd_system(folder);
      const std::string path = fs::absolute(folder).lexically_normal();
      for (const std::string& element : system.elements)
        if (std::ranges::find(frames.elements, element) == frames.elements.end())
          frames.elements.push_back(element);
      if (is_held_back(folder, input)) {
        frames.validate.push_back(path);
      } else {
        frames.train.push_back(path);
        gathered.take(system);
      }
    }
  }
  for (const bool held : {false, true})
    if ((held ? frames.validate : frames.train).empty())
      throw Error(Cause::no_input, join(names, ", ") + ": no frames " +
                                       (held ? "held back: a folder called valid is expected"
                                             : "to train on outside of a folder called valid"));
  gathered.put_in(frames);
  frames.source = std::to_string(frames.count) + " frames of " + join(names, ", ");
  return frames;
}

record::Event event_of(const TrainSettings& settings, const TrainingFrames& frames,
                       const potential::TestErrors& errors, const std::string& version) {
  record::Event event;
  event.what = "trained";
  event.first = settings.name;
  event.second = settings.into + "/" + settings.name + ".yaml";
  event.p = 0;
  const auto put = [&](const char* name, double value, const char* unit) {
    record::Quantity quantity;
    quantity.value = value;
    quantity.unit = unit;
    quantity.method = "dp-test";
    event.quantities[name] = quantity;
  };
  put("error_energy", errors.energy_eV, "eV");
  put("error_force", errors.force_eV_A, "eV/Å");
  if (errors.stress_eV_A3) put("error_stress", *errors.stress_eV_A3, "eV/Å³");
  put("frames", frames.count, "");
  event.text = std::to_string(settings.members) + " models by " + version + ", " +
               std::to_string(settings.steps) + " steps on " + std::to_string(frames.count) +
               " frames; frames held back: " + significant(errors.energy_eV * 1e3, 3) +
               " meV an atom, " + significant(errors.force_eV_A, 3) +
               " eV/Å; no gate has judged it yet";
  return event;
}

}  // namespace

void train(Session& session, const TrainSettings& settings) {
  const md::DeepKit kit = md::find_deep_kit();
  const std::string version = potential::kit_version(kit);
  const TrainingFrames frames = frames_of(session.inputs);
  const std::string path =
      settings.input.empty() ? shared_file("training/se_e2_a.json") : settings.input;
  const record::Value base = stream::parse_json(read_file(path, 1U << 20U), path);
  potential::Training training{settings.name, fs::absolute(settings.into).lexically_normal(),
                               static_cast<int>(settings.members), static_cast<int>(settings.steps),
                               settings.seed};
  std::vector<std::string> models;
  for (int member = 0; member < training.members; ++member) {
    const auto input = potential::training_input(base, frames, training, member);
    models.push_back(
        potential::train_member(kit, training, member, stream::dump_json(input) + "\n",
                                [&](const std::string& stage, double fraction) {
                                  cli::progress(settings.name + ": " + stage + " " +
                                                std::to_string(std::lround(100 * fraction)) + " %");
                                }));
  }
  const auto errors = potential::test_member(kit, training, 0);
  write_file_atomically(training.folder + "/" + training.name + ".yaml",
                        potential::description_text(training, frames, errors, models, version));
  const auto event = event_of(settings, frames, errors, version);
  cli::note(settings.name + ": " + event.text);
  session.out.write(event);
}

}  // namespace twin::app
