// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/frame_message.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace twin::sources::frame_message_test {
namespace {

atoms::TrajectoryFrame frame() {
  atoms::TrajectoryFrame out;
  out.cell << 1, 2, 3, 4, 5, 7, 8, 9, 10;
  out.positions = Eigen::MatrixX3d::Random(5, 3);
  out.step = 7;
  out.time_ps = 0.5;
  out.energy_eV = -3;
  return out;
}

FrameAtoms some_atoms() { return {{{"Pb", "I"}, {1, 2}}, {"eam", 295.0, 11, "nvt"}}; }

TEST(FrameMessage, AFrameComesBackAsItWas) {
  const auto back = decode_frame(encode_frame(frame()));
  EXPECT_EQ(back.cell, frame().cell);
  EXPECT_EQ(back.positions.rows(), 5);
  EXPECT_EQ(back.step, 7);
  EXPECT_EQ(back.time_ps, 0.5);
  EXPECT_EQ(back.energy_eV, -3);
  EXPECT_FALSE(back.temperature);
  EXPECT_FALSE(back.virial_bar);
  const auto one = frame();
  EXPECT_EQ(decode_frame(encode_frame(one)).positions, one.positions);
  const auto atoms = decode_atoms(encode_atoms(some_atoms()));
  EXPECT_EQ(atoms.atoms.elements, some_atoms().atoms.elements);
  EXPECT_EQ(atoms.atoms.kinds, some_atoms().atoms.kinds);
  EXPECT_EQ(atoms.origin.potential, "eam");
  EXPECT_EQ(atoms.origin.thermostat, 295.0);
  EXPECT_EQ(atoms.origin.seed, 11);
  EXPECT_EQ(atoms.origin.ensemble, "nvt");
}

TEST(FrameMessage, CutOrLongerItIsNone) {
  const std::string body = encode_frame(frame()), atoms = encode_atoms(some_atoms());
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_THROW((void)decode_frame(body.substr(0, size)), Error) << size;
  for (std::size_t size = 0; size < atoms.size(); ++size)
    EXPECT_THROW((void)decode_atoms(atoms.substr(0, size)), Error) << size;
  EXPECT_THROW((void)decode_frame(body + "x"), Error);
  EXPECT_THROW((void)decode_atoms(atoms + "x"), Error);
  std::string many = body;
  many[79] = '\x7f';  // of the count of atoms
  EXPECT_THROW((void)decode_frame(many), Error);
}

}  // namespace
}  // namespace twin::sources::frame_message_test
