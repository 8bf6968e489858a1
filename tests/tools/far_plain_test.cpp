// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate on a machine without a queue, by a real sshd on the loopback.
#include "tools/far.h"

using namespace twin;
using namespace tools;

namespace far_plain_test {

namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A host without a queue: its $PATH has no sbatch, nor has that of a login shell.
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
    open("SetEnv PATH=" + path("programs") + " SHELL=" + path("programs/false"));
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

/// The other machine knows neither of its description nor of its file.
TEST_F(PlainHost, APotentialOfOnesOwnGoesWithTheJob) {
  const std::string theirs = "Cu_mishin1.eam.alloy", folder = "/usr/share/lammps/potentials/";
  std::string text = read_file(environment().at("TWINLINE_SHARE") + "/potentials/Cu_mishin1.yaml");
  text.replace(text.find("name: Cu_mishin1"), 16, "name: mine");
  text.replace(text.find(theirs), theirs.size(), "mine.alloy");
  std::filesystem::create_directory(path("own"));
  put("own/mine.yaml", text);
  put("own/mine.alloy", read_file(folder + theirs));
  put("own.yaml", copper("own", 300, 3000, "mine"));
  put("known.yaml", copper("own", 300));
  const auto send = [&] {
    return run({"twin-simulate", "--submit", place(), "--template", "job.sh", "own.yaml"}, {},
               {{"XDG_STATE_HOME", path("state")},
                {"TWIN_POTENTIALS", path("own")},
                {"LAMMPS_POTENTIALS", path("own")}});
  };
  const auto submitted = send();
  EXPECT_EQ(submitted.status, 0) << submitted.error;
  const auto fetched = fetch({"--follow"});
  const auto states = all<record::State>(fetched.out);
  ASSERT_THAT(states, SizeIs(1)) << fetched.error;
  EXPECT_EQ(states[0].potential, "mine");
  const auto local = all<record::State>(run({"twin-simulate", "known.yaml"}).out);
  ASSERT_THAT(local, SizeIs(1));
  EXPECT_EQ(states[0].quantities.at("r:Cu-Cu.1").value, local[0].quantities.at("r:Cu-Cu.1").value);
  EXPECT_THAT(what(send()), Each("job-known"));
  put("own/mine.yaml", text + "caveat: another one\n");
  EXPECT_THAT(what(send()), Each("job-submitted")) << "another content is another job";
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

}  // namespace

}  // namespace far_plain_test
