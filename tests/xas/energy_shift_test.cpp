// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/energy_shift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/QR>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "core/error.h"
#include "numeric/spline.h"
#include "xas/oracle.h"
#include "xas/spectrum.h"

namespace twin::xas::energy_shift_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

TEST(Align, FindsAShift) {
  const auto [energy, mu] = spectrum::make({.width = 3});
  for (const double by : {-8.3, -0.31, 0.0, 0.02, 4.7}) {
    const VectorXd moved = energy.array() - by;
    const Shift found = align(moved, 1.7 * mu, energy, mu, spectrum::e0);
    EXPECT_TRUE(found.converged) << by;
    EXPECT_NEAR(found.shift, by, 1e-6) << by;
    EXPECT_NEAR(found.scale, 1 / 1.7, 1e-6);
    EXPECT_LT(found.misfit, 1e-6);
  }
}

// Another grid samples the derivative otherwise: 0.05 eV of a rise 3 eV wide.
TEST(Align, FindsAShiftBetweenGrids) {
  const auto [energy, mu] = spectrum::make({.wave = 0, .width = 3});
  const VectorXd fine = VectorXd::LinSpaced(900, 8900, 9100);
  const VectorXd other = fine.unaryExpr([](double e) {
    return spectrum::step * (0.5 + std::atan((e + 0.83 - spectrum::e0) / 3) / 3.14159265358979);
  });
  EXPECT_NEAR(align(fine, other, energy, mu, spectrum::e0).shift, 0.83, 0.05);
}

TEST(Align, SigmaCoversTheScatter) {
  const VectorXd energy = VectorXd::LinSpaced(200, 8960, 9060);
  const VectorXd mu =
      energy.unaryExpr([](double e) { return 0.5 + std::atan((e - 9000) / 2) / 3.14159265358979; });
  std::mt19937 random(11);
  std::normal_distribution<double> normal(0, 0.004);
  double squares = 0, claimed = 0;
  const int draws = 300;
  for (int d = 0; d < draws; ++d) {
    VectorXd noisy = mu;
    for (double& y : noisy) y += normal(random);
    const Shift found = align(energy, noisy, energy, mu, 9000);
    squares += found.shift * found.shift;
    claimed += found.sigma * found.sigma;
  }
  EXPECT_NEAR(std::sqrt(claimed / squares), 1, 0.2);  // 300 draws: 4 % at 1 σ, and the model's own
}

TEST(Align, SaysWhenItDidNotConverge) {
  const auto [energy, mu] = spectrum::make({.width = 3});
  std::mt19937 random(2);
  std::normal_distribution<double> normal(0, 1);
  VectorXd nothing = mu;
  for (double& y : nothing) y = normal(random);
  const Shift found = align(energy, nothing, energy, mu, spectrum::e0);
  EXPECT_TRUE(!found.converged || found.misfit > 0.5);
  EXPECT_FALSE(align(energy, VectorXd::Ones(energy.size()), energy, mu, spectrum::e0).converged);
}

TEST(Align, RefusesWhatCannotBeLaidOver) {
  const auto [energy, mu] = spectrum::make();
  const VectorXd few = VectorXd::LinSpaced(5, 8999, 9001);
  EXPECT_THROW(static_cast<void>(align(few, few, energy, mu, spectrum::e0)), Error);
  EXPECT_THROW(static_cast<void>(align(energy, mu, energy, mu, 500)), Error);
  VectorXd bad = mu;
  bad[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(align(energy, bad, energy, mu, spectrum::e0)), Error);
  EXPECT_THROW(static_cast<void>(align(energy, mu.head(9), energy, mu, spectrum::e0)), Error);
}

// Repeats that the peer gives edges from 5999.6 to 6000.8, grid points, lie within 0.2 eV of the
// first but for one; that one is 0.6 eV above it.
TEST(Align, MeasuredRepeatsLieTogether) {
  SKIP_WITHOUT_ORACLE();
  const auto first = oracle::curve("series_Cr2O3_repeats/Cr2O3.000.gz", "mu");
  for (const char* name : {"001", "004", "005", "007", "009"}) {
    const auto data =
        oracle::curve("series_Cr2O3_repeats/Cr2O3." + std::string(name) + ".gz", "mu");
    const Shift found = align(data.col(0), data.col(1), first.col(0), first.col(1), 6000);
    EXPECT_TRUE(found.converged) << name;
    EXPECT_NEAR(found.shift, std::string(name) == "007" ? -0.6 : 0, 0.25) << name;
    EXPECT_LT(found.sigma, 0.05) << name;
  }
}

VectorXd dispersed(const VectorXd& pixels, double (*energy_of)(double)) {
  return pixels.unaryExpr([&](double p) {
    const double e = energy_of(p), k = e > spectrum::e0 ? std::sqrt(etok * (e - spectrum::e0)) : 0;
    const double mu = 0.5 + std::atan((e - spectrum::e0) / 3) / 3.14159265358979 + spectrum::chi(k);
    return 0.8 * mu - 0.3 + 2e-4 * p - 1e-7 * p * p;
  });
}

TEST(Pixels, FindTheirEnergies) {
  const auto [energy, mu] = spectrum::make({.width = 3});
  const VectorXd pixels = VectorXd::LinSpaced(1000, 0, 999);
  const auto rising = [](double p) { return 8950 + 0.31 * p + 2e-5 * p * p; };
  const auto falling = [](double p) { return 9350 - 0.44 * p + 3e-5 * p * p; };
  for (double (*truth)(double) : {+rising, +falling}) {
    const PixelEnergy found = calibrate_pixels(pixels, dispersed(pixels, truth), energy, mu, 2);
    EXPECT_TRUE(found.converged);
    const VectorXd off = energies_of(found.polynomial, pixels) - pixels.unaryExpr(truth);
    EXPECT_LT(off.cwiseAbs().maxCoeff(), 0.3);  // the reference is a spline through 0.5 to 5 eV
    EXPECT_LT(found.rms, 2e-3);
  }
}

TEST(Pixels, TurnBackNowhere) {
  const VectorXd pixels = VectorXd::LinSpaced(11, 0, 10);
  EXPECT_EQ(energies_of(Eigen::Vector2d(100, 2), pixels)[10], 120);
  EXPECT_NO_THROW(static_cast<void>(energies_of(Eigen::Vector2d(100, -2), pixels)));
  EXPECT_THROW(static_cast<void>(energies_of(Eigen::Vector3d(100, 2, -0.2), pixels)), Error);
  EXPECT_THROW(static_cast<void>(energies_of(VectorXd(), pixels)), Error);
}

TEST(Pixels, RefuseWhatIsNoFoil) {
  const auto [energy, mu] = spectrum::make();
  const VectorXd pixels = VectorXd::LinSpaced(100, 0, 99);
  EXPECT_THROW(static_cast<void>(calibrate_pixels(pixels, VectorXd::Ones(100), energy, mu)), Error);
  EXPECT_THROW(static_cast<void>(calibrate_pixels(pixels, pixels, energy, mu, 0)), Error);
  EXPECT_THROW(static_cast<void>(calibrate_pixels(pixels.head(9), pixels.head(9), energy, mu)),
               Error);
}

Eigen::MatrixX2d two_columns(const std::string& file) {
  std::ifstream in(file);
  std::vector<double> x, y;
  for (std::string line; std::getline(in, line);) {
    double a = 0, b = 0;
    if (std::sscanf(line.c_str(), "%lf %lf", &a, &b) == 2) {
      x.push_back(a);
      y.push_back(b);
    }
  }
  Eigen::MatrixX2d out(static_cast<Index>(x.size()), 2);
  for (Index i = 0; i < out.rows(); ++i)
    out.row(i) << x[static_cast<std::size_t>(i)], y[static_cast<std::size_t>(i)];
  return out;
}

// Copper seen by a dispersive spectrometer (ID24), its step-by-step spectrum, and the energies that
// the beamline gave to the same pixels.
TEST(Pixels, OfAMeasuredFoilAreThoseOfTheBeamline) {
  SKIP_WITHOUT_ORACLE();
  const std::string at = *oracle::folder() + "/series_dispersive_cus2/";
  if (!std::filesystem::exists(at + "cu_08")) GTEST_SKIP() << "skipped: no dispersive series";
  const auto pixels = two_columns(at + "cu_08"), foil = two_columns(at + "cufoil_rt.txt"),
             theirs = two_columns(at + "cu_08.calib");
  const PixelEnergy found =
      calibrate_pixels(pixels.col(0), pixels.col(1), 1000 * foil.col(0), foil.col(1), 2);
  EXPECT_TRUE(found.converged);
  EXPECT_LT(found.rms, 0.006);
  const VectorXd ours = energies_of(found.polynomial, pixels.col(0));
  const VectorXd off = ours - 1000 * theirs.col(0);
  // The edge and 200 eV above it: 0.6 eV between two fits. Theirs is 2.7 eV lower at the far
  // end, where only the EXAFS tells: ours follows it better.
  EXPECT_LT(off.head(800).cwiseAbs().maxCoeff(), 0.7);
  const auto misfit = [&](const VectorXd& e) {
    const VectorXd t = (pixels.col(0).array() - 620) / 620;
    Eigen::MatrixXd basis(e.size(), 5);
    basis << numeric::CubicInterpolator(1000 * foil.col(0), e)(foil.col(1)),
        VectorXd::Ones(e.size()), t, t.cwiseAbs2(), t.array().cube().matrix();
    const VectorXd y = pixels.col(1);
    return (basis * basis.householderQr().solve(y) - y).norm();
  };
  EXPECT_LT(misfit(ours), 0.9 * misfit(1000 * theirs.col(0)));
}

}  // namespace
}  // namespace twin::xas::energy_shift_test
