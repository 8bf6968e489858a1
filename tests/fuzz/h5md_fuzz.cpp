// SPDX-License-Identifier: GPL-3.0-or-later
// H5MD of any layout that the library writes: an Error of cause data, or frames as promised.
#include <cstddef>
#include <cstdint>
#include <string>

#include "formats/h5md.h"
#include "frames.h"
#include "hdf_writer.h"

namespace {

const HdfWriter::Vocabulary words{
    .names = {"particles",
              "all",
              "position",
              "image",
              "box",
              "edges",
              "value",
              "step",
              "time",
              "species",
              "observables",
              "temperature",
              "potential_energy",
              "virial_pressure",
              "h5md",
              "modules",
              "thermodynamics",
              "parameters",
              "twin-simulate",
              "seed"},
    .texts = {"nm", "100 pm", "ps", "K", "kJ mol-1", "Pa", "periodic", "none"},
    .attributes = {"unit", "boundary", "offset"}};

/// Most of what is asked for.
void usual(HdfWriter& file, FuzzedDataProvider& in) {
  const hsize_t frames = in.ConsumeIntegralInRange<hsize_t>(0, 3),
                atoms = in.ConsumeIntegralInRange<hsize_t>(0, 3);
  const std::string group = "/particles/all";
  if (file.keeps()) file.group("/h5md/modules/thermodynamics");
  if (file.keeps()) file.numbers(group + "/position/value", {frames, atoms, 3});
  if (file.keeps()) file.named(group + "/position/value", "unit", {file.text()});
  if (file.keeps()) file.numbers(group + "/position/step", {frames});
  if (file.keeps()) file.numbers(group + "/position/time", {});
  if (in.ConsumeBool()) file.numbers(group + "/image/value", {frames, atoms, 3});
  if (in.ConsumeBool())
    file.numbers(group + "/box/edges", {3});
  else
    file.numbers(group + "/box/edges/value", {frames, 3, 3});
  if (in.ConsumeBool()) file.numbers(group + "/species", {atoms});
  if (in.ConsumeBool()) file.numbers("/observables/all/temperature/value", {frames});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider in(data, size);
  HdfWriter writer(in, words);
  usual(writer, in);
  const std::string bytes = writer.finish();
  check_frames([&] {
    return twin::formats::h5md(std::make_unique<twin::formats::Hdf5Tree>(bytes, "fuzz"), "");
  });
  return 0;
}
