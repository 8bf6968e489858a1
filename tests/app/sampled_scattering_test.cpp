// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sampled_scattering.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "atoms/crystal.h"
#include "core/error.h"
#include "cubic_cspbi3.h"
#include "feff/feff.h"
#include "xas/fit.h"
#include "xas/transform.h"

namespace twin::app::sampled_scattering_test {
namespace {

using Eigen::VectorXd;

const VectorXd k = xas::k_grid(241);

feff::Request of_lead() {
  feff::Request request;
  request.structure = atoms::cell_of(cubic_cspbi3(6.29, 3));
  request.absorber = "Pb";
  request.edge = "L3";
  request.rmax = 6.4;  // as far as Pb-I-Pb in a row
  return request;
}

md::Sample sample_of(const atoms::Frame& frame, int replica, int block) {
  md::Sample out;
  out.frame = frame;
  out.replica = replica;
  out.block = block;
  return out;
}

VectorXd multiple_of(const feff::Paths& found) {
  VectorXd out = VectorXd::Zero(k.size());
  for (const auto& path : found.paths) {
    if (path.legs < 3) continue;
    xas::PathValues values;
    values.amplitude = path.degeneracy;
    out += xas::path_chi(path, values, k);
  }
  return out;
}

double difference(const VectorXd& one, const VectorXd& other) {
  const auto part = [](const VectorXd& chi) {
    return chi.segment(60, 180).cwiseProduct(k.segment(60, 180)).eval();
  };
  return part(one - other).norm() / part(other).norm();
}

class OnFrames : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/feff6l"))
      GTEST_SKIP() << "skipped: no feff6l (Debian package feff85exafs)";
  }

  const record::Structure crystal = cubic_cspbi3(6.29, 3);
  const std::vector<std::string> elements = atoms::elements(crystal);
  const atoms::Frame ideal = atoms::build_crystal(crystal);
  int calls = 0;

  SampledScattering::Chi of(const SampledScattering& sampled) {
    return sampled.chi([this](double share) {
      EXPECT_LT(share, 1);
      ++calls;
    });
  }
};

// The ideal crystal: any absorber's paths are those that FEFF has of it.
TEST_F(OnFrames, TheIdealCrystalHasItsOwnPaths) {
  SampledScattering sampled(of_lead(), elements, k, 2);
  sampled.add(sample_of(ideal, 0, 0));
  sampled.add(sample_of(ideal, 0, 1));
  const auto found = of(sampled);
  const VectorXd expected = multiple_of(feff::ideal_paths(of_lead()));
  EXPECT_GT(expected.cwiseAbs().maxCoeff(), 1e-3);
  EXPECT_EQ(found.absorbers, 2);
  EXPECT_EQ(calls, 2);
  // Degeneracies are split here and there as FEFF's path finder sees fit; amplitudes have 4 digits.
  EXPECT_LT(difference(found.mean, expected), 5e-3);
  EXPECT_LT(difference(found.without_block.row(0), expected), 5e-3);
}

TEST_F(OnFrames, BlocksAreTheirFrames) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, 0.1);
  SampledScattering sampled(of_lead(), elements, k, 2), first(of_lead(), elements, k, 2);
  for (int block = 0; block < 2; ++block) {
    atoms::Frame frame = ideal;
    for (double& x : frame.positions.reshaped()) x += normal(random);
    sampled.add(sample_of(frame, 0, block));
    if (block == 0) first.add(sample_of(frame, 0, 0));
  }
  const auto both = of(sampled), one = of(first);
  EXPECT_LT(difference(both.without_block.row(1), one.mean), 1e-12);
  EXPECT_LT(difference(both.without_block.colwise().mean().transpose(), both.mean), 1e-12);
  // Displacements wash out what the ideal crystal shows.
  EXPECT_GT(difference(both.without_block.row(0), both.without_block.row(1)), 0.05);
}

TEST_F(OnFrames, AnElementThatTheReferenceLacksIsRefused) {
  auto request = of_lead();
  std::erase_if(request.structure->sites, [](const auto& site) { return site.element == "Cs"; });
  SampledScattering sampled(request, elements, k, 1);
  sampled.add(sample_of(ideal, 0, 0));
  EXPECT_THROW((void)of(sampled), Error);
}

}  // namespace
}  // namespace twin::app::sampled_scattering_test
