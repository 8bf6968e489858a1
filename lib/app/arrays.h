// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "record/records.h"

/// Between the arrays, covariances and jacobians of records and Eigen.
namespace twin::app {

/// The array of the column \p name (or, when it is a number, the nth of the file).
/// \throws Error{data} there is none: lists those that there are
[[nodiscard]] const record::Array& array_of(const record::Measurement& m, const std::string& name);

/// [n] The column \p name (or, when it is a number, the nth of the file) of a measurement.
/// \throws Error{data} there is none: lists those that there are
[[nodiscard]] Eigen::VectorXd column(const record::Measurement& m, const std::string& name);

/// [rows × columns] A two-dimensional array.
[[nodiscard]] Eigen::MatrixXd matrix(const record::Measurement& m, const std::string& name);

[[nodiscard]] record::Array inline_array(const Eigen::VectorXd& values, const std::string& unit);
[[nodiscard]] record::Array inline_matrix(const Eigen::MatrixXd& values, const std::string& unit);

[[nodiscard]] record::Covariance named(const std::vector<std::string>& names,
                                       const Eigen::MatrixXd& matrix);

/// Joins \p matrix over \p names to a covariance, as a block of its own.
void add_block(record::Covariance& covariance, const std::vector<std::string>& names,
               const Eigen::MatrixXd& matrix);
/// The same of another covariance, \p suffix behind its names.
void add_block(record::Covariance& covariance, const record::Covariance& more,
               const std::string& suffix = "");

/// Rows of another jacobian behind those that are there, \p suffix behind their names: the rows
/// that have all of its columns, which are the other's where there are none yet.
void add_rows(record::Jacobian& jacobian, const record::Jacobian& more,
              const std::string& suffix = "");

}  // namespace twin::app
