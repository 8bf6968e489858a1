// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "feff/feff.h"
#include "md/simulate.h"

namespace twin::app {

/// Multiple scattering of any structure: FEFF on single absorbers of frames that are spread over
/// the run, with the potentials of the reference structure frozen. What comes of it is noisy (a few
/// dozen absorbers), and its noise is in the blocks; the mean is that of no assumption on angles or
/// lengths. Its place is where a faster engine will be.
class SampledScattering {
 public:
  /// \param request   the reference: its structure, absorber, edge, rmax, legs
  /// \param elements  of the frames' species
  /// \param k         [m] 1/Å
  SampledScattering(feff::Request request, std::vector<std::string> elements, Eigen::VectorXd k,
                    int blocks);

  /// Keeps the frame where its turn is: of each replica 8 to 15, evenly spread however many come.
  void add(const md::Sample& sample);

  struct Chi {
    Eigen::VectorXd mean;           ///< [m] of the paths of three and more legs
    Eigen::MatrixXd without_block;  ///< [blocks × m]
    int absorbers = 0;              ///< that it is the mean of
  };

  /// Runs FEFF, 0.3 s (CsPbI3 to 6.4 Å) to 2 s (copper to 6 Å, four legs) for each frame that was
  /// kept; \p progress gets the share that is done.
  /// \throws Error as feff::frame_paths()
  [[nodiscard]] Chi chi(const std::function<void(double)>& progress) const;

 private:
  struct Kept {
    md::Sample sample;
    std::size_t index;  ///< of its replica's frames
  };

  [[nodiscard]] Eigen::VectorXd of(const Kept& kept, std::size_t turn) const;

  feff::Request request_;
  std::vector<std::string> elements_;
  Eigen::VectorXd k_;
  int blocks_;
  struct Replica {
    std::vector<Kept> kept;
    std::size_t seen = 0, stride = 1;
  };
  std::vector<Replica> replicas_;
};

}  // namespace twin::app
