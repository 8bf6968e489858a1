// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sampled_scattering.h"

#include <cmath>
#include <utility>

#include "atoms/frame_structure.h"
#include "core/error.h"
#include "xas/fit.h"

namespace twin::app {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr std::size_t most_kept = 16;  // of a replica; then every other one goes

}  // namespace

SampledScattering::SampledScattering(feff::Request request, std::vector<std::string> elements,
                                     VectorXd k, int blocks)
    : request_(std::move(request)),
      elements_(std::move(elements)),
      k_(std::move(k)),
      blocks_(blocks) {}

void SampledScattering::add(const md::Sample& sample) {
  if (sample.replica >= static_cast<int>(replicas_.size()))
    replicas_.resize(static_cast<std::size_t>(sample.replica) + 1);
  Replica& replica = replicas_[static_cast<std::size_t>(sample.replica)];
  const std::size_t index = replica.seen++;
  if (index % replica.stride != 0) return;
  replica.kept.push_back({sample, index});
  if (replica.kept.size() < most_kept) return;
  replica.stride *= 2;
  std::erase_if(replica.kept, [&](const Kept& one) { return one.index % replica.stride != 0; });
}

VectorXd SampledScattering::of(const Kept& kept, std::size_t turn) const {
  const atoms::Structure frame = atoms::structure_of(kept.sample.frame, elements_);
  const std::string& element = request_.structure ? request_.absorber : request_.crystal.element;
  std::vector<const atoms::Site*> absorbers;
  for (const atoms::Site& site : frame.sites)
    if (site.element == element) absorbers.push_back(&site);
  if (absorbers.empty())
    throw Error(Cause::internal, "multiple scattering: a frame without " + element);
  // Turns at the golden ratio are spread evenly, however many there are.
  const double share = std::fmod(0.6180339887498949 * static_cast<double>(turn), 1.0);
  const auto which = static_cast<std::size_t>(share * static_cast<double>(absorbers.size()));
  VectorXd out = VectorXd::Zero(k_.size());
  for (const auto& path : feff::frame_paths(request_, frame, absorbers[which]->label).paths) {
    if (path.legs < 3) continue;
    xas::PathValues values;
    values.amplitude = path.degeneracy;
    out += xas::path_chi(path, values, k_);
  }
  return out;
}

SampledScattering::Chi SampledScattering::chi(const std::function<void(double)>& progress) const {
  std::size_t all = 0, done = 0;
  for (const Replica& replica : replicas_) all += replica.kept.size();
  MatrixXd sums = MatrixXd::Zero(blocks_, k_.size());
  VectorXd weights = VectorXd::Zero(blocks_);
  for (const Replica& replica : replicas_)
    for (const Kept& kept : replica.kept) {
      progress(static_cast<double>(done) / static_cast<double>(all));
      sums.row(kept.sample.block) += kept.sample.weight * of(kept, done++).transpose();
      weights[kept.sample.block] += kept.sample.weight;
    }
  if (!(weights.sum() > 0)) throw Error(Cause::data, "multiple scattering: no frames");
  Chi out;
  out.absorbers = static_cast<int>(all);
  out.mean = sums.colwise().sum() / weights.sum();
  out.without_block.resize(blocks_, k_.size());
  for (int b = 0; b < blocks_; ++b) {
    const double rest = weights.sum() - weights[b];
    out.without_block.row(b) =
        rest > 0 ? VectorXd((sums.colwise().sum() - sums.row(b)).transpose() / rest) : out.mean;
  }
  return out;
}

}  // namespace twin::app
