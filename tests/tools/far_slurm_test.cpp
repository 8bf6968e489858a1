// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate on a machine with SLURM, by a real sshd and a cluster of one node on the loopback.
#include <future>

#include "remote/cluster.h"
#include "tools/far.h"

using namespace twin;
using namespace tools;

namespace far_slurm_test {

namespace {

using remote::Cluster;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Slurm : public Far {
 protected:
  void SetUp() override {
    if (const auto missing = Cluster::missing(); !missing.empty()) GTEST_SKIP() << missing;
    Far::SetUp();
    if (IsSkipped()) return;
    cluster = std::make_unique<Cluster>();
    open(cluster->settings());
  }

  /// The queue's number of the first job.
  std::string id() {
    const auto events = all<record::Event>(far({"--status", place()}).out);
    return events.empty() ? "" : events.front().second.substr(std::string("slurm ").size());
  }

  /// What SLURM does a minute before the limit.
  void tell_of_limit() {
    static_cast<void>(cluster->ask({"scancel", "--batch", "--signal=TERM", id()}));
  }

  /// Tells the one job so, as often, each time when it runs and has more than \p more frames than
  /// the last time.
  void cut_short(int times, int more) {
    int least = more;
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(becomes("job-running"));
      for (int attempt = 0; attempt < 600 && produced() < least; ++attempt)
        std::this_thread::sleep_for(process::Seconds(0.1));
      ASSERT_GE(produced(), least);
      ASSERT_TRUE(appears("child"));
      least = produced() + more;
      tell_of_limit();
      for (int attempt = 0; attempt < 300 && !appears("stopped", 1); ++attempt) {
      }
    }
  }

  std::unique_ptr<Cluster> cluster;
};

TEST_F(Slurm, ManyModelsAreAnArrayAndNoneRunsTwice) {
  Words models;
  for (int i = 0; i < 4; ++i) {
    models.push_back("m" + std::to_string(i) + ".yaml");
    put(models.back(), copper("m" + std::to_string(i), 300 + i, 3000, i == 2 ? "none" : "Cu_zhou"));
  }
  EXPECT_EQ(submit(models).status, 0);
  EXPECT_THAT(what(submit(models)), Each("job-known"));
  const auto fetched = fetch({"--follow"});
  EXPECT_EQ(fetched.status, 2) << fetched.error;
  EXPECT_THAT(all<record::State>(fetched.out), SizeIs(3));
  EXPECT_THAT(all<record::Failure>(fetched.out), SizeIs(1));
  EXPECT_THAT(id(), HasSubstr("_")) << "an array's task";
  EXPECT_EQ(far({"--status", place()}).status, 2);
}

TEST_F(Slurm, AJobThatIsCancelledSaysSo) {
  put("long.yaml", copper("long", 300, 10'000'000));
  EXPECT_EQ(submit({"long.yaml"}).status, 0);
  ASSERT_TRUE(becomes("job-running"));
  EXPECT_EQ(fetch().status, 1) << "not over";
  EXPECT_EQ(far({"--cancel", place()}).status, 0);
  EXPECT_TRUE(becomes("job-cancelled"));
  EXPECT_EQ(fetch().status, 2);
}

TEST_F(Slurm, AtItsTimeLimitAJobGoesOnFromItsLastFrames) {
  put("slow.yaml", copper("slow", 300, 120'000, "Cu_mishin1", 100));
  EXPECT_EQ(submit({"slow.yaml"}).status, 0);
  ASSERT_TRUE(becomes("job-running"));
  ASSERT_TRUE(appears("restart.json"));
  tell_of_limit();
  ASSERT_TRUE(becomes("job-at-its-time-limit"));
  const auto fetched = fetch({"--follow"});
  EXPECT_LE(fetched.status, 1) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_EQ(states[0].start, "restart");
}

TEST_F(Slurm, AJobThatIsLongerThanItsTimeLimitEnds) {
  put("slow.yaml", copper("slow", 300, 400'000, "Cu_mishin1", 100));
  put_shorter_checkpoints();
  EXPECT_EQ(submit({"slow.yaml"}).status, 0);
  auto fetching = std::async(std::launch::async, [&] { return fetch({"--follow"}); });
  cut_short(4, 100);
  const auto fetched = fetching.get();
  EXPECT_LE(fetched.status, 1) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_EQ(states[0].start, "restart");
  const auto events = all<record::Event>(fetched.out);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].what, "run-resumed");
  EXPECT_GE(*events[0].quantities.at("frames_before").value, 400);
}

TEST_F(Slurm, AJobThatGetsNoFurtherIsGivenUp) {
  std::string text = copper("stuck", 300);
  const std::string steps = "equilibrate: 200";
  put("stuck.yaml", text.replace(text.find(steps), steps.size(), "equilibrate: 9000000"));
  EXPECT_EQ(submit({"stuck.yaml"}).status, 0);
  auto fetching = std::async(std::launch::async, [&] { return fetch({"--follow"}); });
  cut_short(3, 0);
  const auto fetched = fetching.get();
  EXPECT_EQ(fetched.status, 2) << fetched.error;
  const auto failures = all<record::Failure>(fetched.out);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_THAT(failures[0].what, HasSubstr("given up: 3 attempts brought it no further"));
}

TEST_F(Slurm, WhatAnAttemptHasLeftMayBeDamaged) {
  put("slow.yaml", copper("slow", 300, 120'000, "Cu_mishin1", 100));
  EXPECT_EQ(submit({"slow.yaml"}).status, 0);
  ASSERT_TRUE(appears("restart.json"));
  tell_of_limit();
  ASSERT_TRUE(becomes("job-at-its-time-limit"));
  std::filesystem::path folder;
  for (const auto& job : std::filesystem::directory_iterator(world->file("far/work/jobs")))
    folder = job.path();
  std::filesystem::resize_file(folder / "restart.json", 700);
  const auto fetched = fetch({"--follow"});
  EXPECT_LE(fetched.status, 1) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_EQ(states[0].start, "ideal");
  const std::string log = read_file(folder / "log");
  EXPECT_THAT(log, HasSubstr("restart.json"));
  EXPECT_THAT(log, HasSubstr("the job begins anew"));
}

TEST_F(Slurm, AControllerThatIsRestartedIsWaitedFor) {
  put("good.yaml", copper("good", 300));
  EXPECT_EQ(submit({"good.yaml"}).status, 0);
  cluster->stop_controller();
  auto fetching = std::async(std::launch::async, [&] { return fetch({"--follow"}); });
  std::this_thread::sleep_for(process::Seconds(4));
  cluster->start_controller();  // which ends with this thread
  const auto fetched = fetching.get();
  EXPECT_LE(fetched.status, 1) << fetched.error;
  EXPECT_THAT(all<record::State>(fetched.out), SizeIs(1));
}

TEST_F(Slurm, TwoRanksAreStoppedWhenTheyAreAtEquilibrium) {
  put("long.yaml", copper("long", 300, 10'000'000, "Cu_mishin1", 100));
  EXPECT_EQ(submit({"long.yaml"}, {"--ranks", "2", "--write-trajectory", "t.xyz"}).status, 0);
  const auto fetched = fetch({"--follow", "--stop-when-equilibrated"});
  EXPECT_EQ(fetched.status, 0) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_TRUE(states[0].equilibrated);
  EXPECT_EQ(states[0].how, "trajectory");
  EXPECT_GE(states[0].n_eff, 50);
  EXPECT_TRUE(becomes("job-done"));
  const auto once_more = fetch();
  const auto again = all<record::State>(once_more.out);
  ASSERT_THAT(again, SizeIs(1)) << "what was judged lies there; " << once_more.error;
  EXPECT_EQ(again[0].header.id, states[0].header.id);

  put("here.yaml", copper("here", 300, 4000));
  const auto local = all<record::State>(run({"twin-simulate", "here.yaml"}).out);
  ASSERT_THAT(local, SizeIs(1));
  for (const char* name : {"r:Cu-Cu.1", "sigma2:Cu-Cu.1", "rmsd"}) {
    const auto &far = states[0].quantities.at(name), &near = local[0].quantities.at(name);
    EXPECT_NEAR(*far.value, *near.value, 4 * std::hypot(*far.sigma, *near.sigma)) << name;
  }
}

}  // namespace

}  // namespace far_slurm_test
