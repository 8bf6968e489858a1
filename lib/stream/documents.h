// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/bounds.h"
#include "record/channels.h"
#include "record/devices.h"
#include "record/model.h"
#include "record/policy.h"
#include "record/recipe.h"

/// The documents that people write: strict, an unknown key is an error with a suggestion.
namespace twin::stream {

/// \throws Error{configuration}  `file:line: key: what is wrong`; Error{no_input} it can't be read
[[nodiscard]] record::Recipe read_recipe(const std::string& path);
[[nodiscard]] record::Model read_model(const std::string& path);
[[nodiscard]] record::Policy read_policy(const std::string& path);
[[nodiscard]] record::Bounds read_bounds(const std::string& path);
[[nodiscard]] record::Devices read_devices(const std::string& path);
[[nodiscard]] record::ContextChannels read_channels(const std::string& path);

[[nodiscard]] record::Recipe decode_recipe(const record::Value& document, const std::string& name);
[[nodiscard]] record::Model decode_model(const record::Value& document, const std::string& name);
[[nodiscard]] record::Policy decode_policy(const record::Value& document, const std::string& name);
[[nodiscard]] record::Bounds decode_bounds(const record::Value& document, const std::string& name);
[[nodiscard]] record::Devices decode_devices(const record::Value& document,
                                             const std::string& name);
[[nodiscard]] record::ContextChannels decode_channels(const record::Value& document,
                                                      const std::string& name);
/// The document: decode_devices of it gives the same.
[[nodiscard]] record::Value encode_devices(const record::Devices& devices);

/// The document of a model, as twin-model(5) has it: read_model of it gives an equal model.
[[nodiscard]] record::Value encode_model(const record::Model& model);

}  // namespace twin::stream
