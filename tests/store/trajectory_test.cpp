// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/trajectory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/file.h"
#include "core/time.h"
#include "message_of.h"
#include "published_file.h"

namespace twin::store::trajectory_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two atoms that move, or more.
struct Instant : TrajectoryInstant {
  std::vector<double> x;
  explicit Instant(std::int64_t number, std::size_t atoms = 2) : x(3 * atoms) {
    step = 10 * number;
    time_ps = 0.04 * static_cast<double>(number);
    cell = {10, 0, 0, 0, 11, 0, 0, 0, 12};
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<double>(number) + 0.1 * static_cast<double>(i);
    positions = x;
    temperature = 300;
    energy_eV = -2;
    virial_bar = 1.5;
  }
};

struct Trajectory : testing::Test {
  TemporaryFolder folder{"trajectory"};
  std::string path = folder.path() + "/run.h5";
  TrajectoryHeader header{.elements = {"Pb", "I"},
                          .replicas = 2,
                          .potential = "made up",
                          .thermostat = 310,
                          .seed = 7,
                          .model = "abc"};
};

TEST_F(Trajectory, IsH5md) {
  TrajectoryWriter writer(path, header);
  for (int i = 0; i < 3; ++i)
    for (std::size_t replica = 0; replica < 2; ++replica) writer.append(replica, Instant(i));
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  writer.finish("run 1");
  EXPECT_NE(::access((path + ".part").c_str(), F_OK), 0);
  const File file(path);
  const std::string at = "/particles/replica2";
  EXPECT_THAT(file.shape(at + "/position/value"), ElementsAre(3, 2, 3));
  EXPECT_THAT(file.shape(at + "/box/edges/value"), ElementsAre(3, 3, 3));
  EXPECT_DOUBLE_EQ(file.numbers(at + "/position/value")[17], 0.25);  // nm
  EXPECT_DOUBLE_EQ(file.numbers(at + "/box/edges/value")[4], 1.1);
  EXPECT_THAT(file.numbers(at + "/position/step"), ElementsAre(0, 10, 20));
  EXPECT_THAT(file.numbers(at + "/box/edges/time"), ElementsAre(0, 0.04, 0.08));
  const std::string seen = "/observables/replica1";
  EXPECT_THAT(file.numbers(seen + "/temperature/value"), ElementsAre(300, 300, 300));
  EXPECT_THAT(file.numbers(seen + "/virial_pressure/value"), ElementsAre(1.5e5, 1.5e5, 1.5e5));
  EXPECT_NEAR(file.numbers(seen + "/potential_energy/value")[0], -96.48533212331, 1e-9);
  for (const std::string name :
       {"/h5md/author", "/h5md/creator", "/h5md/modules/units", "/h5md/modules/thermodynamics",
        "/parameters/twin-simulate/seed", "/parameters/twin-simulate/ensemble"})
    EXPECT_TRUE(file.has(name)) << name;
}

TEST_F(Trajectory, StockToolsReadIt) {
  if (std::system("command -v h5dump >/dev/null 2>&1") != 0) GTEST_SKIP() << "skipped: no h5dump";
  TrajectoryWriter writer(path, header);
  writer.append(0, Instant(1));
  writer.finish("run 1");
  const std::string text = folder.path() + "/text";
  const auto dumped = [&](const std::string& options) {
    EXPECT_EQ(std::system(("h5dump " + options + " '" + path + "' > '" + text + "'").c_str()), 0);
    return read_file(text);
  };
  EXPECT_THAT(dumped("-a /h5md/version"), HasSubstr("(0): 1, 1"));
  EXPECT_THAT(dumped("-a /particles/replica1/box/boundary"),
              HasSubstr("\"periodic\", \"periodic\", \"periodic\""));
  EXPECT_THAT(dumped("-d /particles/replica1/species"), HasSubstr("(0): Pb, I"));
  EXPECT_THAT(dumped("-a /particles/replica1/position/value/unit"), HasSubstr("\"nm\""));
  EXPECT_THAT(dumped("-a /h5md/modules/units/system"), HasSubstr("\"SI\""));
  // Steps and times are those of the positions, not copies.
  EXPECT_THAT(dumped("-H"), HasSubstr("HARDLINK \"/observables/replica1/potential_energy/step\""));
}

TEST_F(Trajectory, WhatAKilledProcessLeavesCanBeRead) {
  const std::string part = path + ".part";
  for (int i = 0; i < 8; ++i) {
    ::unlink(part.c_str());
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      TrajectoryWriter writer(path, header, 0.02);
      for (std::int64_t n = 0;; ++n) writer.append(static_cast<std::size_t>(n % 2), Instant(n / 2));
    }
    // Until some of it has been flushed.
    const double end = monotonic_seconds() + 20;
    while (monotonic_seconds() < end) {
      std::error_code ignored;
      const auto size = std::filesystem::file_size(part, ignored);
      if (!ignored && size > 400000) break;
      ::usleep(1000);
    }
    ::usleep(static_cast<useconds_t>(30000 + 3000 * i));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const File file(part);
    for (const std::string group : {"replica1", "replica2"}) {
      const auto steps = file.numbers("/particles/" + group + "/position/step");
      ASSERT_GT(steps.size(), 10U);
      EXPECT_EQ(steps.back(), 10 * static_cast<double>(steps.size() - 1));
      const auto x = file.numbers("/particles/" + group + "/position/value");
      ASSERT_EQ(x.size(), 6 * steps.size());
      EXPECT_DOUBLE_EQ(x[x.size() - 6], 0.1 * static_cast<double>(steps.size() - 1));
      EXPECT_EQ(file.numbers("/observables/" + group + "/temperature/value").back(), 300);
    }
  }
}

TEST_F(Trajectory, AFullDiskIsSaidAndLeavesWhatThereWas) {
  header.elements.assign(20, "Cu");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    try {
      TrajectoryWriter writer(path, header, 0);
      writer.append(0, Instant(0, 20));
      const rlimit limit{200000, 200000};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      for (std::int64_t n = 1; n < 100000; ++n) writer.append(0, Instant(n, 20));
    } catch (const Error& error) {
      std::exit(error.cause() == Cause::output ? 0 : 1);  // by all that happens at the end
    }
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(File(path + ".part").numbers("/particles/replica1/position/step").size(), 10U);
}

TEST_F(Trajectory, NothingIsOverwrittenUnseen) {
  { const TrajectoryWriter writer(path, header); }
  EXPECT_THAT(message_of([&] { const TrajectoryWriter again(path, header); }, Cause::cannot_create),
              HasSubstr("it is there already"));
  EXPECT_THAT(message_of([&] { const TrajectoryWriter no(folder.path() + "/none/run.h5", header); },
                         Cause::cannot_create),
              HasSubstr("none/run.h5.part"));
}

TEST_F(Trajectory, RefusesAnotherNumberOfAtoms) {
  TrajectoryWriter writer(path, header);
  Instant instant(1);
  instant.positions = instant.positions.first(3);
  EXPECT_THAT(message_of([&] { writer.append(0, instant); }, Cause::internal),
              HasSubstr("3 coordinates of 2 atoms"));
  EXPECT_THAT(message_of([&] { writer.append(2, Instant(1)); }, Cause::internal),
              HasSubstr("no replica 3"));
}

}  // namespace
}  // namespace twin::store::trajectory_test
