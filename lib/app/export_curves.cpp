// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export_curves.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "atoms/element.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/write_columns.h"
#include "formats/xdi.h"

namespace twin::app {

namespace {

std::string file_name(const std::string& scan) {
  std::string out;
  for (const char c : scan)
    out += (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
                   c == '-' || c == '+' || c == '_'
               ? c
               : '_';
  if (out.empty() || out.front() == '.' || out.front() == '-') out.insert(0, "scan");
  return out.substr(0, 200);
}

// The curves of these names that the result has, all of one length.
formats::ScanFile columns_of(const record::Result& result, const std::vector<std::string>& names) {
  formats::ScanFile out;
  for (const auto& name : names) {
    const auto at = result.arrays.find(name);
    if (at == result.arrays.end()) continue;
    if (!out.columns.empty() && at->second.data.size() != out.rows()) continue;
    out.names.push_back(name);
    out.units.push_back(at->second.unit);
    out.columns.push_back(at->second.data);
  }
  return out;
}

void add_header(formats::ScanFile& file, const record::Result& result) {
  file.metadata["scan.name"] = printable(result.context.scan);
  if (!result.context.sample.empty())
    file.metadata["sample.name"] = printable(result.context.sample);
  try {
    const auto edge = atoms::parse_edge(result.edge);
    file.metadata["element.symbol"] = edge.element;
    file.metadata["element.edge"] = edge.level;
  } catch (const Error&) {
    // An edge of another spelling is not worth the file.
  }
  file.metadata["twinline.recipe"] = printable(result.recipe_name);
  file.metadata["twinline.recipe_sha256"] = result.recipe_sha256;
  for (const auto& [name, q] : result.quantities)
    if ((name == "e0" || name == "edge_step") && q.value)
      file.metadata["twinline." + name] = shortest(*q.value) + (q.unit.empty() ? "" : " " + q.unit);
}

}  // namespace

void export_curves(const record::Result& result, const std::string& as, const std::string& folder) {
  const std::string path = folder + "/" + file_name(result.context.scan);
  const auto write = [&](const std::string& suffix, const std::vector<std::string>& names) {
    auto file = columns_of(result, names);
    if (file.columns.empty() || file.names.front() != names.front()) return;
    add_header(file, result);
    std::ostringstream text;
    if (as == "xdi")
      formats::write_xdi(text, file);
    else
      formats::write_columns(text, file);
    write_file_atomically(path + suffix, text.str());
  };
  const std::vector<std::string> edge = {"energy", "mu", "norm", "flat", "background"};
  write(as == "xdi" ? ".xdi" : ".norm.dat", edge);
  if (as == "ascii") write(".chi.dat", {"k", "chi", "delta_chi", "fit"});
}

}  // namespace twin::app
