// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/model.h"
#include "record/quantity.h"
#include "record/records.h"
#include "stream/fields.h"

/// The pieces that several kinds of records share, from and to the wire.
namespace twin::stream {

/// An absent member is an empty piece.
record::Quantities decode_quantities(Fields& fields, std::string_view key);
record::Covariance decode_covariance(Fields& fields, std::string_view key);
record::Jacobian decode_jacobian(Fields& fields, std::string_view key);
record::Arrays decode_arrays(Fields& fields, std::string_view key);

/// The member "unit": units are those of twin-units(7); an alias becomes the name.
std::string decode_unit(Fields& fields);

record::Value encode_quantities(const record::Quantities& quantities);
record::Value encode_covariance(const record::Covariance& covariance);
record::Value encode_jacobian(const record::Jacobian& jacobian);
record::Value encode_arrays(const record::Arrays& arrays);
record::Value encode_texts(const std::vector<std::string>& texts);

/// Row-major numbers as a list of rows. NaN, a missing element, becomes null.
/// \throws Error{internal}  the count is not rows × columns
record::Value encode_matrix(const std::vector<double>& data, std::size_t rows, std::size_t columns);

/// "match", "no match", "inconclusive".
std::string_view wire_name(record::Answer answer);

/// Sets members of an object, leaving out what is empty.
class Builder {
 public:
  Builder() : object_(record::Value::Object{}) {}

  /// Whatever it is.
  Builder& put(std::string_view key, record::Value value) {
    object_.object().emplace_back(std::string(key), std::move(value));
    return *this;
  }
  Builder& text(std::string_view key, const std::string& value) {
    return value.empty() ? *this : put(key, value);
  }
  Builder& some(std::string_view key, record::Value value);  ///< not null, {} or []
  template <class Number>
  Builder& maybe(std::string_view key, const std::optional<Number>& value) {
    return value ? put(key, *value) : *this;
  }

  record::Value take() { return std::move(object_); }

 private:
  record::Value object_;
};

}  // namespace twin::stream
