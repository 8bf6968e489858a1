// SPDX-License-Identifier: GPL-3.0-or-later
#include "potential/train.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "md/replica.h"
#include "process/child.h"

namespace twin::potential {

namespace fs = std::filesystem;
using process::Seconds;
using record::Value;

namespace {

Value list_of(const std::vector<std::string>& texts) {
  Value::Array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

Value& member_of(Value& object, const char* key, const char* where) {
  Value* found = object.find(key);
  if (found == nullptr || !found->is_object())
    throw Error(Cause::configuration, std::string("training input: ") + where +
                                          " has no mapping '" + key +
                                          "'; an input of `dp train` for one potential is "
                                          "expected");
  return *found;
}

std::string member_folder(const Training& training, int member) {
  return training.folder + "/" + training.name + ".training/" + std::to_string(member);
}

std::string model_name(const Training& training, int member) {
  return training.name + "." + std::to_string(member) + ".pb";
}

process::Launch launch(const md::DeepKit& kit, std::vector<std::string> arguments,
                       const std::string& folder, int niceness) {
  arguments.insert(arguments.begin(), kit.dp);
  return {.argv = std::move(arguments),
          .folder = folder,
          .environment = kit.environment,
          .niceness = niceness};
}

/// The step of "Batch     500: trn: rmse = ..."; nothing of another line.
std::optional<double> batch_of(const std::string& line) {
  constexpr std::string_view before = "Batch ";
  const auto at = line.find(before);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view rest = trim(std::string_view(line).substr(at + before.size()));
  const auto step = parse_integer(rest.substr(0, rest.find(':')));
  return step ? std::optional(static_cast<double>(*step)) : std::nullopt;
}

/// Runs dp to its end, handing out the lines that it says.
void run_dp(const process::Launch& launch, const std::function<void(const std::string&)>& line) {
  process::Child child(launch);
  process::LineBuffer lines;
  for (;;) {
    const auto chunk = child.read(Seconds(0.5));
    if (interrupted() != 0) throw Error(Cause::unavailable, "interrupted; run again to go on");
    if (!chunk && !child.timed_out()) break;
    if (chunk) lines.add(chunk->bytes);
    while (const auto one = lines.next()) line(*one);
    if (!chunk) line("");
  }
  const auto ending = child.wait(Seconds(60));
  if (ending.status != 0)
    throw Error(Cause::unavailable, launch.argv[0] + " " + launch.argv[1] + ": ended with status " +
                                        std::to_string(ending.status) +
                                        "; it said: " + md::without_noise(ending.last_lines));
}

bool there(const std::string& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

void move(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw Error(Cause::output, printable(to) + ": " + error.message());
}

/// An empty folder with the input, unless it has that input already.
void prepare_folder(const std::string& folder, const std::string& input) {
  const std::string file = folder + "/input.json";
  if (there(file) && read_file(file) == input) return;
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directories(folder, error);
  if (error) throw Error(Cause::cannot_create, printable(folder) + ": " + error.message());
  write_file_atomically(file, input);
}

std::string range_lines(const std::string& name, double lower, double upper,
                        const std::string& unit) {
  return name + "_min: " + significant(lower, 6) + " " + unit + "\n" + name +
         "_max: " + significant(upper, 6) + " " + unit + "\n";
}

}  // namespace

std::optional<LabelledPressure> labelled_pressure(const Eigen::VectorXd& volumes,
                                                  const Eigen::VectorXd& pressures) {
  if (volumes.size() < 10) return std::nullopt;
  const Eigen::ArrayXd v = volumes.array() - volumes.mean();
  const double spread = (v * v).sum();
  if (!(spread > 1e-6 * volumes.mean() * volumes.mean())) return std::nullopt;
  const double slope = (v * (pressures.array() - pressures.mean())).sum() / spread;
  if (!(slope < 0)) return std::nullopt;
  const double vanishes = volumes.mean() - pressures.mean() / slope;
  if (vanishes < volumes.minCoeff() || vanishes > volumes.maxCoeff()) return std::nullopt;
  return LabelledPressure{vanishes, -slope * vanishes};
}

Value training_input(const Value& base, const TrainingFrames& frames, const Training& training,
                     int member) {
  Value input = base;
  Value& model = member_of(input, "model", "the whole");
  const auto seed = [&](int stream) {
    return Value(static_cast<std::int64_t>(md::derived_seed(training.seed, member, stream)));
  };
  member_of(model, "descriptor", "model").set("seed", seed(0));
  member_of(model, "fitting_net", "model").set("seed", seed(1));
  model.set("type_map", list_of(frames.elements));
  Value run = input.find("training") != nullptr ? *input.find("training") : Value(Value::Object{});
  run.set("seed", seed(2));
  run.set("numb_steps", Value(static_cast<std::int64_t>(training.steps)));
  const auto often = static_cast<std::int64_t>(std::max(1, training.steps / 10));
  run.set("save_freq", Value(often));
  run.set("disp_freq", Value(often));
  run.set("disp_file", Value("lcurve.out"));
  for (const bool validate : {false, true}) {
    const char* const key = validate ? "validation_data" : "training_data";
    Value data = run.find(key) != nullptr ? *run.find(key) : Value(Value::Object{});
    data.set("systems", list_of(validate ? frames.validate : frames.train));
    if (data.find("batch_size") == nullptr) data.set("batch_size", Value(1));
    run.set(key, data);
  }
  input.set("training", run);
  return input;
}

TestErrors parse_test(const std::string& said) {
  std::optional<double> energy, force, stress;
  for (const auto line : split(said, '\n')) {
    const auto value_after = [&](std::string_view name) -> std::optional<double> {
      const auto at = line.find(name);
      if (at == std::string_view::npos) return std::nullopt;
      const auto rest = words(line.substr(std::min(line.find(':', at), line.size() - 1) + 1));
      return rest.empty() ? std::nullopt : parse_double(rest.front());
    };
    if (const auto value = value_after("Energy RMSE/Natoms")) energy = value;
    if (const auto value = value_after("Force  RMSE")) force = value;
    if (const auto value = value_after("Stress RMSE")) stress = value;
  }
  if (!energy || !force)
    throw Error(Cause::data, "dp test: it told no errors of energies and forces");
  return {*energy, *force, stress};
}

std::string train_member(const md::DeepKit& kit, const Training& training, int member,
                         const std::string& input, const TrainingReport& report) {
  const std::string folder = member_folder(training, member), name = model_name(training, member);
  prepare_folder(folder, input);
  const auto dp = [&](std::vector<std::string> arguments,
                      const std::function<void(const std::string&)>& line) {
    run_dp(launch(kit, std::move(arguments), folder, training.niceness), line);
  };
  const std::string what = "model " + std::to_string(member + 1);
  double fraction = 0;
  const auto tell = [&](const std::string& line) {
    if (const auto step = batch_of(line)) fraction = *step / training.steps;
    report(what, 0.9 * fraction);
  };
  if (!there(folder + "/trained")) {
    std::vector<std::string> arguments{"train", "input.json"};
    if (there(folder + "/checkpoint"))
      arguments.insert(arguments.end(), {"--restart", "model.ckpt"});
    dp(arguments, tell);
    write_file_atomically(folder + "/trained", "");
  }
  if (!there(folder + "/model.pb")) {
    dp({"freeze", "-o", "frozen.pb"}, tell);
    dp({"compress", "-i", "frozen.pb", "-o", "compressed.pb", "-s", "0.01"}, tell);
    move(folder + "/compressed.pb", folder + "/model.pb");
  }
  write_file_atomically(training.folder + "/" + name, read_file(folder + "/model.pb"));
  report(what, 1);
  return name;
}

TestErrors test_member(const md::DeepKit& kit, const Training& training, int member) {
  std::string said;
  run_dp(launch(kit, {"test", "-m", "model.pb", "--valid-data", "input.json", "-n", "0"},
                member_folder(training, member), training.niceness),
         [&](const std::string& line) { said += line + "\n"; });
  return parse_test(said);
}

std::string description_text(const Training& training, const TrainingFrames& frames,
                             const TestErrors& errors, const std::vector<std::string>& models,
                             const std::string& version) {
  std::string text =
      "# A deep potential, written by twin-simulate --train; --gate adds its word.\nname: " +
      training.name +
      "\npair_style: deepmd\n# In the order that the models count them.\nelements: " +
      join(frames.elements, " ") + "\nmodels: " + join(models, " ") +
      "\n# What it was trained on: an atom's volume, frames, and the errors of those held back.\n" +
      range_lines("volume", frames.volume_min, frames.volume_max, "Å³");
  if (frames.temperature_min && *frames.temperature_min < *frames.temperature_max)
    text += range_lines("temperature", *frames.temperature_min, *frames.temperature_max, "K");
  if (frames.own_volume)
    text +=
        "# An atom's volume at which the labels' own pressure vanishes without motion, and how "
        "stiff they are there.\nlabels_volume: " +
        significant(*frames.own_volume, 6) +
        " Å³\nlabels_stiffness: " + significant(*frames.own_stiffness, 4) + " eV/Å³\n";
  text += "frames: " + std::to_string(frames.count) +
          "\nerror_energy: " + significant(errors.energy_eV, 3) +
          " eV\nerror_force: " + significant(errors.force_eV_A, 3) + " eV/Å\n";
  if (errors.stress_eV_A3)
    text += "error_stress: " + significant(*errors.stress_eV_A3, 3) + " eV/Å³\n";
  return text + "source: \"" + std::to_string(training.members) + " models of " + version + ", " +
         std::to_string(training.steps) + " steps, seed " + std::to_string(training.seed) +
         "; labels: " + frames.source +
         "\"\nlicence: \"that of the labels\"\n"
         "caveat: \"a deep potential: its errors are of frames held back from the trajectories "
         "that it "
         "was trained on, which says little of any other\"\n";
}

std::string kit_version(const md::DeepKit& kit) {
  const auto said =
      process::run({.argv = {kit.dp, "--version"}, .environment = kit.environment}, Seconds(120));
  return printable(trim(said.out.substr(0, said.out.find('\n'))));
}

}  // namespace twin::potential
