// SPDX-License-Identifier: GPL-3.0-or-later
// What a child that reads HDF5 hands over: any bytes, and scans with bytes of them changed, are an
// Error of cause data, or scans as promised. One that nobody changed comes back.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "scans.h"
#include "sources/frame_message.h"
#include "sources/scan_message.h"

namespace {

using twin::formats::ScanFile;
using namespace twin::sources;

ScanFile made(FuzzedDataProvider& in) {
  ScanFile scan;
  scan.format = "nexus";
  scan.label = in.ConsumeBool() ? "one" : "two";
  scan.truncated = in.ConsumeBool();
  const auto columns = in.ConsumeIntegralInRange<std::size_t>(2, 4),
             rows = in.ConsumeIntegralInRange<std::size_t>(2, 5);
  for (std::size_t i = 0; i < columns; ++i) {
    scan.names.push_back("column" + std::to_string(i));
    scan.units.emplace_back(in.ConsumeBool() ? "eV" : "");
    scan.columns.emplace_back(rows, in.ConsumeFloatingPointInRange(-1e9, 1e9));
  }
  if (in.ConsumeBool()) scan.metadata["sample.name"] = "Cu";
  if (in.ConsumeBool()) scan.warnings.emplace_back("a warning");
  return scan;
}

void take(const std::string& bytes) {
  MessageBuffer buffer;
  buffer.add(bytes);
  try {
    while (const auto message = buffer.next())
      if (message->kind == Message::Kind::scan)
        check_scans({decode_scan(message->body, "fuzz")}, {});
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
}

/// Frames of trajectories are checked where they are used.
void take_frame(const std::string& bytes) {
  for (const bool frame : {true, false}) try {
      if (frame)
        (void)decode_frame(bytes);
      else
        (void)decode_atoms(bytes);
    } catch (const twin::Error& error) {
      if (error.cause() != twin::Cause::data) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  take({reinterpret_cast<const char*>(data), size});
  take_frame({reinterpret_cast<const char*>(data), size});
  FuzzedDataProvider in(data, size);
  const auto scan = made(in);
  std::string body = encode_scan(scan);
  if (decode_scan(body, "fuzz").columns != scan.columns) std::abort();
  for (int i = 0; i < 8 && in.remaining_bytes() > 0; ++i)
    body[in.ConsumeIntegralInRange<std::size_t>(0, body.size() - 1)] =
        static_cast<char>(in.ConsumeIntegral<std::uint8_t>());
  take(encode({Message::Kind::scan, body}));
  return 0;
}
