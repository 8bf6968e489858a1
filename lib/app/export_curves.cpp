// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export_curves.h"

#include <algorithm>
#include <sstream>
#include <utility>
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

CurveExport::CurveExport(std::string as, std::string folder)
    : as_(std::move(as)), folder_(std::move(folder)) {}

std::string CurveExport::unused(const std::string& stem) {
  std::string out = stem;
  for (int n = 2; !written_.insert(lower(out)).second; ++n) out = stem + "-" + std::to_string(n);
  return out;
}

void CurveExport::write(const record::Result& result) {
  if (as_.empty()) return;
  const std::string path = folder_ + "/" + unused(file_name(result.context.scan));
  const bool xdi = as_ == "xdi";
  const auto put = [&](const std::string& suffix, const std::vector<std::string>& names) {
    auto file = columns_of(result, names);
    if (file.columns.empty() || file.names.front() != names.front()) return;
    add_header(file, result);
    std::ostringstream text;
    if (xdi)
      formats::write_xdi(text, file);
    else
      formats::write_columns(text, file);
    write_file_atomically(path + suffix, text.str());
  };
  put(xdi ? ".xdi" : ".norm.dat", {"energy", "mu", "norm", "flat", "background"});
  put(xdi ? ".chi.xdi" : ".chi.dat", {"k", "chi", "delta_chi", "fit"});
  if (xdi) return;
  put(".chir.dat", {"r", "chi_r", "chi_r_re", "chi_r_im"});
  put(".chiq.dat", {"q", "chi_q", "chi_q_im"});
  put(".lcf.dat", {"lcf_energy", "lcf_data", "lcf_fit"});
  put(".prepeak.dat", {"prepeak_energy", "prepeak_baseline", "prepeak_fit"});
}

}  // namespace twin::app
