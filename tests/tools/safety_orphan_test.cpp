// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire that obeys, and whoever started it has gone: see the table in safety_test.cpp.
#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "obey.h"
#include "scans.h"

using namespace twin;
using namespace tools;

namespace safety_orphan_test {
using ::testing::HasSubstr;

namespace {

/// One whose parent goes.
class TwinSafetyOrphan : public TwinAcquireObey {
 protected:
  void SetUp() override {
    was_ = ::signal(SIGHUP, SIG_DFL);                  // which children have as it is here
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // its orphan's status comes here
  }
  void TearDown() override {
    if (orphan_ > 0) {
      ::kill(orphan_, SIGKILL);
      ::waitpid(orphan_, nullptr, 0);
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    ::signal(SIGHUP, was_);
  }

  /// It obeys, tracks and stores; its parent is child_.
  void begin(const std::string& first = "",
             const std::string& actuator = "actuator: {file: mode.yaml}\n") {
    arm();
    put("bounds.yaml", bounds_ + actuator);
    put("script", first +
                      "mkdir spool; twin-acquire --watch spool --into run.nxs --obey rate.yaml "
                      "--bounds bounds.yaml --arm > out 2> err & echo $! > orphan; wait\n");
    child_ = std::make_unique<process::Child>(process::Launch{
        .argv = {"bash", "script"}, .folder = path(""), .environment = environment()});
    EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
    command("track");
    EXPECT_TRUE(until([&] { return mode() == "track"; }));
    orphan_ = std::stoi(get("orphan"));
  }

  /// 1000 and more where a signal cut it short; -1 where it does not end.
  int status() {
    int out = 0;
    if (!until([&] { return ::waitpid(orphan_, &out, WNOHANG) == orphan_; })) return -1;
    orphan_ = 0;
    return WIFSIGNALED(out) ? 1000 + WTERMSIG(out) : WEXITSTATUS(out);
  }

  int orphan_ = 0;

 private:
  void (*was_)(int) = SIG_DFL;
};

TEST_F(TwinSafetyOrphan, AParentThatIsKilledLeavesTheSafeMode) {
  begin();
  ::kill(child_->pid(), SIGKILL);
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  EXPECT_EQ(status(), 143);
}

// As where a terminal goes with the shell in it: both at once.
TEST_F(TwinSafetyOrphan, AParentThatIsKilledAndAHangupLeaveTheRun) {
  put_program("set-mode", "#!/bin/sh\nsleep 0.5\n");  // so that both are seen before the end
  begin("", "actuator: {file: mode.yaml, program: [bin/set-mode, '{mode}']}\n");
  put("spool/s1.dat", columns(1));
  EXPECT_TRUE(until([&] { return get("out").find("\"measurement\"") != std::string::npos; }));
  ::kill(child_->pid(), SIGKILL);
  ::kill(orphan_, SIGHUP);
  EXPECT_EQ(status(), 128 + SIGHUP);
  EXPECT_EQ(mode(), "quiet");
  const auto run_ = run({"twin-acquire", "--into", "run.nxs", "--list"});
  EXPECT_EQ(run_.status, 0) << run_.error;
  EXPECT_THAT(run_.out, HasSubstr("\tmeasurement\t"));
}

// nohup(1)
TEST_F(TwinSafetyOrphan, WhoeverIgnoresHangupsGoesOn) {
  begin("trap '' HUP\n");
  ::kill(child_->pid(), SIGKILL);
  EXPECT_FALSE(until([&] { return mode() != "track"; }, 1.5));
  ::kill(orphan_, SIGTERM);
  EXPECT_EQ(status(), 143);
  EXPECT_EQ(mode(), "quiet");
}

}  // namespace

}  // namespace safety_orphan_test
