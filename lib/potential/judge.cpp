// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/constants.h"
#include "core/text.h"
#include "potential/gate.h"

namespace twin::potential {

namespace {

/// One look at a run: each check adds to the verdict.
class Judge {
 public:
  Judge(const md::Plan& plan, const GateRun& run, const GateSettings& settings)
      : plan_(plan), run_(run), settings_(settings), deep_(plan.system.potential.deep) {}

  GateVerdict word() {
    if (!run_.ended.empty()) refuse("run", run_.ended);
    if (!run_.frames.empty()) {
      check_lattice();
      check_volume();
      check_deviation();
      check_temperature();
      check_sites();
    }
    check_drift();
    out_.passed = out_.reasons.empty();
    choose_frames();
    return std::move(out_);
  }

 private:
  void note(const std::string& name, double value, const std::string& unit) {
    record::Quantity quantity;
    quantity.value = value;
    quantity.unit = unit;
    quantity.method = "gate";
    out_.quantities[name] = quantity;
  }

  void refuse(const std::string& name, const std::string& reason) {
    if (std::ranges::find(out_.failed, name) == out_.failed.end()) out_.failed.push_back(name);
    out_.reasons.push_back(reason);
  }

  static std::string percent(double fraction) { return significant(100 * fraction, 2) + " %"; }

  void check_length(const std::string& name, double expected, const std::string& whose) {
    note(name, expected, "Å");
    const double off = run_.a / expected - 1;
    if (std::abs(off) > settings_.lattice_tolerance)
      refuse("a", "a = " + significant(run_.a, 4) + " Å at " + shortest(plan_.temperature) +
                      " K is " + percent(std::abs(off)) + (off > 0 ? " above " : " below ") +
                      whose + ", " + significant(expected, 4) + " Å; " +
                      percent(settings_.lattice_tolerance) + " are allowed");
  }

  /// Against what is stated, and what the labels themselves ask for at this temperature.
  void check_lattice() {
    note("a", run_.a, "Å");
    if (!plan_.system.pressure_bar) {
      out_.remarks.push_back("at constant volume the lattice parameter is not judged");
      return;
    }
    const double drift = run_.a_end / run_.a_start - 1;
    if (std::abs(drift) > settings_.lattice_tolerance)
      refuse("a", "the cell " + std::string(drift > 0 ? "swells" : "shrinks") + ", from " +
                      significant(run_.a_start, 4) + " to " + significant(run_.a_end, 4) +
                      " Å within the run");
    if (settings_.lattice) check_length("a_stated", *settings_.lattice, "what is stated");
    if (deep_.own_volume > 0)
      check_length("a_labels", labels_length(), "where the labels' own pressure vanishes");
    look_at_labels();
    if (!settings_.lattice && deep_.own_volume == 0)
      out_.remarks.push_back("no lattice parameter is known to compare with");
  }

  /// What no training on such labels can mend.
  void look_at_labels() {
    if (!settings_.lattice || deep_.own_volume == 0) return;
    const double off = labels_length() / *settings_.lattice - 1;
    if (std::abs(off) > settings_.lattice_tolerance)
      out_.remarks.push_back("the labels themselves ask for " + percent(std::abs(off)) +
                             (off > 0 ? " more" : " less") +
                             " than what is stated: more labels of that theory don't mend it");
  }

  /// Å: K (V0 - V) / V0 + kT/V = p, an atom; by Newton from V0.
  [[nodiscard]] double labels_length() const {
    const double v0 = deep_.own_volume, k = deep_.own_stiffness;
    const double kT = boltzmann_eV * plan_.temperature;
    const double p = plan_.system.pressure_bar.value_or(0) * eV_per_bar_A3;
    double v = v0;
    for (int i = 0; i < 20; ++i) v -= (k * (v0 - v) / v0 + kT / v - p) / (-k / v0 - kT / (v * v));
    const auto& count = plan_.structure.supercell;
    const double cells = static_cast<double>(count[0]) * count[1] * count[2];
    return std::cbrt(v * static_cast<double>(plan_.system.ideal.species.size()) / cells);
  }

  void check_volume() {
    if (deep_.volume_max == 0) {
      out_.remarks.push_back("the training's volumes are not known");
      return;
    }
    std::size_t outside = 0;
    double least = run_.frames.front().volume, most = least;
    for (const GateFrame& frame : run_.frames) {
      least = std::min(least, frame.volume);
      most = std::max(most, frame.volume);
      if (is_outside(frame)) ++outside;
    }
    note("volume_min", least, "Å³");
    note("volume_max", most, "Å³");
    const double share = static_cast<double>(outside) / static_cast<double>(run_.frames.size());
    if (share > settings_.frames_beyond)
      refuse("volume_max",
             percent(share) + " of the frames have volumes outside of the training's, " +
                 significant(deep_.volume_min, 4) + " to " + significant(deep_.volume_max, 4) +
                 " Å³ an atom: " + significant(least, 4) + " to " + significant(most, 4));
  }

  [[nodiscard]] bool is_outside(const GateFrame& frame) const {
    return deep_.volume_max > 0 &&
           (frame.volume < deep_.volume_min || frame.volume > deep_.volume_max);
  }

  [[nodiscard]] bool is_beyond(const GateFrame& frame) const {
    return frame.force_deviation && *frame.force_deviation > settings_.force_deviation_eV_A;
  }

  void check_deviation() {
    if (deep_.models.size() < 2) {
      refuse("force_deviation",
             "one model alone can't tell where it has not been; four are expected");
      return;
    }
    double sum = 0, largest = 0;
    std::size_t known = 0, over = 0;
    for (const GateFrame& frame : run_.frames)
      if (frame.force_deviation) {
        ++known;
        sum += *frame.force_deviation;
        largest = std::max(largest, *frame.force_deviation);
        if (is_beyond(frame)) ++over;
      }
    if (known == 0) {
      refuse("force_deviation", "the models' deviation was not told");
      return;
    }
    note("force_deviation", sum / static_cast<double>(known), "eV/Å");
    note("force_deviation_max", largest, "eV/Å");
    const double share = static_cast<double>(over) / static_cast<double>(known);
    if (share > settings_.frames_beyond)
      refuse(
          "force_deviation_max",
          percent(share) + " of the frames have forces that the models disagree on by more than " +
              shortest(settings_.force_deviation_eV_A) + " eV/Å, at most " +
              significant(largest, 3) + "; " + percent(settings_.frames_beyond) + " are allowed");
  }

  void check_temperature() {
    double sum = 0;
    for (const GateFrame& frame : run_.frames) sum += frame.temperature;
    const double mean = sum / static_cast<double>(run_.frames.size());
    note("temperature_md", mean, "K");
    // A mean of few atoms over a short run is off by chance, too: three standard errors of frames
    // that are taken as a tenth as many.
    const double atoms = static_cast<double>(plan_.system.ideal.species.size());
    const double chance =
        3 * std::sqrt(2 / (3 * atoms) * 10 / static_cast<double>(run_.frames.size()));
    if (std::abs(mean / plan_.temperature - 1) > settings_.temperature_tolerance + chance)
      refuse("temperature_md", "the mean temperature is " + significant(mean, 4) +
                                   " K, the thermostat's " + shortest(plan_.temperature) + " K");
  }

  void check_sites() {
    double sum = 0;
    for (const double n : run_.neighbours) sum += n;
    const double mean = sum / static_cast<double>(run_.neighbours.size());
    note("n", mean, "");
    if (std::abs(mean - run_.ideal_neighbours) > 0.05)
      refuse("n", "an atom has " + significant(mean, 4) + " neighbours, its site " +
                      significant(run_.ideal_neighbours, 4) + ": atoms have left their sites");
  }

  void check_drift() {
    if (!run_.drift_meV_ps) return;
    note("energy_drift", *run_.drift_meV_ps, "meV/ps");
    if (std::abs(*run_.drift_meV_ps) > settings_.drift_meV_ps)
      refuse("energy_drift", "at constant energy it drifts by " +
                                 significant(*run_.drift_meV_ps, 3) + " meV an atom and ps; " +
                                 shortest(settings_.drift_meV_ps) + " are allowed");
  }

  /// Those beyond a bound; of a run that was refused, any others too: evenly along it.
  void choose_frames() {
    std::vector<const GateFrame*> asked, others;
    for (const auto* frames : {&run_.before, &run_.frames})
      for (const GateFrame& frame : *frames)
        (is_beyond(frame) || is_outside(frame) ? asked : others).push_back(&frame);
    add_evenly(asked);
    if (!out_.passed) add_evenly(others);
  }

  /// As many as there is still room for.
  void add_evenly(const std::vector<const GateFrame*>& frames) {
    const std::size_t room = std::min(frames.size(), settings_.most_frames - out_.to_label.size());
    for (std::size_t i = 0; i < room; ++i)
      out_.to_label.push_back(frames[i * frames.size() / room]);
  }

  const md::Plan& plan_;
  const GateRun& run_;
  const GateSettings& settings_;
  const md::Deep& deep_;
  GateVerdict out_;
};

}  // namespace

GateVerdict judge(const md::Plan& plan, const GateRun& run, const GateSettings& settings) {
  return Judge(plan, run, settings).word();
}

std::string with_gate(const std::string& description, const GateVerdict& verdict,
                      double temperature, const std::string& sha256_of_models) {
  std::string text;
  for (const auto line : split(description, '\n'))
    if (!line.starts_with("gate")) text += std::string(line) + "\n";
  while (text.ends_with("\n\n")) text.pop_back();
  const std::string reasons = verdict.passed ? "within all bounds" : join(verdict.reasons, "; ");
  return text + "gate: " + (verdict.passed ? "passed" : "refused") +
         "\ngate_models: " + sha256_of_models + "\ngate_temperature: " + shortest(temperature) +
         " K\ngate_reasons: " + printable(reasons) + "\n";
}

}  // namespace twin::potential
