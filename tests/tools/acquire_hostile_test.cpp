// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 that means no good, or is damaged: it is an error, and the others go on.
#include <gmock/gmock.h>
#include <hdf5.h>
#include <zlib.h>

#include <array>
#include <random>

#include "formats/made_hdf5.h"
#include "hdf5_files.h"
#include "process/confine.h"

using namespace twin;
using namespace tools;

namespace acquire_hostile_test {
using formats::MadeHdf5;
using record::Measurement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

using TwinAcquireHostile = Hdf5Files;

TEST_F(TwinAcquireHostile, WhatLiesInOtherFilesIsNotRead) {
  put("raw", std::string(24, '\1'));
  {
    MadeHdf5 other(path("other.h5"));
    other.numbers("/mu", {1, 2, 3});
  }
  {
    MadeHdf5 file(path("a.h5"));
    put_plain(file);
    file.external_link("/etc/passwd", "/", "/scan/passwd");
    file.external_link(path("other.h5"), "/mu", "/scan/other");
    file.external_numbers("/scan/raw", path("raw"), 3);
    file.external_numbers("/scan/passwords", "/etc/passwd", 3);
    const hsize_t three = 3;
    const hid_t space = H5Screate_simple(1, &three, nullptr), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_virtual(list, space, path("other.h5").c_str(), "/mu", space);
    declare(file, "/scan/virtual", H5T_NATIVE_DOUBLE, list);
  }
  EXPECT_THAT(read().columns, ElementsAre("energy", "mu"));
}

TEST_F(TwinAcquireHostile, NoFilterIsLoaded) {
  {
    MadeHdf5 file(path("a.h5"));
    put_plain(file);
    const hsize_t three = 3;
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, 1, &three);
    H5Pset_filter(list, 32008, H5Z_FLAG_OPTIONAL, 0, nullptr);
    declare(file, "/scan/packed", H5T_NATIVE_DOUBLE, list);
  }
  const auto said = taken();
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(all<Measurement>(said.out).front().columns, ElementsAre("energy", "mu"));
  EXPECT_THAT(said.error, HasSubstr("/scan/packed was left out: packed by filter 32008"));
}

TEST_F(TwinAcquireHostile, OtherTypesAndShapesAreNoColumns) {
  {
    MadeHdf5 file(path("a.h5"));
    put_plain(file);
    const hid_t compound = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(compound, "x", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(compound, "y", 8, H5T_NATIVE_DOUBLE);
    const std::array<std::pair<const char*, hid_t>, 4> types{
        {{"/scan/compound", compound},
         {"/scan/vlen", H5Tvlen_create(H5T_NATIVE_DOUBLE)},
         {"/scan/opaque", H5Tcreate(H5T_OPAQUE, 7)},
         {"/scan/reference", H5T_STD_REF_OBJ}}};
    for (const auto& [name, type] : types) declare(file, name, type);
    file.numbers("/scan/short", {1, 2});
    file.numbers("/scan/cube", counted(27), {3, 3, 3});
    file.number("/scan/one", 7);
    file.numbers("/scan/nan", {NAN, NAN, NAN});
  }
  EXPECT_THAT(read().columns, ElementsAre("energy", "mu"));
}

TEST_F(TwinAcquireHostile, DepthsAndCirclesComeToAnEnd) {
  {
    MadeHdf5 file(path("a.h5"));
    std::string deep;
    for (int i = 0; i < 500; ++i) deep += "/d";
    file.group(deep, "");
    file.numbers(deep + "/energy", {1, 2, 3});
    file.soft_link("/b", "/a");
    file.soft_link("/a", "/b");
    file.soft_link("/self/self", "/self");
    file.hard_link("/", "/root");
    put_plain(file);
  }
  EXPECT_THAT(read().columns, ElementsAre("energy", "mu"));
}

TEST_F(TwinAcquireHostile, SizesThatAreOnlyDeclaredAreRefused) {
  {
    MadeHdf5 file(path("a.h5"));
    file.hollow("/scan/energy", {std::size_t{1} << 50}, {1024});
    file.hollow("/scan/mu", {std::size_t{1} << 50}, {1024});
  }
  EXPECT_THAT(refused().what, HasSubstr("/scan/energy: over 67 million numbers"));
}

/// A deflated stream of 6 GiB of zeros, or as good as: what was packed of 64 MiB again and again.
std::string bomb() {
  const std::vector<unsigned char> zeros(std::size_t{64} << 20);
  std::vector<unsigned char> packed(std::size_t{1} << 20);
  z_stream stream{};
  EXPECT_EQ(deflateInit(&stream, 1), Z_OK);
  std::array<std::string, 2> parts;
  for (auto& part : parts) {
    stream.next_in = const_cast<unsigned char*>(zeros.data());
    stream.avail_in = static_cast<unsigned>(zeros.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<unsigned>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FULL_FLUSH), Z_OK);
    part.assign(reinterpret_cast<const char*>(packed.data()), packed.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  std::string out = parts[0];
  for (int i = 1; i < 96; ++i) out += parts[1];
  return out;
}

TEST_F(TwinAcquireHostile, WhatInflatesWithoutEndIsRefused) {
  if (process::is_sanitized()) GTEST_SKIP() << "skipped: under a sanitizer memory has no end";
  {
    MadeHdf5 file(path("a.h5"));
    put_plain(file);
    const hsize_t large = 1u << 20, zero = 0;  // HDF5 packs no chunk into more than this allows
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, 1, &large);
    H5Pset_deflate(list, 9);
    declare(file, "/scan/bomb", H5T_NATIVE_DOUBLE, list, {3, H5S_UNLIMITED});
    const hid_t set = H5Dopen2(file.id(), "/scan/bomb", H5P_DEFAULT);
    const std::string bytes = bomb();
    ASSERT_GE(H5Dwrite_chunk(set, H5P_DEFAULT, 0, &zero, bytes.size(), bytes.data()), 0);
    H5Dclose(set);
  }
  EXPECT_THAT(refused().what, HasSubstr("/scan/bomb"));
}

TEST_F(TwinAcquireHostile, CutAnywhereItIsRefusedAndTheOthersGoOn) {
  put_plain(*std::make_unique<MadeHdf5>(path("whole.h5")));
  const std::string bytes = get("whole.h5");
  std::mt19937 random(7);
  Words files;
  for (int i = 0; i < 50; ++i) {
    files.push_back("cut" + std::to_string(i) + ".h5");
    put(files.back(), bytes.substr(0, 8 + random() % (bytes.size() - 8)));
  }
  Words argv{"twin-acquire", "--into", "run.nxs"};
  argv.insert(argv.end(), files.begin(), files.end());
  argv.emplace_back("whole.h5");
  const auto said = run(argv);
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(all<record::Failure>(said.out), SizeIs(50));
  const auto scans = all<Measurement>(said.out);
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_EQ(scans[0].context.scan, "whole");
}

/// Any byte may be any other: an end with status 0 or 2 is all that is promised.
TEST_F(TwinAcquireHostile, DamagedAnywhereItComesToAnEnd) {
  put_plain(*std::make_unique<MadeHdf5>(path("whole.h5")));
  const std::string bytes = get("whole.h5");
  std::mt19937 random(11);
  Words argv{"twin-acquire", "--quiet"};
  for (int i = 0; i < 100; ++i) {
    std::string bad = bytes;
    for (int k = 0; k < 8; ++k)
      bad[8 + random() % (bad.size() - 8)] = static_cast<char>(random() % 256);
    argv.push_back("bad" + std::to_string(i) + ".h5");
    put(argv.back(), bad);
  }
  argv.emplace_back("whole.h5");
  const auto said = run(argv);
  EXPECT_THAT(said.status, ::testing::AnyOf(0, 2));
  EXPECT_EQ(all<Measurement>(said.out).back().context.scan, "whole");
}

}  // namespace

}  // namespace acquire_hostile_test
