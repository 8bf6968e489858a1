// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/watch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "numeric/statistics.h"

namespace twin::steer {

namespace {

using Eigen::Index;

constexpr std::size_t longest_history = 3000, longest_change = 1000, before_alarm = 400;
constexpr double nothing = -std::numeric_limits<double>::infinity();

/// x of the symmetric positive A x = b and the variance of its last element; A's rows that say
/// nothing are left out.
std::optional<std::pair<double, double>> last_of(Eigen::MatrixXd a, Eigen::VectorXd b) {
  const Index n = a.rows();
  for (Index i = 0; i + 1 < n; ++i) {
    if (!(a(i, i) > 0)) continue;
    for (Index r = i + 1; r < n; ++r) {
      const double f = a(r, i) / a(i, i);
      const double before = a(r, r);
      a.row(r).tail(n - i) -= f * a.row(i).tail(n - i);
      if (a(r, r) < 1e-10 * before) a.row(r).setZero(), a.col(r).setZero();
      b[r] -= f * b[i];
    }
  }
  if (!(a(n - 1, n - 1) > 0)) return std::nullopt;
  return std::pair(b[n - 1] / a(n - 1, n - 1), 1 / a(n - 1, n - 1));
}

/// The same of coordinate \p i, least squares of the samples from \p from on.
/// \param fill  (row, k): the regressors of sample k
template <typename Fill>
std::optional<std::pair<double, double>> last_of(const std::vector<White>& history, Index i,
                                                 std::size_t from, Index terms, const Fill& fill) {
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(terms, terms);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(terms), row = Eigen::VectorXd::Ones(terms);
  for (std::size_t k = from; k < history.size(); ++k) {
    fill(row, k);
    normal += history[k].weight[i] * row * row.transpose();
    right += history[k].weight[i] * history[k].y[i] * row;
  }
  return last_of(normal, right);
}

}  // namespace

void correct(std::vector<Effect>& effects) {
  std::vector<double> p;
  for (const auto& effect : effects) p.push_back(effect.p);
  const auto adjusted = numeric::holm(p);
  for (std::size_t i = 0; i < effects.size(); ++i) effects[i].p = adjusted[i];
}

Watch::Watch(const WatchSettings& settings)
    : settings_(settings), learning_(settings.baseline), log_sum_(nothing) {}

std::vector<Finding> Watch::add(const Sample& sample) {
  std::vector<Finding> out;
  samples_.push_back(sample);
  if (!whitener_) {
    informed_ = sample.value.array().isFinite().any();
    if (samples_.size() == settings_.baseline) learn_noise(out);
    return out;
  }
  history_.push_back((*whitener_)(sample));
  informed_ = (history_.back().weight > 0).any();
  if (learning_ > 0) {
    detector_->learn(history_.back());
    if (--learning_ == 0) begins_ = history_.size();
    return out;
  }
  refine();
  if (!alarm_) {
    const Evidence evidence = detector_->add(history_.back());
    log_sum_ = evidence.log_sum;
    steps_ = evidence.steps;
    if (log_sum_ < settings_.log_threshold) {
      if (history_.size() - begins_ >= 2 * settings_.baseline) unended_ = false;
      trim();
      return out;
    }
    alarm_ = history_.size() - 1;
    revise_at_ = history_.size();
    early_ = history_.size() - begins_ < settings_.baseline / 2 ? early_ + 1 : 0;
  }
  follow(out);
  return out;
}

void Watch::learn_noise(std::vector<Finding>& out) {
  whitener_.emplace(estimate_noise(samples_, settings_.drift));
  detector_.emplace(whitener_->noise().factor.rows(), settings_.drift != Drift::none);
  for (const auto& sample : samples_) {
    history_.push_back((*whitener_)(sample));
    detector_->learn(history_.back());
  }
  learning_ = 0;
  begins_ = history_.size();
  refine_at_ = history_.size() + history_.size() / 3;
  Finding found;
  found.what = Finding::What::baseline;
  found.sample = first_ + static_cast<long long>(samples_.size()) - 1;
  out.push_back(found);
}

void Watch::refine() {
  if (alarm_ || samples_.size() < refine_at_) return;
  refine_at_ = samples_.size() + samples_.size() / 3;
  Noise noise = whitener_->noise();
  // A change that nobody has seen yet looks like autocorrelation: the newest fifth is left out.
  const std::vector<Sample> old(
      samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(samples_.size() * 4 / 5));
  refine_autocorrelation(noise, old, settings_.drift);
  whitener_->set_autocorrelation(noise.phi);
}

/// The course so far: told when it is new, again when the onset's set is another, and at its end.
void Watch::follow(std::vector<Finding>& out) {
  const bool alarm = *alarm_ == history_.size() - 1;
  if (history_.size() < revise_at_) return;
  // Each sample at first; later in steps of a sixteenth of what the change has lasted.
  revise_at_ = history_.size() + std::max<std::size_t>(1, (history_.size() - *alarm_) / 16);
  const std::size_t earliest = *alarm_ > before_alarm ? *alarm_ - before_alarm : 0;
  const Course course =
      course_of_change(history_, std::max(begins_, earliest), settings_.drift != Drift::none);
  const auto same = [](const Instant& a, const Instant& b) {
    return a.best == b.best && a.low == b.low && a.high == b.high;
  };
  if (alarm || !same(course.onset, told_))
    out.push_back(finding(alarm ? Finding::What::change : Finding::What::revision, course));
  told_ = course.onset;
  at_rest_ = at_rest(course) ? at_rest_ + 1 : 0;
  if (at_rest_ >= 3) {
    out.push_back(finding(Finding::What::end, course));
    const auto behind = std::max(static_cast<std::size_t>(course.end.high) + 1, quiet_from(course));
    unended_ = false;
    restart(history_.size() - std::min(history_.size() - 1, behind));
  } else if (history_.size() - *alarm_ > longest_change) {
    out.push_back(finding(Finding::What::going_on, course));
    unended_ = true;
    restart(0);
  }
}

/// Index from which on nobody sees that the change is not quite over: what is left of its course,
/// (1 - shape) times the amplitude, comes to less than one standard error in all samples together.
std::size_t Watch::quiet_from(const Course& course) const {
  const Index terms = settings_.drift != Drift::none ? 3 : 2;
  Eigen::ArrayXd amplitude = Eigen::ArrayXd::Zero(history_.back().y.size());
  for (Index i = 0; i < amplitude.size(); ++i) {
    const auto last = last_of(history_, i, 0, terms, [&](Eigen::VectorXd& row, std::size_t k) {
      if (terms == 3) row[1] = history_[k].covariate[i];
      row[terms - 1] = course.shape[static_cast<Index>(k)];
    });
    if (last) amplitude[i] = last->first;
  }
  double left = 0;
  auto from = static_cast<Index>(history_.size());
  for (; from > 0; --from) {
    const auto& weight = history_[static_cast<std::size_t>(from - 1)].weight;
    left += (weight * ((1 - course.shape[from - 1]) * amplitude).square()).sum();
    if (left > 1) break;
  }
  return static_cast<std::size_t>(from);
}

/// It is over with a probability of 95 %, and behind its end no slope is seen (χ², 5 %), for as
/// many samples as a new mean is learnt from: the first ones of a slow change look like a small
/// step.
bool Watch::at_rest(const Course& course) const {
  if (course.ended < 0.95) return false;
  const auto from = std::max(static_cast<std::size_t>(course.end.best) + 1, quiet_from(course));
  const auto rest = std::clamp<std::size_t>(settings_.baseline / 2, 8, longest_change / 2);
  if (history_.size() < from + rest) return false;
  // A null that drifts has a slope of its own: there the course alone decides.
  if (settings_.drift != Drift::none) return true;
  double chi2 = 0, dof = 0;
  for (Index i = 0; i < history_.back().y.size(); ++i) {
    const auto slope = last_of(history_, i, from, 2, [&](Eigen::VectorXd& row, std::size_t k) {
      row[1] = static_cast<double>(k - from);
    });
    if (!slope) continue;
    chi2 += slope->first * slope->first / slope->second;
    ++dof;
  }
  return dof < 1 || numeric::chi_squared_survival(chi2, dof) > 0.05;
}

Finding Watch::finding(Finding::What what, const Course& course) const {
  const auto absolute = [&](Instant at) {
    const auto by = static_cast<double>(first_);
    return Instant{at.best + by, at.low + by, at.high + by};
  };
  Finding out;
  out.what = what;
  out.sample = first_ + static_cast<long long>(samples_.size()) - 1;
  out.log_sum = log_sum_;
  out.onset = absolute(course.onset);
  out.end = absolute(course.end);
  out.ended = course.ended;
  // At first by the larger of the detector's partial sums; later by the course.
  out.step = what == Finding::What::change ? steps_ > 0.5 : course.step > 0.5;
  out.effects = effects(course.shape);
  out.restless = early_ >= 3;
  return out;
}

/// Each quantity by itself: least squares on the null's mean and the course, errors as claimed and
/// scaled, times g of the mean autocorrelation.
std::vector<Effect> Watch::effects(const Eigen::VectorXd& shape) const {
  const Noise& noise = whitener_->noise();
  const double phi = noise.phi.mean(), g = (1 + phi) / (1 - phi);
  const bool drifts = settings_.drift != Drift::none;
  const Index m = noise.factor.rows(), terms = drifts ? 3 : 2;
  const Eigen::VectorXd typical = noise.factor.rowwise().norm();
  std::vector<Effect> out;
  for (Index i = 0; i < m; ++i) {
    const Index at = noise.order[static_cast<std::size_t>(i)];
    Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(terms, terms);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(terms), row = Eigen::VectorXd::Ones(terms);
    for (std::size_t k = 0; k < samples_.size(); ++k) {
      const Sample& s = samples_[k];
      if (!std::isfinite(s.value[at]) || !std::isfinite(s.covariate)) continue;
      double variance = typical[i] * typical[i];
      if (noise.claimed[i] > 0) variance = s.covariance(at, at) * noise.scale[i];
      if (!(variance > 0) || !std::isfinite(variance)) continue;
      if (drifts) row[1] = (s.covariate - noise.covariate_center) / noise.covariate_scale;
      row[terms - 1] = shape[static_cast<Index>(k)];
      normal += row * row.transpose() / variance;
      right += row * (s.value[at] - noise.center[i]) / variance;
    }
    Effect effect{at, 0.0, 0.0, 1.0};
    if (const auto found = last_of(normal, right)) {
      effect.value = found->first;
      effect.sigma = std::sqrt(found->second * g);
      effect.p = numeric::normal_two_sided(effect.value / effect.sigma);
    }
    out.push_back(effect);
  }
  correct(out);
  return out;
}

void Watch::forget(bool same) {
  const bool unended = unended_;
  interrupt();
  unended_ = same && unended;
  whitener_.reset();
  detector_.reset();
  learning_ = settings_.baseline;
}

void Watch::interrupt() {
  unended_ = informed_ = false;
  if (whitener_) {
    restart(0);
  } else {
    first_ += static_cast<long long>(samples_.size());
    samples_.clear();
  }
}

/// A new mean from the last \p keep samples and those to come.
void Watch::restart(std::size_t keep) {
  const auto gone = static_cast<std::ptrdiff_t>(samples_.size() - keep);
  samples_.erase(samples_.begin(), samples_.begin() + gone);
  history_.erase(history_.begin(), history_.begin() + gone);
  first_ += gone;
  if (keep == 0) whitener_->restart();
  alarm_.reset();
  at_rest_ = 0;
  log_sum_ = nothing;
  detector_.emplace(whitener_->noise().factor.rows(), settings_.drift != Drift::none);
  for (const auto& sample : history_) detector_->learn(sample);
  const std::size_t enough =
      settings_.drift == Drift::none ? settings_.baseline / 2 : settings_.baseline;
  learning_ = enough > keep ? enough - keep : 0;
  begins_ = history_.size();
  refine_at_ = std::max(samples_.size() + settings_.baseline, refine_at_);
}

void Watch::trim() {
  if (samples_.size() < longest_history) return;
  const auto gone = static_cast<std::ptrdiff_t>(longest_history / 3);
  samples_.erase(samples_.begin(), samples_.begin() + gone);
  history_.erase(history_.begin(), history_.begin() + gone);
  first_ += gone;
  begins_ -= std::min(begins_, static_cast<std::size_t>(gone));
  begins_ = std::max<std::size_t>(1, begins_);
  refine_at_ = samples_.size() + longest_history / 3;
}

}  // namespace twin::steer
