// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "atoms/frame.h"
#include "numeric/correlated.h"

namespace twin::md {

/// Mean square displacements of each species and what they say of diffusion.
///
/// In each block of a run, over all origins in it, MSD(t) = ⟨|x(s + t) - x(s)|²⟩ of unwrapped
/// positions, the motion of the centre of mass and of the cell taken off: displacements are parts
/// of the cell times the block's mean cell. D is a sixth of the slope of MSD by least squares
/// between a quarter and a half of the block; its standard error is the scatter of blocks.
///
/// Diffusion has MSD = 6 D t. Motion about a site, which saturates and swings, has more: with
/// α = 6 D t/MSD in the middle of the fit, the part 1 - α that D does not account for, beyond its
/// noise, is the systematic error. In a solid that is nearly all, and D is zero within both. In a
/// liquid D is that of the periodic box, without a correction for its size.
/// M.P. Allen, D.J. Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), section 8.3,
/// doi:10.1093/oso/9780198803195.001.0001.
class Displacements {
 public:
  /// \param masses   u, of each species
  /// \param frames   that a block will have: no more than about a hundred are kept, evenly
  /// \param interval ps, from one frame to the next
  Displacements(const atoms::Frame& ideal, const std::vector<double>& masses, int frames,
                double interval);

  /// A frame of \p replica, in the order of time; a block is over with its last frame. Memory: the
  /// kept positions of a block for each replica; cost: at the end of a block three eighths of the
  /// square of its kept frames, times the atoms.
  void add(int replica, const atoms::Frame& frame);

  struct Coefficient {
    numeric::Mean mean;      ///< Å²/ps; n_eff blocks, 0 where there is none
    double sigma_sys = 0.0;  ///< Å²/ps
  };
  /// Of each species; none with fewer than two blocks or four times in the fit.
  [[nodiscard]] std::vector<Coefficient> diffusion() const;

  /// [times] ps, from 0 to half a block.
  [[nodiscard]] Eigen::VectorXd times() const;
  /// [times × species] Å², mean of the blocks; [times × species] its standard error.
  [[nodiscard]] Eigen::MatrixXd mean_squares() const;
  [[nodiscard]] Eigen::MatrixXd mean_squares_sigma() const;

 private:
  struct Buffer {
    int seen = 0;
    std::vector<Eigen::MatrixX3d> fractions;
    Eigen::Matrix3d cells = Eigen::Matrix3d::Zero();  ///< their sum
  };
  void finish(Buffer& buffer);

  std::vector<int> of_;        ///< species of each atom
  std::vector<double> count_;  ///< atoms of each species
  Eigen::VectorXd mass_;       ///< of each atom, over that of all
  int frames_, stride_;
  double interval_;                      ///< ps, between frames that are kept
  std::vector<Buffer> buffers_;          ///< of each replica
  std::vector<Eigen::MatrixXd> blocks_;  ///< [times × species] of each that is over
};

}  // namespace twin::md
