// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_robust_test {
using ::testing::HasSubstr;

namespace {

/// What goes wrong in a simulation, by the real engine: a clear word, the right status, nothing
/// left running, and the next one is answered.
struct Robust : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
    put("model.yaml", model());
  }

  static std::string changed(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }

  /// Real workers, each of which writes its number down first.
  void note_workers() {
    put_program("lmp", "#!/bin/sh\necho $$ >> " + path("workers") + "\nexec " +
                           process::find_program("lmp") + " \"$@\"\n");
  }

  [[nodiscard]] std::vector<int> workers() const {
    std::vector<int> all;
    std::ifstream in(path("workers"));
    for (int pid = 0; in >> pid;) all.push_back(pid);
    return all;
  }

  process::Child child_of(std::vector<std::string> options) {
    std::vector<std::string> argv{tools_dir() + "/twin-simulate"};
    argv.insert(argv.end(), options.begin(), options.end());
    auto own = environment();
    own["PATH"] = path_with_ours();
    return process::Child({.argv = argv, .folder = path(""), .environment = own});
  }

  bool alone() const {
    const double end = monotonic_seconds() + 10;
    while (monotonic_seconds() < end) {
      if (left_behind().empty()) return true;
      ::usleep(20000);
    }
    return false;
  }

  /// Lines of the child until \p found says so.
  template <typename Found>
  void until(process::Child& child, Found found) {
    process::LineBuffer lines;
    const double end = monotonic_seconds() + 200;
    while (monotonic_seconds() < end && child.running()) {
      const auto chunk = child.read(process::Seconds(1));
      if (chunk && chunk->channel == process::Channel::out) lines.add(chunk->bytes);
      while (const auto one = lines.next())
        if (found(*one)) return;
    }
    ADD_FAILURE() << child.last_lines();
  }

  record::ModelRecord request(const std::string& text, const std::string& id) {
    put("asked.yaml", text);
    auto record = all<record::ModelRecord>(run({"twin-simulate", "asked.yaml"}).out).at(0);
    record.header.request = id;
    return record;
  }
};

TEST_F(Robust, AWorkerThatIsKilledIsBegunAgainAndTheNextRequestIsAnswered) {
  auto first = request(model(), "first"), second = first;
  first.model.run.produce = 8000;
  second.header.request = "second";
  note_workers();
  auto child = child_of({"--serve", "--cold"});
  child.write(line(first), process::Seconds(5));
  until(child, [](const std::string& one) {
    const auto told = all<record::Progress>(one);
    return !told.empty() && told.front().stage == "produce";
  });
  ASSERT_EQ(workers().size(), 1U);
  ::kill(workers().front(), SIGKILL);
  std::vector<std::string> warnings;
  until(child, [&](const std::string& one) {
    for (const auto& state : all<record::State>(one)) warnings = state.warnings;
    return !all<record::State>(one).empty();
  });
  EXPECT_THAT(warnings,
              testing::Contains(HasSubstr("begun again after a crash: lmp: ended by signal 9")));
  EXPECT_EQ(workers().size(), 2U);
  child.write(line(second), process::Seconds(5));
  until(child, [](const std::string& one) {
    const auto states = all<record::State>(one);
    return !states.empty() && states.front().header.request == "second";
  });
  child.close_input();
  EXPECT_EQ(child.wait(process::Seconds(10)).status, 0);
  EXPECT_TRUE(alone());
}

TEST_F(Robust, KilledItLeavesNoWorker) {
  put("model.yaml", changed(model(), "produce: 400", "produce: 4000000"));
  note_workers();
  auto child = child_of({"model.yaml"});
  const double end = monotonic_seconds() + 60;
  while (workers().empty() && monotonic_seconds() < end) ::usleep(20000);
  ASSERT_FALSE(workers().empty());
  ::kill(child.pid(), SIGKILL);
  static_cast<void>(child.wait(process::Seconds(10)));
  EXPECT_TRUE(alone());
}

TEST_F(Robust, AWrongPotentialFileIsNamed) {
  const std::string name = "Cu_zhou.eam.alloy";
  const std::string good = read_file("/usr/share/lammps/potentials/" + name);
  std::string other = good;
  other.replace(other.find("1 Cu"), 4, "1 Ni");
  for (const auto& [content, word] :
       {std::pair<std::string, std::string>{"", name + ": empty; expected an embedded-atom"},
        {good.substr(0, good.size() / 3), ": it is truncated"},
        {other, name + ":4: it is of Ni; expected Cu"}}) {
    put(name, content);
    const auto said = run({"twin-simulate", "model.yaml"}, {}, {{"LAMMPS_POTENTIALS", path("")}});
    EXPECT_EQ(said.status, 65) << said.error;
    EXPECT_THAT(said.error, HasSubstr(word));
    EXPECT_EQ(all<record::Failure>(said.out).at(0).cause, 65);
  }
  EXPECT_TRUE(alone());
}

TEST_F(Robust, AFullDiskUnderATrajectoryIsSaid) {
  put("model.yaml", changed(model(), "produce: 400", "produce: 100000"));
  // SIGXFSZ ignored, a write beyond the limit fails as on a full disk. Blocks of 1 kB.
  const auto said =
      bash("trap '' XFSZ; ulimit -f 2000; twin-simulate model.yaml --write-trajectory run.h5");
  EXPECT_EQ(said.status, 74) << said.error;
  EXPECT_THAT(said.error, HasSubstr("run.h5"));
  EXPECT_FALSE(exists("run.h5"));
  EXPECT_EQ(bash("twin-simulate model.yaml > /dev/full").status, 74);
  EXPECT_TRUE(alone());
}

}  // namespace

}  // namespace simulate_robust_test
