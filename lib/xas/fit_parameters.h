// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "xas/expression.h"
#include "xas/fit.h"

namespace twin::xas {

/// Parameters of paths as expressions name them, "n:Cu-Cu.1": n, r, sigma2, c3, c4 and e0 of each.
[[nodiscard]] std::vector<std::string> path_parameter_names(
    const std::vector<record::PathSettings>& paths);

/// Between the settings of a fit, with their shells, spectra, units and expressions, and its free
/// parameters x. Defaults: n the degeneracy of the FEFF path, r its reff, σ² 0.005 Å², c3, c4 and
/// E0 0. The E0 of a spectrum's first path holds for later ones, unless they say something of it.
class FitParameters {
 public:
  /// \throws Error{configuration} nothing free, bounds that cross, names that clash, not one FEFF
  ///         path a path, an expression that is wrong
  FitParameters(const std::vector<FitData>& data,
                const std::vector<record::FitParameter>& parameters,
                const std::vector<record::Restraint>& restraints);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const Eigen::VectorXd& start() const { return start_; }
  [[nodiscard]] const Eigen::VectorXd& lower() const { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const { return upper_; }

  /// [free] How far one step may go: 0.01 Å² in σ², of which a step towards less than nothing
  /// makes waves that grow with k; any way in the others.
  [[nodiscard]] Eigen::VectorXd reach() const;

  /// What expressions come to at one x, with their derivatives.
  struct Tied {
    std::vector<double> values;
    std::vector<Eigen::VectorXd> slopes;  ///< each [free], 0 × where nothing is tied
  };
  [[nodiscard]] Tied tied(const Eigen::VectorXd& x) const;

  /// The values of path \p path of spectrum \p data.
  [[nodiscard]] PathValues values(std::size_t data, std::size_t path, const Eigen::VectorXd& x,
                                  const Tied& tied) const;

  /// Bit j: parameter j of the path, in the order of PathValues, depends on x.
  [[nodiscard]] unsigned moving(std::size_t data, std::size_t path) const;

  /// The free parameters that move some path of spectrum \p data: indices into x, increasing.
  [[nodiscard]] std::vector<Eigen::Index> touched(std::size_t data) const;

  /// Adds the derivatives of one path by its own values [m × 6] to those by the free ones: \p place
  /// [free] says in which column of \p jacobian, where the spectrum is touched.
  void collect(std::size_t data, std::size_t path, const Tied& tied, const Eigen::MatrixXd& slopes,
               const std::vector<Eigen::Index>& place, Eigen::Ref<Eigen::MatrixXd> jacobian) const;

  /// Rows of priors and restraints: (value - mean)/σ.
  [[nodiscard]] Eigen::Index rows() const { return static_cast<Eigen::Index>(rows_.size()); }
  void add_rows(const Eigen::VectorXd& x, const Tied& tied, Eigen::Ref<Eigen::VectorXd> residual,
                Eigen::MatrixXd* jacobian, Eigen::Index at) const;

  /// What expressions tie, parameters of paths first: names, and their index in Tied.
  [[nodiscard]] const std::vector<std::pair<std::string, std::size_t>>& derived() const {
    return derived_;
  }

  /// Free parameters that nothing depends on: they are not among names().
  [[nodiscard]] const std::vector<std::string>& unused() const { return unused_; }

  /// An uncertainty beyond which parameter \p i says nothing of the sample, in its own unit.
  [[nodiscard]] double sense(Eigen::Index i, const Eigen::VectorXd& x) const;

 private:
  enum Kind { n, r, sigma2, c3, c4, e0, kinds, of_expression = kinds };
  /// Where a value comes from: x, an expression, or it is fixed.
  struct Source {
    double fixed = 0.0;
    Eigen::Index free = -1;  ///< index into x, or -1
    int tied = -1;           ///< index into tied_, or -1
  };
  using Sources = std::array<Source, kinds>;
  struct TiedValue {
    Expression expression;
    PathContext context;
    std::size_t data;
  };
  struct Row {
    Source source;
    double mean, sigma;
  };
  struct FreeParameter {
    Kind kind;
    std::size_t data, path;
  };
  struct Builder;

  [[nodiscard]] const Source& source(std::size_t data, std::size_t path, Kind kind) const {
    return sources_[data][path][kind];
  }
  [[nodiscard]] double value(const Source& source, const Eigen::VectorXd& x,
                             const Tied& tied) const;
  void evaluate(std::size_t at, const Eigen::VectorXd& x, Tied& out) const;

  std::vector<double> s02_;                    ///< [data]
  std::vector<std::vector<double>> reff_;      ///< [data][path]
  std::vector<std::vector<Sources>> sources_;  ///< [data][path]
  /// [data][parameters of the fit, then those of paths in the order of Kind]: of expressions
  std::vector<std::vector<Source>> operands_;
  std::vector<TiedValue> tied_;
  std::vector<std::size_t> order_;  ///< of tied_: what others depend on comes before them
  std::vector<Row> rows_;
  std::vector<std::string> names_, unused_;
  std::vector<FreeParameter> free_;
  std::vector<std::pair<std::string, std::size_t>> derived_;
  Eigen::VectorXd start_, lower_, upper_;
};

}  // namespace twin::xas
