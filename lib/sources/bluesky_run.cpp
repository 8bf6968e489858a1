// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/bluesky_run.h"

#include <utility>

#include "core/text.h"
#include "formats/table.h"
#include "sources/bluesky.h"

namespace twin::sources {

using formats::ScanFile;

ScanFile scan_of(const RunUnderWay& run, Stream stream, const std::string& name,
                 const std::string& ended) {
  ScanFile scan;
  scan.name = printable(name);
  scan.format = "bluesky";
  scan.label = formats::clean(run.scan_id.empty() ? run.uid.substr(0, 8) : run.scan_id);
  if (stream.name != "primary") scan.label += "." + stream.name;
  scan.columns = std::move(stream.columns);
  auto names = stream.keys;
  names.emplace_back("time");
  formats::name_columns(scan, names);
  auto units = stream.units;
  units.emplace_back("s");
  formats::set_units(scan, units);
  scan.metadata["bluesky.uid"] = formats::clean(run.uid);
  if (!run.scan_id.empty()) scan.metadata["bluesky.scan_id"] = run.scan_id;
  if (!run.plan.empty()) scan.metadata["bluesky.plan"] = run.plan;
  if (!run.sample.empty()) scan.metadata["sample.name"] = run.sample;
  scan.truncated = stream.missing || !ended.empty();
  const std::string where = scan.name + ": scan '" + scan.label + "': ";
  if (!ended.empty()) scan.warnings.push_back(where + ended);
  if (stream.missing) scan.warnings.push_back(where + "events are missing");
  if (!stream.left_out.empty())
    scan.warnings.push_back(where + "no single numbers, left out: " +
                            printable(join(stream.left_out, ", ").substr(0, 200)));
  if (run.elsewhere > 0)
    scan.warnings.push_back(where + "data in files, left out: " + std::to_string(run.elsewhere) +
                            " documents");
  return scan;
}

bool is_bluesky(std::string_view line) {
  const auto text = trim(line.substr(0, 200));
  if (text.starts_with("[\"")) return true;
  return text.starts_with("{") && text.find("\"name\"") != text.npos &&
         text.find("\"schema\"") == text.npos;
}

}  // namespace twin::sources
