// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/file.h"
#include "formats/deepmd_system.h"
#include "message_of.h"

namespace twin::formats::npy_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string said(const std::string& bytes) {
  return message_of([&] { (void)parse_npy(bytes, "x.npy"); });
}

/// As numpy 2 writes it: magic, version 1, 118 bytes of header.
std::string of_numpy(const std::string& descr, const std::string& shape, const std::string& data) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header += std::string(117 - header.size(), ' ') + "\n";
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + data;
}

TEST(Npy, DoublesAndFloatsAreRead) {
  const std::string one("\x00\x00\x00\x00\x00\x00\xf0\x3f", 8), half("\x00\x00\x00\x3f", 4);
  const auto doubles = parse_npy(of_numpy("<f8", "(2, 1)", one + one), "x.npy");
  EXPECT_THAT(doubles.shape, ElementsAre(2U, 1U));
  EXPECT_THAT(doubles.values, ElementsAre(1, 1));
  EXPECT_THAT(parse_npy(of_numpy("<f4", "(1,)", half), "x.npy").values, ElementsAre(0.5));
  EXPECT_THAT(parse_npy(of_numpy("<f8", "()", one), "x.npy").values, ElementsAre(1));
}

TEST(Npy, WrittenItReadsBack) {
  const NpyArray array{{2, 3}, {1, -2.5, 1e-300, 4, 5, 0.1}};
  const std::string bytes = npy_bytes(array);
  EXPECT_EQ(bytes.size() % 64, 48U);  // the numbers begin on a multiple of 64
  const auto again = parse_npy(bytes, "x.npy");
  EXPECT_EQ(again.shape, array.shape);
  EXPECT_EQ(again.values, array.values);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_THAT(said(bytes.substr(0, cut)), Not("no error")) << cut;
}

TEST(Npy, OtherFilesAreNamed) {
  const std::string one("\x00\x00\x00\x00\x00\x00\xf0\x3f", 8);
  EXPECT_THAT(said("PK\x03\x04"), HasSubstr("x.npy: no file of NumPy's"));
  EXPECT_THAT(said(of_numpy("<i8", "(1,)", one)), HasSubstr("'<f8' or '<f4' are expected"));
  EXPECT_THAT(said(of_numpy(">f8", "(1,)", one)), HasSubstr("'<f8' or '<f4' are expected"));
  EXPECT_THAT(said(of_numpy("<f8", "(2,)", one)), HasSubstr("8 bytes of numbers, 16 are expected"));
  EXPECT_THAT(said(of_numpy("<f8", "(-1,)", one)), HasSubstr("a shape that is none"));
  EXPECT_THAT(said(of_numpy("<f8", "(99999999, 99999999)", one)), HasSubstr("more numbers"));
  EXPECT_THAT(said(of_numpy("<f8", "(1,)", std::string("\x00\x00\x00\x00\x00\x00\xf0\x7f", 8))),
              HasSubstr("not finite"));
}

DeepmdSystem two_frames() {
  DeepmdSystem system;
  system.elements = {"Pb", "I", "I"};
  system.box.resize(2, 9);
  system.box << 6, 0, 0, 0, 6, 0, 0, 0, 6, 6.1, 0, 0, 0, 6.1, 0, 0, 0, 6.1;
  system.coordinates = DeepmdSystem::ByFrame::Random(2, 9);
  system.forces = DeepmdSystem::ByFrame::Random(2, 9);
  system.energy = Eigen::Vector2d(-1, -2);
  system.virial = DeepmdSystem::ByFrame::Random(2, 9);
  return system;
}

TEST(DeepmdSystemFolder, WrittenItReadsBack) {
  const TemporaryFolder folder("twinline-system");
  const std::string path = folder.path() + "/train/one";
  const auto system = two_frames();
  write_deepmd_system(path, system);
  EXPECT_EQ(read_file(path + "/type.raw"), "0\n1\n1\n");
  EXPECT_EQ(read_file(path + "/type_map.raw"), "Pb\nI\n");
  EXPECT_THAT(deepmd_systems_in(folder.path()), ElementsAre(path));
  const auto again = read_deepmd_system(path);
  EXPECT_EQ(again.elements, system.elements);
  EXPECT_EQ(again.coordinates, system.coordinates);
  EXPECT_EQ(again.energy, system.energy);
  EXPECT_EQ(*again.virial, *system.virial);
  EXPECT_FALSE(again.temperature);
  EXPECT_NEAR(again.volume(1), 6.1 * 6.1 * 6.1, 1e-12);
}

TEST(DeepmdSystemFolder, SetsAreJoinedAndFaultsNamed) {
  const TemporaryFolder folder("twinline-system");
  const std::string path = folder.path();
  write_deepmd_system(path, two_frames());
  std::filesystem::copy(path + "/set.000", path + "/set.001");
  EXPECT_EQ(read_deepmd_system(path).frames(), 4);
  std::filesystem::remove(path + "/set.001/virial.npy");
  EXPECT_FALSE(read_deepmd_system(path).virial);
  const auto complaint = [&](Cause cause) {
    return message_of([&] { (void)read_deepmd_system(path); }, cause);
  };
  write_file_atomically(path + "/set.001/energy.npy", npy_bytes({{3}, {1, 2, 3}}));
  EXPECT_THAT(complaint(Cause::data), HasSubstr("set.001: its files are of different numbers"));
  write_file_atomically(path + "/set.001/coord.npy", npy_bytes({{2, 3}, {1, 2, 3, 4, 5, 6}}));
  EXPECT_THAT(complaint(Cause::data), HasSubstr("coord.npy: 6 numbers of 2 frames; expected 9"));
  write_file_atomically(path + "/type.raw", "0\n2\n");
  EXPECT_THAT(complaint(Cause::data), HasSubstr("type.raw: '2'"));
  std::filesystem::remove(path + "/type_map.raw");
  EXPECT_THAT(complaint(Cause::no_input), HasSubstr("type_map.raw"));
  EXPECT_THAT(message_of([&] { (void)deepmd_systems_in(path + "/set.000"); }, Cause::no_input),
              HasSubstr("no training frames in it"));
}

/// The set that the shown potentials are trained on, as NumPy wrote it.
TEST(DeepmdSystemFolder, OfNumpyIsRead) {
  const char* data = std::getenv("TWIN_DATA");
  const std::string path = std::string(data != nullptr ? data : "") + "/md/deepmd/data/valid";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: no " << path;
  const auto system = read_deepmd_system(path);
  EXPECT_EQ(system.frames(), 32);
  EXPECT_EQ(system.elements.size(), 40U);
  EXPECT_NEAR(std::sqrt(system.forces.array().square().mean()), 0.239, 0.02);
}

}  // namespace
}  // namespace twin::formats::npy_test
