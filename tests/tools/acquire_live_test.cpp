// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --live: the last scans, read while they come.
#include <gmock/gmock.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>

#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_live_test {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

/// A reader that keeps the file open, as a viewer does.
class Viewer {
 public:
  explicit Viewer(const std::string& path) {
    H5E_BEGIN_TRY {
      for (int i = 0; i < 600 && file_ < 0; ++i, ::usleep(20000))
        file_ = H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, H5P_DEFAULT);
    }
    H5E_END_TRY
    EXPECT_GE(file_, 0);
  }
  ~Viewer() {
    if (file_ >= 0) H5Fclose(file_);
  }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  /// Waits for so many rows of sequence; all of it.
  [[nodiscard]] std::vector<double> rows(const std::string& name, std::size_t count) const {
    const hid_t set = H5Dopen2(file_, ("/entry/scans/" + name).c_str(), H5P_DEFAULT);
    std::vector<double> out;
    for (int i = 0; i < 600 && set >= 0; ++i, ::usleep(20000)) {
      H5Drefresh(set);
      const hid_t space = H5Dget_space(set);
      std::vector<hsize_t> sizes(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
      H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
      out.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
      H5Sclose(space);
      if (sizes.at(0) >= count) break;
    }
    EXPECT_GE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()), 0);
    H5Dclose(set);
    return out;
  }

 private:
  hid_t file_ = -1;
};

class TwinAcquireLive : public Tools {
 protected:
  void start() {
    child_ = std::make_unique<process::Child>(
        process::Launch{.argv = {tools_dir() + "/twin-acquire", "--quiet", "--watch", "spool",
                                 "--into", "spool/run.nxs", "--live", "spool/live.nxs"},
                        .folder = path(""),
                        .environment = environment()});
    child_->close_input();
  }
  void add(int mark) { put("spool/s" + std::to_string(mark) + ".dat", columns(mark)); }
  void SetUp() override { std::filesystem::create_directory(path("spool")); }

  std::unique_ptr<process::Child> child_;
};

TEST_F(TwinAcquireLive, GrowsBeforeTheViewersEyes) {
  start();
  for (int i = 1; i <= 3; ++i) add(i);
  const Viewer viewer(path("spool/live.nxs"));
  // Number 1 is who wrote them.
  EXPECT_THAT(viewer.rows("sequence", 3), ElementsAre(2, 3, 4));
  const auto before = viewer.rows("mu", 3);
  for (int i = 4; i <= 5; ++i) add(i);
  EXPECT_THAT(viewer.rows("sequence", 5), ElementsAre(2, 3, 4, 5, 6));
  const auto mu = viewer.rows("mu", 5);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), mu.begin()));
  std::vector<double> stored;
  for (const auto& m : all<record::Measurement>(
           run({"twin-acquire", "--into", "spool/run.nxs", "--since", "0"}).out))
    stored.insert(stored.end(), m.arrays.at("mu").data.begin(), m.arrays.at("mu").data.end());
  EXPECT_EQ(mu, stored);
  // Another grid is another file; the viewer keeps what it had.
  put("spool/other.dat", "# energy mu\n8900 1\n8901 2\n8902 3\n8903 4\n");
  for (int i = 0; i < 600; ++i, ::usleep(20000))
    if (Viewer(path("spool/live.nxs")).rows("sequence", 1).front() == 7) break;
  EXPECT_THAT(Viewer(path("spool/live.nxs")).rows("mu", 1), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(viewer.rows("sequence", 5), SizeIs(5));
  ::kill(child_->pid(), SIGTERM);
  EXPECT_EQ(child_->wait(process::Seconds(20)).status, 143);
  EXPECT_FALSE(exists("spool/live.nxs"));
}

TEST_F(TwinAcquireLive, WhatAKilledOneLeftIsReplacedAndNothingElse) {
  start();
  add(1);
  EXPECT_THAT(Viewer(path("spool/live.nxs")).rows("sequence", 1), ElementsAre(2));
  ::kill(child_->pid(), SIGKILL);
  (void)child_->wait(process::Seconds(20));
  EXPECT_TRUE(exists("spool/live.nxs"));
  start();
  add(2);
  for (int i = 0; i < 600; ++i, ::usleep(20000))
    if (Viewer(path("spool/live.nxs")).rows("sequence", 1).back() > 2) break;
  ::kill(child_->pid(), SIGTERM);
  EXPECT_EQ(child_->wait(process::Seconds(20)).status, 143);
  put("precious.nxs", "years of work");
  put("a.dat", columns());
  const auto said = run({"twin-acquire", "--into", "run.nxs", "--live", "precious.nxs", "a.dat"});
  EXPECT_EQ(said.status, 73);
  EXPECT_THAT(said.error, HasSubstr("precious.nxs: there is a file that is no live view"));
  EXPECT_EQ(get("precious.nxs"), "years of work");
  EXPECT_EQ(run({"twin-acquire", "--live", "live.nxs", "a.dat"}).status, 64);
}

}  // namespace

}  // namespace acquire_live_test
