// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files of any layout that the library writes: an Error of cause data, or scans as promised.
// Bytes that are no sound HDF5 would test the library, which is not ours to mend.
#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "formats/nexus.h"
#include "scans.h"

namespace {

constexpr std::array names{"entry",         "data",       "energy",     "mu",
                           "definition",    "instrument", "k",          "monochromator",
                           "incoming_beam", "intensity",  "scan_names", "sample"};
constexpr std::array texts{"NXentry",      "NXsubentry", "NXdata",     "NXmonochromator",
                           "NXinstrument", "NXdetector", "NXprocess",  "NXsample",
                           "NXxas",        "keV",        "[mu,energy", "energy"};
constexpr std::array attributes{"NX_class", "signal", "axes", "units"};

/// Writes a file as the input says, in memory.
class Writer {
 public:
  explicit Writer(FuzzedDataProvider& in) : in_(in) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(list, 1u << 16, false);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
    file_ = H5Fcreate("made", H5F_ACC_TRUNC, H5P_DEFAULT, list);
    H5Pclose(list);
    making_ = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(making_, 1);
  }

  std::string write() {
    in_.ConsumeBool() ? raw() : stack();
    for (int i = 0; i < 64 && in_.remaining_bytes() > 0; ++i) step();
    H5Fflush(file_, H5F_SCOPE_GLOBAL);
    std::string bytes(static_cast<std::size_t>(H5Fget_file_image(file_, nullptr, 0)), '\0');
    H5Fget_file_image(file_, bytes.data(), bytes.size());
    H5Pclose(making_);
    H5Fclose(file_);
    return bytes;
  }

 private:
  std::string path() {
    std::string out;
    for (int depth = in_.ConsumeIntegralInRange(1, 4); depth > 0; --depth)
      out.append("/").append(in_.PickValueInArray(names));
    return out;
  }

  std::string text() {
    return in_.ConsumeBool() ? in_.PickValueInArray(texts) : in_.ConsumeRandomLengthString(12);
  }

  /// Seven times of eight.
  bool keeps() { return in_.ConsumeIntegralInRange(0, 7) != 7; }

  /// Most of what NXxas asks for.
  void raw() {
    const hsize_t rows = in_.ConsumeIntegralInRange<hsize_t>(1, 4);
    if (keeps()) classed("/entry", "NXentry");
    if (keeps()) data_set("/entry/definition", text_type(), {}, "NXxas");
    if (keeps()) classed("/entry/instrument", "NXinstrument");
    if (keeps()) classed("/entry/instrument/monochromator", "NXmonochromator");
    if (keeps()) numbers("/entry/instrument/monochromator/energy", {rows});
    if (keeps()) classed("/entry/instrument/incoming_beam", "NXdetector");
    if (keeps()) numbers("/entry/instrument/incoming_beam/data", {rows});
    if (keeps()) numbers("/entry/intensity", {in_.ConsumeIntegralInRange<hsize_t>(1, 3), rows});
  }

  /// Most of a stack of scans.
  void stack() {
    const hsize_t rows = in_.ConsumeIntegralInRange<hsize_t>(1, 4),
                  scans = in_.ConsumeIntegralInRange<hsize_t>(0, 3);
    if (keeps()) classed("/data", "NXdata");
    if (keeps()) numbers("/data/energy", {rows});
    if (keeps()) numbers("/data/mu", {scans, rows});
    if (keeps()) data_set("/data/scan_names", text_type(), {scans}, text());
  }

  void classed(const std::string& at, const std::string& type) {
    H5Gclose(H5Gcreate2(file_, at.c_str(), making_, H5P_DEFAULT, H5P_DEFAULT));
    const hid_t object = H5Oopen(file_, at.c_str(), H5P_DEFAULT);
    if (object >= 0) set_texts(object, "NX_class", {type});
  }

  void step() {
    const std::string at = path();
    switch (in_.ConsumeIntegralInRange(0, 6)) {
      case 0:
        H5Gclose(H5Gcreate2(file_, at.c_str(), making_, H5P_DEFAULT, H5P_DEFAULT));
        break;
      case 1:
        numbers(at, shape());
        break;
      case 2:
        data_set(at, text_type(), {in_.ConsumeIntegralInRange<hsize_t>(1, 3)}, text());
        break;
      case 3:
        attribute(at);
        break;
      case 4:
        H5Lcreate_soft(path().c_str(), file_, at.c_str(), making_, H5P_DEFAULT);
        break;
      case 5:
        H5Lcreate_hard(file_, path().c_str(), file_, at.c_str(), making_, H5P_DEFAULT);
        break;
      default:
        H5Lcreate_external("other.h5", "/mu", file_, at.c_str(), making_, H5P_DEFAULT);
    }
  }

  hid_t text_type() {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 16);
    return type;
  }

  std::vector<hsize_t> shape() {
    std::vector<hsize_t> out;
    for (int rank = in_.ConsumeIntegralInRange(0, 4); rank > 0; --rank)
      out.push_back(in_.ConsumeIntegralInRange<hsize_t>(0, 5));
    return out;
  }

  void numbers(const std::string& at, const std::vector<hsize_t>& shape) {
    const bool bytes = in_.ConsumeBool();
    std::size_t size = bytes ? 1 : sizeof(double);
    for (const auto n : shape) size *= n;
    data_set(at, H5Tcopy(bytes ? H5T_NATIVE_INT8 : H5T_NATIVE_DOUBLE), shape,
             in_.ConsumeBytesAsString(size));
  }

  void data_set(const std::string& at, hid_t type, const std::vector<hsize_t>& shape,
                std::string bytes) {
    std::size_t size = H5Tget_size(type);
    for (const auto n : shape) size *= n;
    bytes.resize(size + 8, '\0');
    const int rank = static_cast<int>(shape.size());
    const hid_t space =
        rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, at.c_str(), type, space, making_, H5P_DEFAULT, H5P_DEFAULT);
    if (set >= 0) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
    if (set >= 0) H5Dclose(set);
    H5Sclose(space);
    H5Tclose(type);
  }

  void attribute(const std::string& at) {
    const hid_t object = H5Oopen(file_, at.c_str(), H5P_DEFAULT);
    std::vector<std::string> values(in_.ConsumeIntegralInRange<std::size_t>(1, 3));
    for (auto& value : values) value = text();
    if (object >= 0) set_texts(object, in_.PickValueInArray(attributes), values);
  }

  void set_texts(hid_t object, const char* name, const std::vector<std::string>& values) {
    std::array<char, 64> bytes{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i].copy(&bytes[16 * i], 16);
    const hsize_t count = values.size();
    const hid_t type = text_type(), space = H5Screate_simple(1, &count, nullptr);
    const hid_t it = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (it >= 0) H5Awrite(it, type, bytes.data());
    if (it >= 0) H5Aclose(it);
    H5Sclose(space);
    H5Tclose(type);
    H5Oclose(object);
  }

  FuzzedDataProvider& in_;
  hid_t file_ = -1, making_ = -1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider in(data, size);
  const std::string bytes = Writer(in).write();
  std::vector<twin::Error> refused;
  try {
    check_scans(twin::formats::parse_nexus(bytes, "fuzz", &refused), refused);
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
