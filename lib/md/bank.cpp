// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/bank.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "core/hash.h"
#include "core/text.h"
#include "md/commands.h"

namespace twin::md {

namespace {

std::size_t size_of(const Recording& recording) {
  std::size_t bytes = 0;
  for (const auto& frames : recording.replicas)
    for (const KeptFrame& frame : frames)
      bytes += sizeof(KeptFrame) + static_cast<std::size_t>(frame.positions.size()) * sizeof(float);
  return bytes;
}

std::string text_of(const record::RunLength& run) {
  return std::to_string(run.replicas) + " " + std::to_string(run.equilibrate) + " " +
         std::to_string(run.produce) + " " + std::to_string(run.sample_every) + " " +
         shortest(run.timestep_fs) + " " + shortest(run.friction_ps) + " " +
         shortest(run.barostat_ps) + " " + std::to_string(run.starts);
}

/// In units of what a few hundred atoms bear when they are reweighted: 3 % of T, 0.2 % of a, 1 % of
/// a number of the potential; and 1 % of the atoms of another element, which none bears.
double distance(const Recording& recording, const Plan& plan) {
  const double temperature = std::max(plan.temperature, 1.0);
  const double cell = std::log(length_scale(recording, plan));
  double factors = 0;
  for (std::size_t i = 0; i < recording.factors.size(); ++i)
    factors += std::abs(std::log(plan.factors.values()[i] / recording.factors[i]));
  std::size_t changed = 0;  // atoms of another element
  const auto& species = plan.system.ideal.species;
  for (std::size_t i = 0; i < species.size() && i < recording.species.size(); ++i)
    if (species[i] != recording.species[i]) ++changed;
  const double mixed = static_cast<double>(changed) / static_cast<double>(species.size());
  return mixed / 0.01 + factors / 0.01 +
         std::abs(std::log(temperature / recording.thermostat)) / 0.03 + std::abs(cell) / 0.002;
}

/// All of a key but which element is on which site.
std::string text_of(const Plan& plan) {
  const System& system = plan.system;
  std::vector<std::string> types = system.topology.types;  // in the order of their first atoms
  std::ranges::sort(types);
  std::string key = system.potential.name + "\n" + pair_commands(plan.described, types) +
                    text_of(system.run) + "\n" + std::to_string(plan.seed) +
                    (!system.pressure_bar ? " volume"
                     : system.anisotropic ? " aniso"
                                          : " iso");
  // A strain moves molecules apart and leaves them as they are: no frame of another cell will do.
  if (!system.topology.molecules.empty() && !system.pressure_bar)
    key += " " + shortest(plan.structure.a);
  // Sites as fractions: those of one structure are the same at any lattice parameter.
  const Eigen::MatrixX3d sites = system.ideal.positions * system.ideal.cell.inverse();
  const Eigen::Matrix3d shape = system.ideal.cell / plan.structure.a;
  for (std::size_t i = 0; i < plan.factors.values().size(); ++i) key += " " + plan.factors.name(i);
  for (const auto& name : system.species) key += " " + name;
  for (const double x : sites.reshaped()) key += " " + significant(x, 9);
  for (const double x : shape.reshaped()) key += " " + significant(x, 9);
  if (system.begins)
    for (const double x : system.begins->positions.reshaped()) key += " " + significant(x, 9);
  return key;
}

std::string text_of(const std::vector<int>& species) {
  std::string text;
  for (const int one : species) text += " " + std::to_string(one);
  return text;
}

}  // namespace

std::string key_of(const Plan& plan) {
  return sha256(text_of(plan) + text_of(plan.system.ideal.species));
}

std::string target_of(const Plan& plan) {
  std::string text = key_of(plan) + (plan.einstein ? " einstein " : " classical ") +
                     shortest(plan.temperature) + " " + shortest(plan.structure.a) + " " +
                     shortest(plan.system.pressure_bar.value_or(0));
  for (const double one : plan.factors.values()) text += " " + shortest(one);
  return sha256(text);
}

std::string kin_of(const Plan& plan) {
  const System& system = plan.system;
  return sha256(text_of(plan) +
                text_of(system.sites.empty() ? system.ideal.species : system.sites));
}

void Bank::keep(Recording recording) {
  bytes_ += size_of(recording);
  recordings_.push_back(std::move(recording));
  while (bytes_ > most_bytes_ && !recordings_.empty()) {
    bytes_ -= size_of(recordings_.front());
    recordings_.pop_front();
  }
}

std::vector<const Recording*> Bank::near(const Plan& plan) const {
  return nearest(plan, &Recording::key, key_of(plan));
}

const Recording* Bank::kin(const Plan& plan) const {
  const auto all = nearest(plan, &Recording::kin, kin_of(plan));
  return all.empty() ? nullptr : all.front();
}

std::vector<const Recording*> Bank::nearest(const Plan& plan, std::string Recording::*member,
                                            const std::string& value) const {
  std::vector<const Recording*> out;
  for (const Recording& recording : recordings_)
    if (recording.*member == value) out.push_back(&recording);
  std::ranges::stable_sort(out, [&](const Recording* one, const Recording* other) {
    return distance(*one, plan) < distance(*other, plan);
  });
  return out;
}

double length_scale(const Recording& recording, const Plan& plan) {
  return plan.system.pressure_bar ? 1.0 : plan.structure.a / recording.a;
}

atoms::Frame start_from(const Recording& recording, std::size_t replica, const Plan& plan,
                        double thermostat) {
  const atoms::Frame& ideal = plan.system.ideal;
  const KeptFrame& last = recording.replicas.at(replica).back();
  const Eigen::MatrixX3d fractions = ideal.positions * ideal.cell.inverse();
  const double scale = length_scale(recording, plan);
  atoms::Frame out = ideal;
  out.cell = last.cell * scale;
  if (!plan.system.topology.molecules.empty()) {  // of the same cell, see key_of()
    out.positions = last.positions.cast<double>();
    return out;
  }
  const Eigen::MatrixX3d sites = fractions * out.cell;
  Eigen::MatrixX3d moved = last.positions.cast<double>() * scale - sites;
  const Eigen::RowVector3d drift = moved.colwise().mean();
  moved.rowwise() -= drift;
  out.positions = sites + std::sqrt(thermostat / recording.thermostat) * moved;
  return out;
}

}  // namespace twin::md
