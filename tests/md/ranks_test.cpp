// SPDX-License-Identifier: GPL-3.0-or-later
// Replicas of several MPI processes; the real lmp and mpirun.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "md/copper.h"
#include "md/simulate.h"
#include "message_of.h"
#include "process/child.h"

namespace twin::md::ranks_test {
namespace {

using ::testing::HasSubstr;

class Ranks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (process::find_program("lmp").empty() || process::find_program("mpirun").empty())
      GTEST_SKIP() << "skipped: no lmp or no mpirun";
    model.run.replicas = 1;
    // Ranks wait for each other at every step: where there is more to do, for a long time.
    model.structure.supercell = {3, 3, 3};
    model.run.equilibrate = 100;
    model.run.produce = 300;
  }

  /// Processes whose folder is one of a worker's below \p folder.
  static int workers_below(const std::string& folder) {
    int count = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
      const auto where = std::filesystem::read_symlink(entry.path() / "cwd", ignored);
      if (!ignored && where.string().starts_with(folder)) ++count;
    }
    return count;
  }

  /// Of MPI, in the memory that all processes share: what is left there is left for ever.
  static int shared_segments() {
    int count = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", ignored))
      if (entry.path().filename().string().starts_with("vader_segment")) ++count;
    return count;
  }

  record::Model model = copper_model();
};

// Here, whatever a batch system says of other machines: those are for whoever asked for them.
TEST_F(Ranks, SampleTheEnsembleOfOne) {
  const std::map<std::string, std::string> job{{"SLURM_JOBID", "1"},
                                               {"SLURM_NODELIST", "nodea,nodeb"},
                                               {"SLURM_NNODES", "2"},
                                               {"SLURM_TASKS_PER_NODE", "1(x2)"}};
  for (const auto& [name, value] : job) ::setenv(name.c_str(), value.c_str(), 1);
  const int before = shared_segments();
  const Outcome two = Engine(EngineSettings{.ranks = 2, .niceness = 0}).run(model, {}, {});
  EXPECT_EQ(shared_segments(), before);
  for (const auto& [name, value] : job) ::unsetenv(name.c_str());
  model.seed = 7;
  const Outcome one = Engine().run(model, {}, {});
  const auto ratio = [&](const std::string& name) {
    return *two.quantities.at(name).value / *one.quantities.at(name).value;
  };
  EXPECT_NEAR(ratio("r:Cu-Cu.1"), 1, 0.002);
  EXPECT_NEAR(ratio("sigma2:Cu-Cu.1"), 1, 0.25);
  EXPECT_NEAR(ratio("potential_energy"), 1, 0.001);
  EXPECT_GT(two.cpu_seconds, 0.2 * one.cpu_seconds);  // the ranks', not mpirun's
}

// The server is killed in the middle of a run: ranks have groups of their own, and end with mpirun.
TEST_F(Ranks, LeaveNoOrphan) {
  const TemporaryFolder folder("twinline-test");
  const int before = shared_segments();
  model.run.produce = 10'000'000;
  const pid_t child = fork();
  if (child == 0) {
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    try {
      Engine engine(EngineSettings{.ranks = 2});
      (void)engine.run(model, {}, {});
    } catch (...) {
    }
    _exit(0);
  }
  const auto wait_for = [&](auto done) {
    for (int i = 0; i < 600 && !done(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return done();
  };
  EXPECT_TRUE(wait_for([&] { return workers_below(folder.path()) >= 3; }));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(wait_for([&] { return workers_below(folder.path()) == 0; }))
      << workers_below(folder.path());
  EXPECT_EQ(shared_segments(), before);
}

TEST_F(Ranks, SayWhatIsMissing) {
  const char* const before = std::getenv("PATH");
  const TemporaryFolder folder("twinline-test");
  std::filesystem::create_symlink(process::find_program("lmp"), folder.path() + "/lmp");
  const std::string path = before;
  ::setenv("PATH", folder.path().c_str(), 1);
  const std::string said = message_of(
      [&] { (void)Engine(EngineSettings{.ranks = 2}).run(model, {}, {}); }, Cause::unavailable);
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(said, HasSubstr("openmpi-bin"));
}

}  // namespace
}  // namespace twin::md::ranks_test
