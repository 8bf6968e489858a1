// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/molecules.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <random>
#include <string>

#include "core/error.h"

namespace twin::atoms {

namespace {

/// A bond as one of its ends sees it.
struct Step {
  int to;
  Eigen::Vector3i image;
};

std::vector<std::vector<Step>> steps_of(int atoms, const std::vector<FixedPair>& bonds) {
  std::vector<std::vector<Step>> steps(static_cast<std::size_t>(atoms));
  for (const FixedPair& bond : bonds) {
    steps[static_cast<std::size_t>(bond.i)].push_back({bond.j, bond.image});
    steps[static_cast<std::size_t>(bond.j)].push_back({bond.i, -bond.image});
  }
  return steps;
}

/// Where an atom of a molecule is, lengths in Å.
Eigen::RowVector3d place(const Molecule& molecule, std::size_t i, const Frame& frame) {
  return frame.positions.row(molecule.atoms[i]) +
         molecule.images[i].cast<double>().transpose() * frame.cell;
}

Eigen::Matrix3d random_rotation(std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0, 1);
  const double u = uniform(random), a = 2 * std::numbers::pi * uniform(random),
               b = 2 * std::numbers::pi * uniform(random);
  return Eigen::Quaterniond(std::sqrt(u) * std::cos(b), std::sqrt(1 - u) * std::sin(a),
                            std::sqrt(1 - u) * std::cos(a), std::sqrt(u) * std::sin(b))
      .toRotationMatrix();
}

}  // namespace

std::vector<Molecule> molecules_of(int atoms, const std::vector<FixedPair>& bonds) {
  const auto steps = steps_of(atoms, bonds);
  std::vector<std::optional<Eigen::Vector3i>> images(static_cast<std::size_t>(atoms));
  std::vector<Molecule> found;
  for (int first = 0; first < atoms; ++first) {
    if (images[static_cast<std::size_t>(first)] || steps[static_cast<std::size_t>(first)].empty())
      continue;
    Molecule molecule{{first}, {Eigen::Vector3i::Zero()}};
    images[static_cast<std::size_t>(first)] = Eigen::Vector3i::Zero();
    for (std::size_t n = 0; n < molecule.atoms.size(); ++n)
      for (const Step& step : steps[static_cast<std::size_t>(molecule.atoms[n])]) {
        const Eigen::Vector3i image = molecule.images[n] + step.image;
        auto& known = images[static_cast<std::size_t>(step.to)];
        if (known && *known != image)
          throw Error(Cause::configuration,
                      "structure: the bonds of atom " + std::to_string(step.to + 1) +
                          " go on through the cell without an end; expected molecules");
        if (known) continue;
        known = image;
        molecule.atoms.push_back(step.to);
        molecule.images.push_back(image);
      }
    found.push_back(std::move(molecule));
  }
  return found;
}

Eigen::RowVector3d centre(const Molecule& molecule, const Frame& frame) {
  Eigen::RowVector3d sum = Eigen::RowVector3d::Zero();
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i) sum += place(molecule, i, frame);
  return sum / static_cast<double>(molecule.atoms.size());
}

double radius(const Molecule& molecule, const Frame& frame) {
  const Eigen::RowVector3d middle = centre(molecule, frame);
  double farthest = 0;
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i)
    farthest = std::max(farthest, (place(molecule, i, frame) - middle).norm());
  return farthest;
}

Frame at_centres(const Frame& frame, const std::vector<Molecule>& molecules) {
  Frame out = frame;
  for (const Molecule& molecule : molecules) {
    const Eigen::RowVector3d middle = centre(molecule, frame);
    for (std::size_t i = 0; i < molecule.atoms.size(); ++i)
      out.positions.row(molecule.atoms[i]) =
          middle - molecule.images[i].cast<double>().transpose() * frame.cell;
  }
  return out;
}

Frame homes(const Frame& frame, const std::vector<Molecule>& molecules, int species_of_centres) {
  std::vector<bool> alone(frame.species.size(), true);
  for (const Molecule& molecule : molecules)
    for (const int atom : molecule.atoms) alone[static_cast<std::size_t>(atom)] = false;
  const auto count = std::ranges::count(alone, true);
  Frame out{frame.cell, {}, {}};
  out.positions.resize(count + static_cast<Eigen::Index>(molecules.size()), 3);
  Eigen::Index n = 0;
  for (std::size_t atom = 0; atom < alone.size(); ++atom) {
    if (!alone[atom]) continue;
    out.positions.row(n++) = frame.positions.row(static_cast<Eigen::Index>(atom));
    out.species.push_back(frame.species[atom]);
  }
  for (const Molecule& molecule : molecules) {
    out.positions.row(n++) = centre(molecule, frame);
    out.species.push_back(species_of_centres);
  }
  return out;
}

Frame turned_at_random(const Frame& frame, const std::vector<Molecule>& molecules,
                       std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Frame out = frame;
  for (const Molecule& molecule : molecules) {
    const Eigen::RowVector3d middle = centre(molecule, frame);
    const Eigen::Matrix3d turn = random_rotation(random).transpose();  // rows are positions
    for (std::size_t i = 0; i < molecule.atoms.size(); ++i)
      out.positions.row(molecule.atoms[i]) +=
          (place(molecule, i, frame) - middle) * (turn - Eigen::Matrix3d::Identity());
  }
  return out;
}

}  // namespace twin::atoms
