// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/crystal_outcome.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/text.h"
#include "md/phase.h"

namespace twin::md {

namespace {

constexpr double degrees = 180 / std::numbers::pi;   // of a radian
constexpr double rdf_reach = 10.0, rdf_step = 0.05;  // Å
constexpr int blocks_a_replica = 4;                  // as Sample::block
constexpr std::size_t rdf_every = 10;                // frames

record::Quantity quantity(const numeric::Mean& mean, const std::string& unit, double factor = 1) {
  record::Quantity result;
  result.value = mean.value * factor;
  result.sigma = mean.sigma * factor;
  result.unit = unit;
  result.method = "md";
  return result;
}

/// To four digits: what the error leaves, and a third of the length on the wire.
record::Array array_of(const Eigen::VectorXd& values, const std::string& unit) {
  record::Array result;
  for (const double value : values) {
    const double scale =
        value == 0 ? 1 : std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
    result.data.push_back(std::round(value * scale) / scale);
  }
  result.shape = {result.data.size()};
  result.unit = unit;
  return result;
}

std::vector<double> masses_of(const Plan& plan) {
  std::vector<double> masses;
  for (const std::string& element : plan.system.species)
    masses.push_back(plan.system.potential.mass_of(element));
  return masses;
}

int frames_of(const Plan& plan) { return plan.produce / plan.system.run.sample_every; }

double interval_ps(const Plan& plan) {
  return plan.system.run.timestep_fs * 1e-3 * plan.system.run.sample_every;
}

/// The size of what may have either sign in each replica: the root of the mean of their squares,
/// without what their errors add to it.
numeric::Mean size_of(const std::vector<numeric::Mean>& replicas) {
  double square = 0, variance = 0;
  const auto n = static_cast<double>(replicas.size());
  for (const numeric::Mean& mean : replicas) {
    const double noise = mean.sigma * mean.sigma;
    square += (mean.value * mean.value - noise) / n;
    variance += (4 * std::max(0.0, mean.value * mean.value - noise) + 2 * noise) * noise / (n * n);
  }
  const double size = std::sqrt(std::max(0.0, square));
  const double of_square = std::sqrt(variance);
  return {size,
          size > 0 ? std::min(of_square / (2 * size), std::sqrt(of_square)) : std::sqrt(of_square),
          0};
}

class OctahedraOutcome {
 public:
  OctahedraOutcome(const Plan& plan, const Octahedra& octahedra,
                   const std::vector<Trajectory>& replicas, Outcome& outcome)
      : plan_(plan), octahedra_(octahedra), replicas_(replicas), outcome_(outcome) {}

  void add_angles() {
    for (std::size_t k = 0; k < octahedra_.angles().size(); ++k) {
      const FollowedAngle& kind = octahedra_.angles()[k];
      const std::string tail =
          ":" + element(kind.one) + "-" + element(kind.tip) + "-" + element(kind.other);
      const auto mean = over([k](const OctahedronValues& v) { return v.angles[k].mean; });
      const double centre = mean.value;
      const auto variance = over([k, centre](const OctahedronValues& v) {
        return v.angles[k].square - 2 * centre * v.angles[k].mean + centre * centre;
      });
      const double spread = std::sqrt(std::max(0.0, variance.value));
      add("angle" + tail, mean, degrees);
      add("angle_spread" + tail,
          {spread, spread > 0 ? variance.sigma / (2 * spread) : 0, variance.n_eff}, degrees);
    }
  }

  void add_tilts() {
    const auto& network = *octahedra_.network();
    for (int k = 0; k < 3; ++k) {
      const auto axis = static_cast<std::size_t>(k);
      const std::string tail = std::string(":") + "abc"[k];
      add("tilt" + tail, over([k](const OctahedronValues& v) { return v.tilt[k]; }), degrees);
      if (network.next[0][axis] != 0)  // it has a neighbour other than itself
        outcome_.quantities["tilt_correlation" + tail] =
            quantity(over([k](const OctahedronValues& v) { return v.correlation[k]; }), "");
      if (network.fits[axis])
        add("tilt_in_phase" + tail, size([k](const OctahedronValues& v) { return v.in_phase[k]; }),
            degrees);
      if (network.fits[3])
        add("tilt_out_of_phase" + tail,
            size([k](const OctahedronValues& v) { return v.out_of_phase[k]; }), degrees);
    }
  }

  void add_phases() {
    std::optional<std::array<bool, 4>> fits;
    if (octahedra_.network()) fits = octahedra_.network()->fits;
    if (fits && !((*fits)[3] && ((*fits)[0] || (*fits)[1] || (*fits)[2]))) {
      outcome_.warnings.push_back(
          "no phases: static tilts alternate from one octahedron to the next, and do not fit a box "
          "with an odd number of them along an axis");
      return;
    }
    const Phases phases = phases_of(replicas_, fits);
    const auto put = [&](const std::string& name, const numeric::Mean& weight) {
      outcome_.quantities["phase:" + name] = quantity(weight, "");
    };
    put("cubic", phases.cubic);
    put("tetragonal", phases.tetragonal);
    put("orthorhombic", phases.orthorhombic);
    put("other", phases.other);
    put("delta", phases.delta);
  }

 private:
  template <typename Function>
  [[nodiscard]] numeric::Mean over(Function value) const {
    return mean_over(replicas_, [&](const FrameValues& f) { return value(f.octahedra); });
  }

  template <typename Function>
  [[nodiscard]] numeric::Mean size(Function value) const {
    std::vector<numeric::Mean> each;
    for (const Trajectory& replica : replicas_) {
      Weighted series;
      for (const FrameValues& frame : replica) {
        series.values.push_back(value(frame.octahedra));
        series.weights.push_back(frame.weight);
      }
      each.push_back(weighted_mean({std::move(series)}));
    }
    return size_of(each);
  }

  void add(const std::string& name, const numeric::Mean& mean, double factor) {
    outcome_.quantities[name] = quantity(mean, "deg", factor);
  }

  [[nodiscard]] std::string element(int species) const {
    return plan_.system.species[static_cast<std::size_t>(species)];
  }

  const Plan& plan_;
  const Octahedra& octahedra_;
  const std::vector<Trajectory>& replicas_;
  Outcome& outcome_;
};

}  // namespace

Distributions::Distributions(const Plan& plan)
    : species_(plan.system.species),
      there_(species_.size(), false),
      pairs_(plan.system.ideal, rdf_reach, rdf_step, blocks_a_replica * plan.system.run.replicas),
      displacements_(plan.system.ideal, masses_of(plan), frames_of(plan) / blocks_a_replica,
                     interval_ps(plan)) {
  for (const int species : plan.system.ideal.species)
    there_[static_cast<std::size_t>(species)] = true;
}

void Distributions::count(const Sample& sample, std::size_t index) {
  if (index % rdf_every == 0) pairs_.add(sample.frame, sample.block, sample.weight);
}

void Distributions::follow(const Sample& sample) {
  alike_ = alike_ && sample.weight == 1.0;
  if (alike_) displacements_.add(sample.replica, sample.frame);
}

void Distributions::put_in(Outcome& outcome) const {
  auto& arrays = outcome.arrays;
  for (const PairDistribution::Pair& pair : pairs_.result()) {
    const std::string name = "rdf:" + species_[static_cast<std::size_t>(pair.one)] + "-" +
                             species_[static_cast<std::size_t>(pair.other)];
    arrays["r"] = array_of(pairs_.r(), "Å");
    arrays[name] = array_of(pair.g, "");
    arrays["delta_" + name] = array_of(pair.sigma, "");
  }
  const Eigen::VectorXd lag = displacements_.times();
  if (!alike_ || lag.size() < 2 || !(lag[1] > 0)) return;  // times may be unknown: no file has them
  arrays["lag"] = array_of(lag, "ps");
  const Eigen::MatrixXd squares = displacements_.mean_squares();
  const Eigen::MatrixXd errors = displacements_.mean_squares_sigma();
  const auto diffusion = displacements_.diffusion();
  for (std::size_t s = 0; s < species_.size(); ++s) {
    if (!there_[s]) continue;
    const auto column = static_cast<Eigen::Index>(s);
    arrays["msd:" + species_[s]] = array_of(squares.col(column), "Å²");
    arrays["delta_msd:" + species_[s]] = array_of(errors.col(column), "Å²");
    if (diffusion[s].mean.n_eff == 0) continue;
    record::Quantity& found = outcome.quantities["diffusion:" + species_[s]];
    found = quantity(diffusion[s].mean, "Å²/ps");
    found.sigma_sys = diffusion[s].sigma_sys;
  }
}

void add_octahedra(const Plan& plan, const Octahedra& octahedra,
                   const std::vector<Trajectory>& replicas, Outcome& outcome) {
  if (!octahedra.any()) return;
  OctahedraOutcome add(plan, octahedra, replicas, outcome);
  add.add_angles();
  if (octahedra.network()) add.add_tilts();
  if (octahedra.three_corners_each()) add.add_phases();
}

}  // namespace twin::md
