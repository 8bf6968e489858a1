// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/deep.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "process/child.h"

namespace twin::md {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> of_deep{"name",   "pair_style", "elements",
                                       "models", "source",     "licence"};
const std::vector<std::string> of_training{
    "lattice_min", "lattice_max",      "temperature_min", "temperature_max",  "volume_min",
    "volume_max",  "timestep",         "caveat",          "frames",           "error_energy",
    "error_force", "error_stress",     "labels_volume",   "labels_stiffness", "gate",
    "gate_models", "gate_temperature", "gate_reasons"};

/// Two keys that come together, and in order.
void read_range(const Description& lines, const std::string& name, const std::string& unit,
                double& lower, double& upper) {
  const std::string low = name + "_min", high = name + "_max";
  if (lines.has(low) != lines.has(high))
    lines.fail(lines.has(low) ? low : high, "needs the other end of the range too");
  if (!lines.has(low)) return;
  lower = lines.positive(low, unit);
  upper = lines.positive(high, unit);
  if (lower >= upper) lines.fail(low, "is not below " + high);
}

void read_gate(const Description& lines, Deep& deep) {
  if (!lines.has("gate")) return;
  for (const char* key : {"gate_models", "gate_temperature", "gate_reasons"})
    if (!lines.has(key)) lines.fail("gate", std::string("needs ") + key + " beside it");
  deep.gate = lines.plain("gate");
  if (deep.gate != "passed" && deep.gate != "refused")
    lines.fail("gate", "'" + deep.gate + "'; expected passed or refused");
  deep.gate_models = lines.plain("gate_models");
  deep.gate_temperature = lines.positive("gate_temperature", "K");
  deep.gate_reasons = lines.text("gate_reasons");
}

/// The folder of the environment: that of $TWIN_DEEPMD, else of a `dp` in $PATH; "" where neither.
std::string environment_folder() {
  if (const char* own = std::getenv("TWIN_DEEPMD"); own != nullptr && *own != '\0') return own;
  const std::string dp = process::find_program("dp");
  return dp.empty() ? "" : fs::path(dp).parent_path().parent_path().string();
}

/// A trajectory can be read where the models that made it have gone.
std::string models_or_nothing(const Potential& potential) {
  try {
    return sha256_of_models(potential);
  } catch (const Error&) {
    return "";
  }
}

/// lib/python3.11/site-packages.
fs::path packages_of(const fs::path& environment) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(environment / "lib", ignored))
    if (entry.path().filename().string().starts_with("python3") &&
        fs::is_directory(entry.path() / "site-packages", ignored))
      return entry.path() / "site-packages";
  return environment / "lib/python3/site-packages";
}

}  // namespace

DeepKit find_deep_kit() {
  const std::string advice =
      "; a virtual environment with the packages deepmd-kit, lammps and tensorflow-cpu is "
      "expected, in $TWIN_DEEPMD";
  const std::string folder = environment_folder();
  if (folder.empty()) throw Error(Cause::unavailable, "no DeePMD-kit found" + advice);
  std::error_code ignored;
  const fs::path environment = fs::absolute(folder, ignored), packages = packages_of(environment);
  DeepKit kit;
  kit.python = environment / "bin/python";
  kit.dp = environment / "bin/dp";
  kit.lmp = packages / "lammps/lmp";
  const std::string plugins = packages / "deepmd/lib";
  for (const std::string& part : {kit.dp, kit.lmp, plugins})
    if (!fs::exists(part, ignored))
      throw Error(Cause::unavailable,
                  "no DeePMD-kit found: " + printable(part) + " is not there" + advice);
  const std::string libraries =
      (environment / "lib").string() + ":" + (packages / "tensorflow").string() + ":" + plugins;
  // One thread a replica; and TensorFlow need not say what processor it would rather have.
  kit.environment = {{"LAMMPS_PLUGIN_PATH", plugins},
                     {"LD_LIBRARY_PATH", libraries},
                     {"OMP_NUM_THREADS", "1"},
                     {"DP_INTRA_OP_PARALLELISM_THREADS", "1"},
                     {"DP_INTER_OP_PARALLELISM_THREADS", "1"},
                     {"TF_CPP_MIN_LOG_LEVEL", "3"}};
  return kit;
}

void read_deep(const Description& lines, const std::string& where, Potential& potential) {
  lines.check_keys(of_deep, of_training);
  potential.elements = lines.plain_words("elements");
  if (potential.elements.empty()) lines.fail("elements", "expected one or more");
  for (const std::string& element : potential.elements) {
    if (std::ranges::count(potential.elements, element) > 1)
      lines.fail("elements", element + " is there twice");
    potential.types.push_back({element, element, {}});
  }
  Deep& deep = potential.deep;
  const fs::path folder = fs::path(where).parent_path();
  for (const std::string& file : lines.plain_words("models"))
    deep.models.push_back((folder / file).string());
  if (deep.models.empty()) lines.fail("models", "expected one or more files");
  if (deep.models.size() > 16) lines.fail("models", "more than 16");
  constexpr double any = 1e4;  // K, the highest that a model may ask for: nothing was said
  potential.temperature_max = any;
  read_range(lines, "lattice", "Å", potential.lattice_min, potential.lattice_max);
  read_range(lines, "temperature", "K", potential.temperature_min, potential.temperature_max);
  read_range(lines, "volume", "Å³", deep.volume_min, deep.volume_max);
  if (lines.has("timestep")) potential.timestep_fs = lines.positive("timestep", "fs");
  if (lines.has("error_force")) deep.error_force = lines.positive("error_force", "eV/Å");
  if (lines.has("error_energy")) (void)lines.positive("error_energy", "eV");
  if (lines.has("error_stress")) (void)lines.positive("error_stress", "eV/Å³");
  if (lines.has("labels_volume")) {
    deep.own_volume = lines.positive("labels_volume", "Å³");
    deep.own_stiffness = lines.positive("labels_stiffness", "eV/Å³");
  }
  read_gate(lines, deep);
}

std::string model_link(const Potential& potential, std::size_t index) {
  // The library sees from the end of the name what wrote the model.
  const fs::path file = potential.deep.models.at(index);
  return "model." + std::to_string(index) + file.extension().string();
}

std::string deep_commands(const Potential& potential, const std::vector<std::string>& types,
                          int every) {
  std::string text = "pair_style deepmd";
  for (std::size_t i = 0; i < potential.deep.models.size(); ++i)
    text += " " + model_link(potential, i);
  if (potential.deep.models.size() > 1)
    text += " out_freq " + std::to_string(every) + " out_file /dev/stdout";
  return text + "\npair_coeff * * " + join(types, " ") + "\n";
}

std::string outside_volume(const Potential& potential, double volume) {
  const Deep& deep = potential.deep;
  if (deep.volume_max == 0 || volume == 0) return "";
  if (volume >= deep.volume_min && volume <= deep.volume_max) return "";
  return significant(volume, 4) + " Å³ an atom is outside of what " + potential.name +
         " was trained on, " + significant(deep.volume_min, 4) + " to " +
         significant(deep.volume_max, 4) + " Å³";
}

std::vector<std::string> deep_warnings(const Potential& potential, double temperature,
                                       double volume) {
  std::vector<std::string> out;
  const Deep& deep = potential.deep;
  if (deep.models.empty()) return out;
  const std::string judge = "; `twin-simulate --gate` judges it";
  if (deep.gate.empty()) {
    out.push_back(potential.name + ": no gate has judged it" + judge);
  } else if (deep.gate_models != models_or_nothing(potential)) {
    out.push_back(potential.name + ": its models are not those that the gate judged" + judge);
  } else if (deep.gate == "refused") {
    out.push_back(potential.name + ": refused by the gate at " + shortest(deep.gate_temperature) +
                  " K: " + deep.gate_reasons);
  } else if (std::abs(deep.gate_temperature - temperature) > 0.1 * deep.gate_temperature) {
    out.push_back(potential.name + ": passed by the gate at " + shortest(deep.gate_temperature) +
                  " K, not near " + shortest(temperature) + " K" + judge);
  }
  if (const auto sentence = outside_volume(potential, volume); !sentence.empty())
    out.push_back(sentence);
  return out;
}

std::string sha256_of_models(const Potential& potential) {
  std::string all;
  for (const std::string& model : potential.deep.models) {
    std::error_code ignored;
    if (!fs::is_regular_file(model, ignored))
      throw Error(Cause::unavailable, printable(model) + ": not there; the models of " +
                                          potential.name + " belong beside its description");
    all += sha256_file(model);
  }
  return sha256(all);
}

std::optional<Deviation> parse_deviation(std::string_view line) {
  const auto fields = words(line);
  if (fields.size() != 7 && fields.size() != 8) return std::nullopt;
  const auto step = parse_integer(fields[0]);
  if (!step || *step < 0) return std::nullopt;
  for (std::size_t i = 1; i < fields.size(); ++i)
    if (const auto value = parse_double(fields[i]); !value || !std::isfinite(*value))
      return std::nullopt;
  return Deviation{*step, *parse_double(fields[4])};
}

std::string without_noise(const std::string& last_lines) {
  std::string out;
  const std::string between = " | ";
  for (std::size_t at = 0; at <= last_lines.size();) {
    const auto end = std::min(last_lines.find(between, at), last_lines.size());
    const std::string line = last_lines.substr(at, end - at);
    if (line.find("libcudart") == std::string::npos && line.find("implib-gen") == std::string::npos)
      out += (out.empty() ? "" : between) + line;
    at = end + between.size();
  }
  return out;
}

}  // namespace twin::md
