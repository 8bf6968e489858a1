// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/lammps_worker.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"

namespace twin::md::lammps_worker_test {
namespace {

/// Says done to whatever it is asked, once its file is there; ends without a word when it is
/// `gone`.
std::string program_of(const TemporaryFolder& folder) {
  const std::string file = folder.path() + "/lmp";
  write_file_atomically(
      file, "#!/usr/bin/env bash\n: >\"" + folder.path() + "/shm_$(printf %x $$)_0\"\n[ -e \"" +
                folder.path() +
                "/gone\" ] && exit 3\n"
                "while read -r line; do case $line in print*) line=${line#*\\\"}; "
                "echo \"${line%\\\"}\";; esac; done\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

int left_in(const TemporaryFolder& folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    count += entry.path().filename().string().starts_with("shm_") ? 1 : 0;
  return count;
}

TEST(LammpsWorker, LeavesNoSharedMemoryHoweverItEnds) {
  const TemporaryFolder folder("twinline-test");
  Program program;
  program.path = program_of(folder);
  program.shared = folder.path() + "/shm_";
  {
    LammpsWorker worker({}, program);
    worker.begin("units metal\n");
    worker.collect(1, 0, 0, process::Seconds(20), {});
    EXPECT_EQ(left_in(folder), 0);  // while it runs: what kills us later finds nothing to leave
  }
  write_file_atomically(folder.path() + "/gone", "");
  LammpsWorker worker({}, program);
  const auto use = [&] {
    worker.begin("units metal\n");
    worker.collect(1, 0, 0, process::Seconds(20), {});
  };
  EXPECT_THROW(use(), Crash);
  EXPECT_EQ(left_in(folder), 0);
}

}  // namespace
}  // namespace twin::md::lammps_worker_test
