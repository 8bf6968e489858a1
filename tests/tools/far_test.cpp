// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate's --submit, --status, --fetch and --cancel, by real sshd and SLURM on the loopback.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include "core/text.h"
#include "process/child.h"
#include "remote/cluster.h"
#include "remote/world.h"
#include "tools/tool.h"

using namespace twin;
using namespace tools;

namespace far_test {

namespace {

using remote::Cluster;
using remote::World;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string copper(const std::string& name, double temperature, int produce = 3000,
                   const std::string& potential = "Cu_mishin1") {
  return "format: twin-model/1\nname: " + name +
         "\nstructure: {lattice: fcc, element: Cu, a: 3.62 Å, supercell: [3, 3, 3]}\npotential: " +
         potential + "\nensemble: {nvt: {temperature: " + shortest(temperature) +
         " K}}\nrun: {replicas: 2, equilibrate: 200, produce: " + std::to_string(produce) +
         ", sample_every: 10, timestep: 4 fs, friction: 0.2 ps}\nseed: 7\n";
}

/// A machine that is reached as "far", and what of it the tests want.
class Far : public Tools {
 protected:
  void SetUp() override {
    if (const auto missing = World::missing(); !missing.empty()) GTEST_SKIP() << missing;
    SKIP_WITHOUT("lmp");
    world = std::make_unique<World>();
    world->make_key("id");
    World::write(world->file("authorized_keys"), read_file(world->file("id.pub")));
    put("job.sh", job_template());
  }

  void open(const std::string& settings) {
    const int port = world->start_sshd("sshd", {"ed25519"}, settings + "\n");
    World::write(world->file("known_hosts"), world->known_line(port, "sshd_ed25519"));
    world->add_host("far", port);
  }

  /// The shared template with what a site's modules would set.
  [[nodiscard]] std::string job_template() const {
    std::string text = read_file(environment().at("TWINLINE_SHARE") + "/remote/job.sh");
    const std::string before = "simulate() {";
    std::string own = "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1\n";
    for (const char* name : {"PATH", "TWINLINE_SHARE"})
      own += std::string("export ") + name + "=" + environment().at(name) + "\n";
    text.insert(text.find(before), own);
    const std::string tasks = "{{tasks}}";  // more than this machine has: replicas share it
    return text.replace(text.find(tasks), tasks.size(), "{{ranks}}");
  }

  [[nodiscard]] std::string place() const { return "far:" + world->file("far/work"); }

  Said far(Words argv, const Words& more = {}) {
    argv.insert(argv.begin(), "twin-simulate");
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv, {}, {{"XDG_STATE_HOME", path("state")}});
  }
  Said submit(const Words& models, const Words& more = {}) {
    Words argv{"--submit", place(), "--template", "job.sh"};
    argv.insert(argv.end(), more.begin(), more.end());
    return far(argv, models);
  }
  Said fetch(const Words& more = {}) {
    return far({"--fetch", place(), "--into", "here", "--poll", "1"}, more);
  }

  static std::vector<std::string> what(const Said& said) {
    std::vector<std::string> out;
    for (const auto& event : all<record::Event>(said.out)) out.push_back(event.what);
    std::ranges::sort(out);
    return out;
  }

  /// Asks until a job is in \p state; false after a minute.
  bool becomes(const std::string& state) {
    for (int attempt = 0; attempt < 120; ++attempt) {
      const auto said = what(far({"--status", place()}));
      if (std::ranges::find(said, state) != said.end()) return true;
      std::this_thread::sleep_for(process::Seconds(0.5));
    }
    return false;
  }

  /// Waits for a file of the one job; false after half a minute.
  bool appears(const std::string& name) {
    for (int attempt = 0; attempt < 300; ++attempt) {
      for (const auto& job : std::filesystem::directory_iterator(world->file("far/work/jobs")))
        if (std::filesystem::exists(job.path() / name)) return true;
      std::this_thread::sleep_for(process::Seconds(0.1));
    }
    return false;
  }

  std::unique_ptr<World> world;
};

/// A host without a queue: its $PATH has no sbatch.
class PlainHost : public Far {
 protected:
  void SetUp() override {
    Far::SetUp();
    if (IsSkipped()) return;
    std::filesystem::create_directory(path("programs"));
    for (const char* folder : {"/usr/bin", "/bin"})
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        std::error_code there_already;
        if (name != "sbatch" && name != "squeue")
          std::filesystem::create_symlink(entry.path(), path("programs/" + name), there_already);
      }
    open("SetEnv PATH=" + path("programs"));
  }
};

TEST_F(PlainHost, AnswersAsThisMachineWouldAndTellsOfFailures) {
  put("good.yaml", copper("good", 300));
  put("bad.yaml", copper("bad", 300, 3000, "none-such"));
  const auto submitted = submit({"good.yaml", "bad.yaml"});
  EXPECT_EQ(submitted.status, 0) << submitted.error;
  EXPECT_THAT(what(submitted), Each("job-submitted"));
  EXPECT_THAT(all<record::ModelRecord>(submitted.out), SizeIs(2));

  const auto fetched = fetch({"--follow"});
  EXPECT_EQ(fetched.status, 2) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  const auto local = all<record::State>(run({"twin-simulate", "good.yaml"}).out);
  ASSERT_THAT(local, SizeIs(1));
  EXPECT_EQ(states[0].quantities.at("r:Cu-Cu.1").value, local[0].quantities.at("r:Cu-Cu.1").value);
  const auto failures = all<record::Failure>(fetched.out);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_THAT(failures[0].what, HasSubstr("exit 78: twin-simulate: error: model.jsonl:1"));
  EXPECT_THAT(failures[0].what, HasSubstr("'none-such' is unknown"));

  EXPECT_THAT(what(submit({"good.yaml", "bad.yaml"})), Each("job-known"));
  EXPECT_THAT(what(submit({"good.yaml", "bad.yaml"}, {"--again"})), Contains("job-submitted"));
  EXPECT_THAT(get("state/twinline/submitted.jsonl"), HasSubstr("\"place\":\"" + place() + "\""));
}

TEST_F(PlainHost, OneThatIsCancelledLeavesTheOthersAlone) {
  put("first.yaml", copper("first", 300, 10'000'000));
  put("second.yaml", copper("second", 310));
  ASSERT_EQ(submit({"first.yaml", "second.yaml"}).status, 0);
  ASSERT_TRUE(becomes("job-running"));
  std::string running;
  for (const auto& event : all<record::Event>(far({"--status", place()}).out))
    if (event.what == "job-running") running = event.first.substr(event.first.rfind('/') + 1);
  EXPECT_EQ(far({"--cancel", place()}, {running}).status, 0);
  EXPECT_EQ(fetch({"--follow"}).status, 2);
  EXPECT_THAT(what(far({"--status", "all"})), ElementsAre("job-cancelled", "job-done"));
}

TEST_F(PlainHost, SaysWhatTheTemplateSaid) {
  put("good.yaml", copper("good", 300));
  put("job.sh", "#!/bin/bash\necho 'module: no such module' >&2\nexit 1\n# {{jobs}}\n");
  ASSERT_EQ(submit({"good.yaml"}).status, 0);
  ASSERT_TRUE(becomes("job-lost"));
  const auto said = fetch();
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("module: no such module"));
}

TEST_F(PlainHost, LosesNothingWithTheLaptop) {
  put("good.yaml", copper("good", 320));
  EXPECT_EQ(submit({"good.yaml"}).status, 0);
  std::filesystem::remove_all(path("state"));
  EXPECT_LE(fetch({"--follow"}).status, 1);
  const auto again = fetch();
  EXPECT_LE(again.status, 1) << again.error;
  EXPECT_THAT(all<record::State>(again.out), SizeIs(1)) << "what is here already goes out as well";
}

TEST_F(PlainHost, ADamagedFileIsFetchedAgain) {
  put("good.yaml", copper("good", 340));
  EXPECT_EQ(submit({"good.yaml"}).status, 0);
  const auto first = fetch({"--follow"});
  EXPECT_LE(first.status, 1) << first.error;
  std::string state;
  for (const auto& entry : std::filesystem::directory_iterator(path("here")))
    state = "here/" + entry.path().filename().string() + "/state.jsonl";
  const std::string whole = get(state);
  put(state, whole.substr(0, whole.size() / 2));
  EXPECT_EQ(fetch().status, first.status);
  EXPECT_EQ(get(state), whole);
}

TEST_F(PlainHost, IsNotAskedForWhatNoHostShouldSee) {
  put("good.yaml", copper("good", 300));
  for (const char* hostile :
       {"-oProxyCommand=x:/tmp", "far", "far:", "far:/tmp/../etc", "far:/a\nb"})
    EXPECT_EQ(far({"--submit", hostile}, {"good.yaml"}).status, 64) << hostile;
  EXPECT_EQ(far({"--fetch", place()}).status, 64) << "without --into";
  EXPECT_EQ(far({"--status", place()}).status, 66) << "nothing was submitted";
  EXPECT_EQ(far({"--status", place(), "--submit", place()}).status, 64);
}

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
  put("slow.yaml", copper("slow", 300, 120'000));
  EXPECT_EQ(submit({"slow.yaml"}).status, 0);
  ASSERT_TRUE(becomes("job-running"));
  ASSERT_TRUE(appears("restart.json"));
  // What SLURM does a minute before the limit.
  static_cast<void>(cluster->ask({"scancel", "--batch", "--signal=TERM", id()}));
  ASSERT_TRUE(becomes("job-at-its-time-limit"));
  const auto fetched = fetch({"--follow"});
  EXPECT_EQ(fetched.status, 0) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_EQ(states[0].start, "restart");
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
  put("long.yaml", copper("long", 300, 10'000'000));
  EXPECT_EQ(submit({"long.yaml"}, {"--ranks", "2", "--write-trajectory", "t.xyz"}).status, 0);
  const auto fetched = fetch({"--follow", "--stop-when-equilibrated"});
  EXPECT_EQ(fetched.status, 0) << fetched.error;
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_TRUE(states[0].equilibrated);
  EXPECT_EQ(states[0].how, "trajectory");
  EXPECT_GE(states[0].n_eff, 50);
  EXPECT_TRUE(becomes("job-done"));
  const auto again = all<record::State>(fetch().out);
  ASSERT_THAT(again, SizeIs(1)) << "what was judged lies there";
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

}  // namespace far_test
