// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/reweight.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/constants.h"

namespace twin::md {

namespace {

/// ∂U/∂ε, eV, of uniform strain.
double strain_slope(const KeptFrame& frame) {
  return strain_slope_eV(std::abs(frame.cell.determinant()), frame.virial_bar);
}

/// The frames of one block: several are gone through at once, as no sum goes over two of them.
struct Part {
  std::size_t replica = 0, begin = 0, end = 0;
};

std::vector<Part> parts_of(const Recording& recording) {
  std::vector<Part> parts;
  for (std::size_t r = 0; r < recording.replicas.size(); ++r) {
    const std::size_t frames = recording.replicas[r].size();
    for (std::size_t i = 0; i < frames; ++i) {
      const int block = block_of(static_cast<int>(r), i, frames);
      if (i == 0 || block != block_of(static_cast<int>(r), i - 1, frames))
        parts.push_back({r, i, i});
      parts.back().end = i + 1;
    }
  }
  return parts;
}

/// What other factors of the potential's numbers make of its energy, frame by frame.
std::vector<std::vector<Factors::Change>> changes_of(const Recording& recording, const Plan& plan,
                                                     unsigned threads) {
  std::vector<std::vector<Factors::Change>> out;
  const Factors& factors = plan.factors;
  if (factors.values() == recording.factors) return out;
  for (const auto& frames : recording.replicas) out.emplace_back(frames.size());
  const auto parts = parts_of(recording);
  in_parallel(parts.size(), threads, [&](std::size_t p) {
    for (std::size_t i = parts[p].begin; i < parts[p].end; ++i) {
      const KeptFrame& kept = recording.replicas[parts[p].replica][i];
      const atoms::Frame frame{kept.cell, kept.positions.cast<double>(), plan.system.ideal.species};
      out[parts[p].replica][i] = factors.change_from(recording.factors, frame);
    }
  });
  return out;
}

}  // namespace

Weights weights_for(const Recording& recording, const Plan& plan, double thermostat,
                    unsigned threads) {
  const double before = 1 / (boltzmann_eV * recording.thermostat);
  const double after = 1 / (boltzmann_eV * thermostat);
  const double strain = length_scale(recording, plan) - 1;
  const double pressure = plan.system.pressure_bar.value_or(0);
  const bool moves = plan.system.pressure_bar.has_value();
  Weights out;
  out.changes = changes_of(recording, plan, threads);
  double highest = -INFINITY;
  for (std::size_t r = 0; r < recording.replicas.size(); ++r) {
    auto& logs = out.of_frames.emplace_back();
    for (std::size_t i = 0; i < recording.replicas[r].size(); ++i) {
      const KeptFrame& frame = recording.replicas[r][i];
      const Factors::Part change = out.changes.empty() ? Factors::Part{} : out.changes[r][i].part;
      const double volume = std::abs(frame.cell.determinant()) * eV_per_bar_A3;
      const double h0 = frame.energy_eV + (moves ? recording.pressure_bar * volume : 0);
      const double h1 = frame.energy_eV + change.energy_eV +
                        strain * (strain_slope(frame) + change.radial_eV) +
                        (moves ? pressure * volume : 0);
      logs.push_back(before * h0 - after * h1);
      highest = std::max(highest, logs.back());
    }
  }
  double sum = 0;
  std::size_t count = 0;
  for (auto& replica : out.of_frames)
    for (double& w : replica) {
      sum += w = std::exp(w - highest);
      ++count;
    }
  for (auto& replica : out.of_frames)
    for (double& w : replica) w *= static_cast<double>(count) / sum;
  return out;
}

double Weights::share_left() const {
  double sum = 0, squares = 0, count = 0;
  for (const auto& replica : of_frames)
    for (const double w : replica) {
      sum += w;
      squares += w * w;
      count += 1;
    }
  return squares > 0 ? sum * sum / (count * squares) : 0;
}

Reweighted::Reweighted(const Recording& recording, const Plan& plan, const Shells& shells,
                       double thermostat, Weights weights, unsigned threads)
    : recording_(recording),
      plan_(plan),
      thermostat_(thermostat),
      scale_(length_scale(recording, plan)),
      weights_(std::move(weights)),
      production_(empty_production(plan, recording.replicas.size())) {
  measure(shells, threads);
  follow_displacements();
}

void Reweighted::measure(const Shells& shells, unsigned threads) {
  for (std::size_t r = 0; r < recording_.replicas.size(); ++r)
    production_.make_room(r, recording_.replicas[r].size());
  const auto parts = parts_of(recording_);
  in_parallel(parts.size(), threads, [&](std::size_t p) {
    const auto [replica, begin, end] = parts[p];
    for (std::size_t i = begin; i < end; ++i)
      production_.put(replica, i, shells, sample(replica, i));
  });
  measured_ = true;
}

/// In the order of time, as long as all count alike.
void Reweighted::follow_displacements() {
  Distributions& distributions = *production_.distributions;
  for (std::size_t r = 0; r < recording_.replicas.size(); ++r)
    for (std::size_t i = 0; i < recording_.replicas[r].size() && distributions.alike(); ++i)
      distributions.follow(sample(r, i));
}

Factors::Part Reweighted::change(std::size_t replica, std::size_t index) const {
  return weights_.changes.empty() ? Factors::Part{} : weights_.changes[replica][index].part;
}

/// A frame is gone through once at most: what is known of it already is taken.
std::vector<double> Reweighted::slopes(std::size_t replica, std::size_t index,
                                       const atoms::Frame& frame) const {
  if (plan_.factors.empty()) return {};
  if (measured_) return production_.replicas[replica][index].slopes_eV;
  if (scale_ == 1)
    return weights_.changes.empty() ? recording_.replicas[replica][index].slopes_eV
                                    : weights_.changes[replica][index].slopes;
  return plan_.factors.slopes(frame);
}

Sample Reweighted::sample(std::size_t replica, std::size_t index) const {
  const auto& frames = recording_.replicas[replica];
  const KeptFrame& kept = frames[index];
  Sample out;
  out.replica = static_cast<int>(replica);
  out.block = block_of(out.replica, index, frames.size());
  out.frame = {kept.cell * scale_, kept.positions.cast<double>() * scale_,
               plan_.system.ideal.species};
  // Momenta don't depend on positions: those of the target are these, scaled.
  out.temperature = kept.temperature * thermostat_ / recording_.thermostat;
  const Factors::Part by_factors = change(replica, index);
  const double volume = std::abs(kept.cell.determinant());
  out.energy_eV = kept.energy_eV + by_factors.energy_eV +
                  (scale_ - 1) * (strain_slope(kept) + by_factors.radial_eV);
  out.virial_bar = kept.virial_bar - by_factors.radial_eV / (3 * volume * eV_per_bar_A3);
  out.force_deviation = kept.force_deviation;
  out.weight = weights_.of_frames[replica][index];
  out.slopes_eV = slopes(replica, index, out.frame);
  return out;
}

void Reweighted::hand_out(const Observer& observe) const {
  if (!observe) return;
  std::size_t longest = 0;
  for (const auto& frames : recording_.replicas) longest = std::max(longest, frames.size());
  for (std::size_t i = 0; i < longest; ++i)
    for (std::size_t r = 0; r < recording_.replicas.size(); ++r)
      if (i < recording_.replicas[r].size()) observe(sample(r, i));
}

}  // namespace twin::md
