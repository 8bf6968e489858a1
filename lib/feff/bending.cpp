// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Dense>
#include <complex>
#include <random>

#include "feff/feff.h"
#include "xas/path_shape.h"

namespace twin::feff {

namespace {

constexpr int samples = 24;
constexpr double displacement = 0.07;  // Å an axis: copper at room temperature

/// The path with its atoms displaced at random; an atom that it meets twice is displaced once.
Eigen::MatrixX3d disturbed(const Eigen::MatrixX3d& atoms, std::mt19937& engine) {
  std::normal_distribution<double> normal(0, displacement);
  Eigen::MatrixX3d result = atoms;
  for (Eigen::Index i = 0; i < atoms.rows(); ++i) {
    Eigen::Index first = 0;
    while (!(atoms.row(first) - atoms.row(i)).isZero(1e-3)) ++first;
    const double x = normal(engine), y = normal(engine), z = normal(engine);
    result.row(i) = first == i ? Eigen::RowVector3d(atoms.row(i) + Eigen::RowVector3d(x, y, z))
                               : Eigen::RowVector3d(result.row(first));
  }
  const Eigen::RowVector3d absorber = result.row(0);
  result.rowwise() -= absorber;
  return result;
}

/// F = amp exp(i (pha - 2 (rep - k) ΔR)) of a path that is ΔR longer than the ideal one.
Eigen::ArrayXcd amplitude(const xas::ScatteringPath& path, double delta_r) {
  const Eigen::ArrayXd phase = (path.phc + path.phase - 2 * delta_r * (path.rep - path.k)).array();
  return path.mag.cwiseProduct(path.reduction).array() * (std::complex<double>(0, 1) * phase).exp();
}

/// Least squares over the samples: F - F_ideal = Σ_v (cos θ_v - cos θ_v,ideal) D_v. Angles that
/// never change get 0 (the solution of least norm).
Eigen::MatrixXcd regress(const xas::ScatteringPath& ideal,
                         const std::vector<Eigen::MatrixX3d>& shapes,
                         const std::vector<xas::ScatteringPath>& paths, std::size_t from) {
  const xas::PathShape at_rest = xas::path_shape(ideal.atoms);
  Eigen::MatrixXd angles(samples, ideal.legs);
  Eigen::MatrixXcd change(samples, ideal.k.size());
  for (int s = 0; s < samples; ++s) {
    const std::size_t n = from + static_cast<std::size_t>(s);
    const xas::PathShape shape = xas::path_shape(shapes[n]);
    angles.row(s) = (shape.cosines - at_rest.cosines).transpose();
    change.row(s) =
        (amplitude(paths[n], shape.half_length - at_rest.half_length) - amplitude(ideal, 0))
            .transpose();
  }
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver;
  solver.setThreshold(1e-3);
  solver.compute(angles);
  const Eigen::MatrixXd real = solver.solve(Eigen::MatrixXd(change.real()));
  const Eigen::MatrixXd imaginary = solver.solve(Eigen::MatrixXd(change.imag()));
  return (real + std::complex<double>(0, 1) * imaginary).transpose();
}

}  // namespace

Paths multiple_paths(const Request& request) {
  Paths result = ideal_paths(request);
  std::erase_if(result.paths, [](const auto& path) { return path.legs == 2; });
  if (result.paths.empty()) return result;
  std::mt19937 engine(1);
  std::vector<Eigen::MatrixX3d> shapes;
  for (const auto& path : result.paths)
    for (int s = 0; s < samples; ++s) shapes.push_back(disturbed(path.atoms, engine));
  const auto paths = frozen_paths(request, shapes).paths;
  for (std::size_t p = 0; p < result.paths.size(); ++p)
    result.paths[p].bend = regress(result.paths[p], shapes, paths, p * samples);
  return result;
}

}  // namespace twin::feff
