// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/arrays.h"

#include "core/error.h"
#include "core/text.h"

namespace twin::app {

namespace {

const record::Array& find(const record::Measurement& m, const std::string& name) {
  const auto at = m.arrays.find(name);
  if (at != m.arrays.end()) return at->second;
  const auto number = parse_integer(name);
  if (number && *number >= 1 && static_cast<std::size_t>(*number) <= m.columns.size()) {
    const auto& column = m.columns[static_cast<std::size_t>(*number) - 1];
    if (const auto numbered = m.arrays.find(column); numbered != m.arrays.end())
      return numbered->second;
  }
  std::vector<std::string> names;
  for (const auto& [key, array] : m.arrays) names.push_back(key);
  throw Error(Cause::data, "column " + printable(name) + ": not in the measurement, which has " +
                               join(names, ", ") + perhaps(name, names));
}

}  // namespace

const record::Array& array_of(const record::Measurement& m, const std::string& name) {
  return find(m, name);
}

Eigen::VectorXd column(const record::Measurement& m, const std::string& name) {
  const auto& data = find(m, name).data;
  return Eigen::Map<const Eigen::VectorXd>(data.data(), static_cast<Eigen::Index>(data.size()));
}

Eigen::MatrixXd matrix(const record::Measurement& m, const std::string& name) {
  const auto& array = find(m, name);
  if (array.shape.size() != 2 || array.shape[0] * array.shape[1] != array.data.size())
    throw Error(Cause::data, "array " + printable(name) + ": not two-dimensional");
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(array.data.data(), static_cast<Eigen::Index>(array.shape[0]),
                                    static_cast<Eigen::Index>(array.shape[1]));
}

record::Array inline_array(const Eigen::VectorXd& values, const std::string& unit) {
  return {std::vector<double>(values.data(), values.data() + values.size()),
          {static_cast<std::size_t>(values.size())},
          unit,
          "",
          ""};
}

record::Array inline_matrix(const Eigen::MatrixXd& values, const std::string& unit) {
  record::Array out{
      {},
      {static_cast<std::size_t>(values.rows()), static_cast<std::size_t>(values.cols())},
      unit,
      "",
      ""};
  for (Eigen::Index i = 0; i < values.rows(); ++i)
    for (Eigen::Index j = 0; j < values.cols(); ++j) out.data.push_back(values(i, j));
  return out;
}

record::Covariance named(const std::vector<std::string>& names, const Eigen::MatrixXd& matrix) {
  return {names, inline_matrix(matrix, "").data};
}

void add_block(record::Covariance& covariance, const std::vector<std::string>& names,
               const Eigen::MatrixXd& matrix) {
  add_block(covariance, named(names, matrix));
}

void add_block(record::Covariance& covariance, const record::Covariance& more,
               const std::string& suffix) {
  using Eigen::MatrixXd;
  const auto old = static_cast<Eigen::Index>(covariance.names.size());
  const auto n = static_cast<Eigen::Index>(more.names.size());
  MatrixXd all = MatrixXd::Zero(old + n, old + n);
  all.topLeftCorner(old, old) = Eigen::Map<const MatrixXd>(covariance.matrix.data(), old, old);
  all.bottomRightCorner(n, n) = Eigen::Map<const MatrixXd>(more.matrix.data(), n, n);
  auto names = covariance.names;
  for (const auto& name : more.names) names.push_back(name + suffix);
  covariance = named(names, all);
}

void add_rows(record::Jacobian& jacobian, const record::Jacobian& more, const std::string& suffix) {
  if (jacobian.empty()) jacobian.columns = more.columns;
  for (const auto& row : more.rows) {
    std::vector<double> elements;
    for (const auto& column : jacobian.columns)
      if (const auto element = more.at(row, column)) elements.push_back(*element);
    if (elements.size() < jacobian.columns.size()) continue;
    jacobian.rows.push_back(row + suffix);
    jacobian.matrix.insert(jacobian.matrix.end(), elements.begin(), elements.end());
  }
}

}  // namespace twin::app
