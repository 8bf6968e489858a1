// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/job.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "core/file.h"
#include "core/hash.h"
#include "message_of.h"
#include "places.h"
#include "process/child.h"
#include "remote/manifest.h"
#include "remote/world.h"

namespace twin::remote::job_test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string sum(64, 'a');

JobSettings settings(const std::string& text = "simulate() { :; }\n{{jobs}}\n") {
  return {.ranks = 1, .minutes = 60, .job_template = text, .options = ""};
}

std::string sh(const std::string& script) {
  return process::run({.argv = {"sh", "-s"}}, process::Seconds(60), script).out;
}

class JobScripts : public ::testing::Test {
 protected:
  void SetUp() override { use_own_share(); }

  [[nodiscard]] std::string submit(const std::map<std::string, int>& attempts = {}) const {
    return submit_script(folder(), {{"0123456789abcdef", "{}\n"}}, attempts, settings());
  }
  /// What a script says where no $PATH has SLURM, unless a login shell knows better.
  std::string plain(const std::string& script, const std::string& login = "/bin/false") {
    const std::string programs = place_.path() + "/programs";
    if (std::filesystem::create_directory(programs))
      for (const char* from : {"/usr/bin", "/bin"})
        for (const auto& entry : std::filesystem::directory_iterator(from)) {
          std::error_code there_already;
          const std::string name = entry.path().filename();
          if (name != "sbatch" && name != "squeue" && name != "scontrol")
            std::filesystem::create_symlink(entry.path(), programs + "/" + name, there_already);
        }
    return process::run(
               {.argv = {"sh", "-s"}, .environment = {{"PATH", programs}, {"SHELL", login}}},
               process::Seconds(60), script)
        .out;
  }
  [[nodiscard]] std::string folder() const { return place_.path() + "/a 'folder' $(of) ours"; }

 private:
  TemporaryFolder place_{"jobs"};
};

TEST_F(JobScripts, ThatAreCutDoNothing) {
  const std::string script = submit();
  for (const std::size_t part : {std::size_t{10}, script.size() / 2, script.size() - 6}) {
    sh(script.substr(0, part));
    EXPECT_FALSE(std::filesystem::exists(folder())) << part;
  }
}

TEST_F(JobScripts, SettleWhatIsStillWrittenTo) {
  const std::string job = folder() + "/jobs/0123456789abcdef";
  std::filesystem::create_directories(job);
  sh("cd " + shell_word(job) + R"(
    setsid sh -c 'trap "" TERM; while sleep 0.02; do echo frame; echo said >&2; done' \
      >trajectory.0.xyz 2>log &
    echo $! >child; echo 'process 1 1' >id; sleep 0.5)");
  sh(settle_script(folder(), "0123456789abcdef", "{}\n"));
  EXPECT_EQ(sh("sleep 0.5; kill -KILL $(cat " + shell_word(job + "/child") + ") && echo wrote"),
            "wrote\n");
  EXPECT_EQ(read_file(job + "/state.jsonl"), "{}\n");
  std::vector<std::string> names;
  for (const Listed& file : read_manifest(read_file(job + "/manifest.sha256"))) {
    names.push_back(file.name);
    EXPECT_EQ(sha256(read_file(job + "/" + file.name)), file.sha256) << file.name;
  }
  EXPECT_THAT(names, ElementsAre("state.jsonl", "trajectory.0.xyz", "log", "exit"));
}

TEST_F(JobScripts, OfAnEmptyPlaceFindNothing) {
  EXPECT_THAT(message_of([&] { static_cast<void>(read_status(sh(status_script(folder())))); },
                         Cause::no_input),
              HasSubstr("nothing was submitted"));
}

TEST_F(JobScripts, FillInTheTemplate) {
  const auto script = [&](const std::string& text) {
    return submit_script(folder(), {{"0123456789abcdef", "{}\n"}}, {}, settings(text));
  };
  EXPECT_THAT(script("#SBATCH --ntasks={{ranks}} --time={{minutes}}\n{{jobs}}"),
              HasSubstr("--ntasks=1 --time=60\n"));
  EXPECT_THAT(message_of([&] { static_cast<void>(script("{{jobz}}")); }, Cause::configuration),
              HasSubstr("{{jobz}}: unknown"));
  EXPECT_THAT(message_of([&] { static_cast<void>(script("true")); }, Cause::configuration),
              HasSubstr("{{jobs}} is missing"));
}

TEST_F(JobScripts, CountTheAttemptsThatBroughtNothing) {
  const std::string name = "0123456789abcdef",
                    checkpoint = folder() + "/jobs/" + name + "/restart.json";
  const auto fruitless = [&] {
    return read_status(plain(status_script(folder()))).at(0).fruitless;
  };
  const auto reaches = [&](const std::string& frames) {
    World::write(checkpoint,
                 R"({"format":"twin-checkpoint/2","produced":)" + frames + R"(,"begun":3})");
  };
  const JobSettings nothing = settings("exit 1\n# {{jobs}}\n");
  plain(submit_script(folder(), {{name, "{}\n"}}, {}, nothing));
  EXPECT_EQ(fruitless(), 1);
  for (int attempts = 1; attempts < 3; ++attempts) {
    EXPECT_EQ(fruitless(), attempts);
    plain(repeat_script(folder(), name, attempts));
  }
  EXPECT_EQ(fruitless(), 3);
  reaches("100");
  EXPECT_EQ(fruitless(), 0);
  plain(repeat_script(folder(), name, 3));
  EXPECT_EQ(fruitless(), 1);
  reaches("250");
  EXPECT_EQ(fruitless(), 0);
  plain(repeat_script(folder(), name, 4));
  reaches("20");  // begun anew
  plain(repeat_script(folder(), name, 5));
  EXPECT_EQ(fruitless(), 2);
  EXPECT_EQ(read_status(plain(status_script(folder()))).at(0).attempts, 6);
}

/// Modules that a site's profile alone makes known.
TEST_F(JobScripts, FindTheQueueThatALoginShellFinds) {
  namespace fs = std::filesystem;
  const TemporaryFolder site("site");
  const auto program = [&](const std::string& name, const std::string& text) {
    World::write(site.path() + "/" + name, "#!/bin/sh\n" + text);
    fs::permissions(site.path() + "/" + name, fs::perms::owner_all);
  };
  fs::create_directory(site.path() + "/slurm");
  program("slurm/sbatch", "echo 77\n");
  program("slurm/squeue", "echo '77 RUNNING None'\n");
  program("login",
          "echo welcome\nPATH=" + site.path() + "/slurm:$PATH\n[ \"$1\" = -lc ] && eval \"$2\"\n");
  const std::string login = site.path() + "/login";
  EXPECT_EQ(plain(submit(), login), "submitted 0123456789abcdef slurm 77\n");
  const auto jobs = read_status(plain(status_script(folder()), login));
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].state, JobState::running);
  EXPECT_NE(message_of([&] { static_cast<void>(read_status(plain(status_script(folder())))); },
                       Cause::try_again),
            "")
      << "a queue that is not found tells nothing of its jobs";
}

TEST_F(JobScripts, PassOverFoldersOfNoJob) {
  for (const char* name : {"0123456789abcdef", "a\nexit 0", "-rf", ".hidden", "a b"}) {
    std::filesystem::create_directories(folder() + "/jobs/" + name);
    World::write(folder() + "/jobs/" + name + "/model.jsonl", "{}\n");
  }
  const auto jobs = read_status(sh(status_script(folder())));
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].name, "0123456789abcdef");
  EXPECT_EQ(jobs[0].state, JobState::prepared);
}

TEST(JobNames, FollowFromWhatIsAskedFor) {
  JobSettings two = settings();
  two.ranks = 2;
  EXPECT_EQ(job_of("id", "", settings()).name, job_of("id", "other lines", settings()).name);
  EXPECT_NE(job_of("id", "", settings()).name, job_of("id", "", two).name);
  EXPECT_NE(job_of("id", "", settings()).name, job_of("di", "", settings()).name);
}

TEST(Status, IsReadLineByLine) {
  const auto jobs = read_status(
      "job one\nattempts 2\nid slurm 7_1\nfruitless 2\ngrowing 4096 trajectory.1.xyz\ngrowing 1 "
      "../../etc\n"
      "queue PENDING Resources\njob two\nexit 78\nlog why\nlog so\njob three\ngone NODE_FAIL\n"
      "job four\ngone FAILED\nlimit\njob five\ngone CANCELLED\ncancelled\njob six\nqueue RUNNING "
      "None\n"
      "cancelled\njob seven\nexit \ntwinline end\n");
  ASSERT_EQ(jobs.size(), 7U);
  EXPECT_EQ(jobs[0].state, JobState::queued);
  EXPECT_EQ(jobs[0].attempts, 2);
  EXPECT_EQ(jobs[0].fruitless, 2);
  EXPECT_EQ(jobs[0].reason, "PENDING, Resources");
  EXPECT_EQ(jobs[0].growing, (std::map<std::string, std::uint64_t>{{"trajectory.1.xyz", 4096}}));
  EXPECT_EQ(jobs[1].state, JobState::failed);
  EXPECT_EQ(jobs[1].last_lines, "why | so");
  EXPECT_EQ(jobs[2].state, JobState::lost);
  EXPECT_EQ(jobs[3].state, JobState::timed_out);
  EXPECT_EQ(jobs[4].state, JobState::cancelled);
  EXPECT_EQ(jobs[5].state, JobState::running) << "the queue would not";
  EXPECT_EQ(jobs[6].state, JobState::failed);
}

TEST(Status, OfAQueueThatIsSilentOrCutIsAskedAgain) {
  for (const char* answer :
       {"", "job one\nattempts 1\n", "silent Unable to contact slurm\ntwinline end\n"})
    EXPECT_NE(message_of([&] { static_cast<void>(read_status(answer)); }, Cause::try_again), "");
  EXPECT_THAT(read_status("job ../x\nexit 0\ntwinline end\n"), ElementsAre());
  EXPECT_NE(
      message_of([&] { static_cast<void>(read_status("job a\nattempts -1\ntwinline end\n")); },
                 Cause::data),
      "");
}

TEST(Manifest, NamesFilesOfItsFolderOnly) {
  const auto files = read_manifest(sum + " 12 state.jsonl\n" + sum + " 0 exit\n");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].size, 12U);
  EXPECT_EQ(files[1].name, "exit");
  for (const char* name : {"..", ".hidden", "a/b", "-rf", "", "a b", "caf\xc3\xa9", "a\tb"})
    EXPECT_NE(message_of([&] { static_cast<void>(read_manifest(sum + " 1 " + name + "\n")); },
                         Cause::data),
              "")
        << name;
  for (const std::string& bad : {std::string(), sum + " -1 a\n", sum + " x a\n",
                                 std::string("aa 1 a\n"), sum + " 1 a\n" + sum + " 1 a\n"})
    EXPECT_NE(message_of([&] { static_cast<void>(read_manifest(bad)); }, Cause::data), "") << bad;
}

}  // namespace

}  // namespace twin::remote::job_test
