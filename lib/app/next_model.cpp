// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/next_model.h"

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::app {

namespace {

bool is_ours(const std::string& path) {
  try {
    return stream::read_model(path).written_by == "twin-match";
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string write_next(const std::string& path, const record::Model& model) {
  namespace fs = std::filesystem;
  if (fs::exists(path) && !is_ours(path))
    throw Error(
        Cause::cannot_create,
        printable(path) + ": twin-match did not write this file; choose another for --next");
  auto own = model;
  own.written_by = "twin-match";
  // The recipe is found from wherever the new file lies.
  for (auto& recipe : own.measure_with) recipe = fs::absolute(recipe).lexically_normal();
  const auto text = stream::dump_yaml(stream::encode_model(own));
  const fs::path whole(path);
  for (std::size_t n = model.history.size();; ++n) {
    const auto numbered = whole.parent_path() / (whole.stem().string() + "-" + std::to_string(n) +
                                                 whole.extension().string());
    if (fs::exists(numbered)) continue;
    create_file(numbered, text);
    write_file_atomically(path, text);
    return numbered;
  }
}

}  // namespace twin::app
