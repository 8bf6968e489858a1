// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files of any layout that the library writes: an Error of cause data, or scans as promised.
// Bytes that are no sound HDF5 would test the library, which is not ours to mend.
#include <cstddef>
#include <cstdint>
#include <string>

#include "formats/nexus.h"
#include "hdf_writer.h"
#include "scans.h"

namespace {

const HdfWriter::Vocabulary words{
    .names = {"entry", "data", "energy", "mu", "definition", "instrument", "k", "monochromator",
              "incoming_beam", "intensity", "scan_names", "sample", "NDAttributes", "num_points",
              "temperature"},
    .texts = {"NXentry", "NXsubentry", "NXdata", "NXmonochromator", "NXinstrument", "NXdetector",
              "NXprocess", "NXsample", "NXxas", "NXcollection", "keV", "[mu,energy", "energy"},
    .attributes = {"NX_class", "signal", "axes", "units"}};

void classed(HdfWriter& file, const std::string& at, const std::string& type) {
  file.group(at);
  file.named(at, "NX_class", {type});
}

/// Most of what NXxas asks for.
void raw(HdfWriter& file, FuzzedDataProvider& in) {
  const hsize_t rows = in.ConsumeIntegralInRange<hsize_t>(1, 4);
  if (file.keeps()) classed(file, "/entry", "NXentry");
  if (file.keeps()) file.data_set("/entry/definition", file.text_type(), {}, "NXxas");
  if (file.keeps()) classed(file, "/entry/instrument", "NXinstrument");
  if (file.keeps()) classed(file, "/entry/instrument/monochromator", "NXmonochromator");
  if (file.keeps()) file.numbers("/entry/instrument/monochromator/energy", {rows});
  if (file.keeps()) classed(file, "/entry/instrument/incoming_beam", "NXdetector");
  if (file.keeps()) file.numbers("/entry/instrument/incoming_beam/data", {rows});
  if (file.keeps())
    file.numbers("/entry/intensity", {in.ConsumeIntegralInRange<hsize_t>(1, 3), rows});
}

/// Most of a stack of scans.
void stack(HdfWriter& file, FuzzedDataProvider& in) {
  const hsize_t rows = in.ConsumeIntegralInRange<hsize_t>(1, 4),
                scans = in.ConsumeIntegralInRange<hsize_t>(0, 3);
  if (file.keeps()) classed(file, "/data", "NXdata");
  if (file.keeps()) file.numbers("/data/energy", {rows});
  if (file.keeps()) file.numbers("/data/mu", {scans, rows});
  if (file.keeps()) file.data_set("/data/scan_names", file.text_type(), {scans}, file.text());
}

/// Most of what areaDetector writes: frames, and attributes of each.
void frames(HdfWriter& file, FuzzedDataProvider& in) {
  const auto rows = [&] { return in.ConsumeIntegralInRange<hsize_t>(0, 4); };
  const hsize_t most = in.ConsumeIntegralInRange<hsize_t>(0, 4);
  if (file.keeps()) classed(file, "/entry", "NXentry");
  if (in.ConsumeBool()) file.numbers("/entry/num_points", {});
  if (file.keeps()) classed(file, "/entry/instrument/NDAttributes", "NXcollection");
  if (file.keeps()) file.growing("/entry/instrument/NDAttributes/energy", {rows()}, most);
  if (file.keeps()) file.growing("/entry/instrument/NDAttributes/i0", {rows()}, most);
  if (file.keeps()) classed(file, "/entry/data", "NXdata");
  if (file.keeps()) file.growing("/entry/data/data", {rows(), 2}, most);
  if (in.ConsumeBool()) file.numbers("/entry/sample/temperature", {});
}

/// Arrays of one scan that grow, in a group without a class.
void bare(HdfWriter& file, FuzzedDataProvider& in) {
  const auto rows = [&] { return in.ConsumeIntegralInRange<hsize_t>(0, 4); };
  if (in.ConsumeBool())
    file.numbers("/scan/energy", {rows()});
  else
    file.growing("/scan/energy", {rows()}, 0);
  if (file.keeps()) file.growing("/scan/mu", {rows()}, 0);
  if (file.keeps()) file.growing("/scan/i0", {rows()}, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider in(data, size);
  HdfWriter writer(in, words);
  for (const auto write : {raw, stack, frames, bare})
    if (in.ConsumeBool()) write(writer, in);
  const auto use = in.ConsumeBool() ? twin::formats::Hdf5Use::swmr : twin::formats::Hdf5Use::none;
  const std::string bytes = writer.finish();
  std::vector<twin::Error> refused;
  try {
    check_scans(twin::formats::parse_nexus(bytes, "fuzz", &refused, use), refused);
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
