// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/text.h"
#include "core/units.h"

namespace twin::stream {

using record::Value;

namespace {

std::optional<double> decode_sigma(Fields& fields, std::string_view key) {
  const auto sigma = fields.number(key);
  if (sigma && *sigma < 0) fields.fail(key, shortest(*sigma) + " is negative");
  return sigma;
}

record::Quantity decode_quantity(Fields fields) {
  record::Quantity out;
  if (fields.value().find("value") == nullptr) fields.fail("value", "is missing; null says so");
  out.value = fields.number("value");
  out.sigma = decode_sigma(fields, "sigma");
  out.sigma_sys = decode_sigma(fields, "sigma_sys");
  out.unit = decode_unit(fields);
  out.method = fields.text("method");
  out.extra = fields.rest();
  return out;
}

std::vector<std::string> decode_names(Fields& fields, std::string_view key) {
  fields.need(key);
  std::vector<std::string> names = fields.texts(key);
  if (std::set(names.begin(), names.end()).size() != names.size())
    fields.fail(key, "a name stands twice");
  return names;
}

/// Appends the numbers of a row; null is a missing element where \p missing allows it.
void append_row(std::vector<double>& out, const Value& row, bool missing) {
  for (const Value& item : row.array())
    out.push_back(missing && item.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                            : item.number());
}

std::string shape_text(std::size_t rows, std::size_t columns) {
  return std::to_string(rows) + " × " + std::to_string(columns);
}

std::vector<double> decode_matrix(Fields& fields, std::size_t rows, std::size_t columns) {
  const Value& matrix = fields.need("matrix");
  std::vector<double> out;
  try {
    if (matrix.array().size() != rows)
      throw Error(Cause::data, std::to_string(matrix.array().size()) + " rows; expected " +
                                   shape_text(rows, columns));
    for (const Value& row : matrix.array()) {
      append_row(out, row, false);
      if (row.array().size() != columns)
        throw Error(Cause::data, "a row of " + std::to_string(row.array().size()) + "; expected " +
                                     shape_text(rows, columns));
    }
  } catch (const Error& error) {
    fields.fail("matrix", error.what(), &matrix);
  }
  return out;
}

/// One list, or equal lists in a list.
void decode_data(Fields& fields, const Value& data, record::Array& out) {
  try {
    const auto& items = data.array();
    const bool nested = !items.empty() && items.front().is_array();
    if (!nested) {
      append_row(out.data, data, true);
      out.shape = {items.size()};
      return;
    }
    out.shape = {items.size(), items.front().array().size()};
    for (const Value& row : items) {
      append_row(out.data, row, true);
      if (row.array().size() != out.shape[1]) throw Error(Cause::data, "rows differ in length");
    }
  } catch (const Error& error) {
    fields.fail("data", error.what(), &data);
  }
}

std::vector<std::size_t> decode_shape(Fields& fields) {
  std::vector<std::size_t> out;
  for (const double extent : fields.numbers("shape")) {
    if (extent < 0 || extent != std::floor(extent) || extent > 1e12)
      fields.fail("shape", shortest(extent) + " is no length");
    out.push_back(static_cast<std::size_t>(extent));
  }
  if (out.empty() || out.size() > 4) fields.fail("shape", "expected one to four lengths");
  return out;
}

std::size_t product(const std::vector<std::size_t>& shape) {
  std::size_t out = 1;
  for (const std::size_t extent : shape) out *= extent;
  return out;
}

record::Array decode_array(Fields fields) {
  record::Array out;
  out.unit = decode_unit(fields);
  out.reference = fields.text("reference");
  out.sha256 = fields.text("sha256");
  const Value* data = fields.find("data");
  if (data != nullptr) decode_data(fields, *data, out);
  if (data == nullptr && out.reference.empty())
    fields.fail("data", "is missing, and so is reference");
  const Value* shape = fields.find("shape");
  if (shape == nullptr && data == nullptr) fields.fail("shape", "is missing");
  if (shape != nullptr) {
    const auto stated = decode_shape(fields);
    const bool empty = out.data.empty() && data != nullptr && product(stated) == 0;
    if (data != nullptr && !empty && stated != out.shape)
      fields.fail("shape", "is not the shape of data", shape);
    out.shape = stated;
  }
  return out;
}

Value encode_quantity(const record::Quantity& quantity) {
  Builder out;
  out.put("value", quantity.value ? Value(*quantity.value) : Value());
  out.maybe("sigma", quantity.sigma).maybe("sigma_sys", quantity.sigma_sys);
  out.text("unit", quantity.unit).text("method", quantity.method);
  if (quantity.extra.is_object())
    for (const auto& [key, value] : quantity.extra.object()) out.put(key, value);
  return out.take();
}

Value encode_shape(const std::vector<std::size_t>& shape) {
  Value::Array out;
  for (const std::size_t extent : shape) out.emplace_back(static_cast<std::int64_t>(extent));
  return out;
}

Value encode_row(const double* from, std::size_t count) {
  Value::Array row;
  row.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(from[i]))
      row.emplace_back();
    else
      row.emplace_back(from[i]);
  }
  return row;
}

Value encode_array(const record::Array& array) {
  Builder out;
  out.text("unit", array.unit);
  if (!array.reference.empty()) {
    out.put("shape", encode_shape(array.shape)).put("reference", array.reference);
    out.text("sha256", array.sha256);
    return out.take();
  }
  const bool flat = array.shape.size() < 2;
  if (!array.shape.empty() && (array.shape.size() > 2 || product(array.shape) != array.data.size()))
    throw Error(Cause::internal, "an array whose shape is not that of its data");
  if (!flat && array.shape[0] == 0) out.put("shape", encode_shape(array.shape));
  out.put("data", flat ? encode_row(array.data.data(), array.data.size())
                       : encode_matrix(array.data, array.shape[0], array.shape[1]));
  return out.take();
}

}  // namespace

std::string decode_unit(Fields& fields) {
  const std::string written = fields.text("unit");
  const auto unit = find_unit(written);
  if (unit) return unit->name;
  std::vector<std::string> names;
  for (const Unit& known : all_units()) names.push_back(known.name);
  fields.fail("unit", "unknown unit \"" + printable(written) + "\"" + perhaps(written, names));
}

record::Quantities decode_quantities(Fields& fields, std::string_view key) {
  const Value* found = fields.find(key);
  if (found == nullptr) return {};
  record::Quantities out;
  const Fields inner = fields.inside(key, *found);
  for (const auto& [name, value] : found->object())
    out.insert_or_assign(name, decode_quantity(inner.inside(name, value)));
  return out;
}

record::Covariance decode_covariance(Fields& fields, std::string_view key) {
  const Value* found = fields.find(key);
  if (found == nullptr) return {};
  Fields inner = fields.inside(key, *found);
  record::Covariance out;
  out.names = decode_names(inner, "names");
  out.matrix = decode_matrix(inner, out.names.size(), out.names.size());
  return out;
}

record::Jacobian decode_jacobian(Fields& fields, std::string_view key) {
  const Value* found = fields.find(key);
  if (found == nullptr) return {};
  Fields inner = fields.inside(key, *found);
  record::Jacobian out;
  out.rows = decode_names(inner, "rows");
  out.columns = decode_names(inner, "columns");
  out.matrix = decode_matrix(inner, out.rows.size(), out.columns.size());
  return out;
}

record::Arrays decode_arrays(Fields& fields, std::string_view key) {
  const Value* found = fields.find(key);
  if (found == nullptr) return {};
  record::Arrays out;
  const Fields inner = fields.inside(key, *found);
  for (const auto& [name, value] : found->object())
    out.insert_or_assign(name, decode_array(inner.inside(name, value)));
  return out;
}

Value encode_quantities(const record::Quantities& quantities) {
  Builder out;
  for (const auto& [name, quantity] : quantities) out.put(name, encode_quantity(quantity));
  return out.take();
}

Value encode_covariance(const record::Covariance& covariance) {
  if (covariance.empty()) return {};
  const std::size_t n = covariance.names.size();
  return Builder()
      .put("names", encode_texts(covariance.names))
      .put("matrix", encode_matrix(covariance.matrix, n, n))
      .take();
}

Value encode_jacobian(const record::Jacobian& jacobian) {
  if (jacobian.empty()) return {};
  return Builder()
      .put("rows", encode_texts(jacobian.rows))
      .put("columns", encode_texts(jacobian.columns))
      .put("matrix", encode_matrix(jacobian.matrix, jacobian.rows.size(), jacobian.columns.size()))
      .take();
}

Value encode_arrays(const record::Arrays& arrays) {
  Builder out;
  for (const auto& [name, array] : arrays) {
    try {
      out.put(name, encode_array(array));
    } catch (const Error& error) {
      throw error.at(name);
    }
  }
  return out.take();
}

Value encode_texts(const std::vector<std::string>& texts) {
  Value::Array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

Value encode_matrix(const std::vector<double>& data, std::size_t rows, std::size_t columns) {
  if (data.size() != rows * columns)
    throw Error(Cause::internal, "a matrix of " + std::to_string(data.size()) +
                                     " numbers; expected " + shape_text(rows, columns));
  Value::Array out;
  for (std::size_t row = 0; row < rows; ++row)
    out.push_back(encode_row(data.data() + row * columns, columns));
  return out;
}

std::string_view wire_name(record::Answer answer) {
  switch (answer) {
    case record::Answer::match:
      return "match";
    case record::Answer::no_match:
      return "no match";
    default:
      return "inconclusive";
  }
}

Builder& Builder::some(std::string_view key, Value value) {
  const bool empty = value.is_null() || (value.is_array() && value.array().empty()) ||
                     (value.is_object() && value.object().empty());
  return empty ? *this : put(key, std::move(value));
}

}  // namespace twin::stream
