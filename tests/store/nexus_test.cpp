// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "core/file.h"
#include "published_file.h"
#include "support.h"

namespace twin::store::nexus_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Nexus : public testing::Test {
 protected:
  TemporaryFolder folder_{"store"};
  std::string path_ = folder_.path() + "/run.nxs";
};

TEST_F(Nexus, ScansOnOneGridAreStacked) {
  store::Run run = store::Run::open(path_);
  for (int i = 0; i < 3; ++i) run.append(measurement("s" + std::to_string(i), i));
  run.append(measurement("longer", 3, 6));
  auto bare = measurement("bare", 4);
  bare.context.environment.clear();
  bare.context.synthetic = "made up";
  run.append(bare);
  run.publish();
  const File file(path_);
  EXPECT_THAT(file.shape("/entry/scans_1/mutrans"), ElementsAre(4u, 5u));
  EXPECT_THAT(file.shape("/entry/scans_2/mutrans"), ElementsAre(1u, 6u));
  EXPECT_THAT(file.numbers("/entry/scans_1/energy"), ElementsAre(8970, 8970.5, 8971, 8971.5, 8972));
  const auto mu = file.numbers("/entry/scans_1/mutrans");
  EXPECT_EQ(mu[0], 0);
  EXPECT_EQ(mu[2 * 5 + 4], 2 + 1.0);
  EXPECT_EQ(mu[3 * 5], 4);
  EXPECT_THAT(file.texts("/entry/scans_1/scan_names"), ElementsAre("s0", "s1", "s2", "bare"));
  EXPECT_THAT(file.texts("/entry/scans_1/synthetic"), ElementsAre("", "", "", "made up"));
  const auto temperature = file.numbers("/entry/scans_1/temperature");
  EXPECT_EQ(temperature[2], 102);
  EXPECT_TRUE(std::isnan(temperature[3]));
  EXPECT_EQ(file.numbers("/entry/scans_1/temperature_errors")[2], 2);
  EXPECT_EQ(file.attribute("/entry/scans_1/temperature", "units"), "K");
  EXPECT_THAT(file.numbers("/entry/scans_1/sequence"), ElementsAre(1, 2, 3, 5));
}

TEST_F(Nexus, TheDefaultsLeadToAPlot) {
  store::Run run = store::Run::open(path_);
  run.append(measurement("s", 1));
  run.publish();
  const File file(path_);
  EXPECT_EQ(file.attribute("/", "NX_class"), "NXroot");
  const std::string entry = "/" + file.attribute("/", "default");
  EXPECT_EQ(file.attribute(entry, "NX_class"), "NXentry");
  const std::string data = entry + "/" + file.attribute(entry, "default");
  EXPECT_EQ(file.attribute(data, "NX_class"), "NXdata");
  EXPECT_EQ(file.attribute(data, "axes"), "sequence energy");
  const std::string signal = data + "/" + file.attribute(data, "signal");
  EXPECT_THAT(file.shape(signal), ElementsAre(1u, 5u));
  EXPECT_EQ(file.attribute(signal, "interpretation"), "spectrum");
  EXPECT_EQ(file.attribute(data + "/energy", "units"), "eV");
}

TEST_F(Nexus, ResultsAreTablesAndPlotsOfTheirProgram) {
  store::Run run = store::Run::open(path_);
  record::Start start;
  start.tool = "twin-extract";
  start.version = "0.1.0";
  start.command = {"twin-extract", "--recipe", "xas.yaml"};
  start.header.id = std::string(32, '1');
  run.append(start);
  for (int i = 0; i < 2; ++i) {
    record::Result result;
    result.header.by = start.header.id;
    result.technique = "xas";
    result.edge = "Cu K";
    result.context.scan = "s" + std::to_string(i);
    result.quantities["r:Cu-Cu.1"] = {.value = 2.5 + i,
                                      .sigma = 0.01,
                                      .sigma_sys = 0.02,
                                      .unit = "Å",
                                      .method = "exafs-fit",
                                      .extra = {}};
    result.arrays["k"] = {{1, 2, 3}, {3}, "1/Å", "", ""};
    result.arrays["chi"] = {{0.1 * i, 0.2, 0.3}, {3}, "", "", ""};
    result.arrays["r"] = {{0, 1, 2}, {3}, "Å", "", ""};
    result.arrays["chir_mag"] = {{4, 5, 6}, {3}, "", "", ""};
    run.append(result);
  }
  record::Verdict verdict;
  verdict.header.by = std::string(32, '2');
  verdict.answer = record::Answer::no_match;
  verdict.chi2 = 41.5;
  run.append(verdict);
  run.publish();
  const File file(path_);
  const std::string process = "/entry/process_1";
  EXPECT_EQ(file.attribute(process, "NX_class"), "NXprocess");
  EXPECT_THAT(file.texts(process + "/program"), ElementsAre("twin-extract"));
  EXPECT_THAT(file.numbers(process + "/results/r_Cu_Cu_1"), ElementsAre(2.5, 3.5));
  EXPECT_THAT(file.numbers(process + "/results/r_Cu_Cu_1_errors"), ElementsAre(0.01, 0.01));
  EXPECT_THAT(file.numbers(process + "/results/r_Cu_Cu_1_errors_sys"), ElementsAre(0.02, 0.02));
  EXPECT_EQ(file.attribute(process + "/results/r_Cu_Cu_1", "units"), "Å");
  EXPECT_EQ(file.attribute(process + "/results/r_Cu_Cu_1", "long_name"), "r:Cu-Cu.1");
  EXPECT_THAT(file.shape(process + "/results_1/chi"), ElementsAre(2u, 3u));
  EXPECT_EQ(file.attribute(process + "/results_1", "axes"), "sequence k");
  EXPECT_EQ(file.attribute(process + "/results_2", "axes"), "sequence r");
  EXPECT_EQ(file.attribute(process + "/results_2", "signal"), "chir_mag");
  EXPECT_THAT(file.texts(process + "/records/data"),
              ElementsAre(HasSubstr("\"twin-extract\""), HasSubstr("\"s0\""), HasSubstr("\"s1\"")));
  EXPECT_THAT(file.numbers(process + "/records/sequence_index"), ElementsAre(1, 2, 3));
  EXPECT_THAT(file.texts("/entry/process_2/verdicts/answer"), ElementsAre("NO MATCH"));
  EXPECT_THAT(file.numbers("/entry/process_2/verdicts/chi2"), ElementsAre(41.5));
  EXPECT_THAT(file.texts("/entry/process_2/records/type"), ElementsAre("application/json"));
  EXPECT_EQ(file.attribute("/entry", "default"), "process_1");
  EXPECT_EQ(file.attribute(process, "default"), "results_1");
}

TEST_F(Nexus, HostileNamesBecomeNamesOfNexus) {
  store::Run run = store::Run::open(path_);
  auto scan = measurement("../../etc", 1);
  scan.arrays["a/b"] = scan.arrays["a_b"] = scan.arrays["mutrans"];
  scan.arrays["chi@lattice"] = scan.arrays["scan_names"] = scan.arrays["mutrans"];
  run.append(scan);
  run.publish();
  const File file(path_);
  for (const char* name : {"a_b", "a_b_2", "chi_lattice", "scan_names", "scan_names_2"})
    EXPECT_TRUE(file.has(std::string("/entry/scans_1/") + name)) << name;
  EXPECT_EQ(file.attribute("/entry/scans_1/chi_lattice", "long_name"), "chi@lattice");
}

TEST_F(Nexus, LargeArraysAreChunkedAndPacked) {
  store::Run run = store::Run::open(path_);
  for (int i = 0; i < 20; ++i) run.append(measurement("s" + std::to_string(i), i, 1000));
  run.publish();
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  const hid_t file = H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t set = H5Dopen2(file, "/entry/scans_1/mutrans", H5P_DEFAULT),
              list = H5Dget_create_plist(set);
  EXPECT_EQ(H5Pget_layout(list), H5D_CHUNKED);
  EXPECT_EQ(H5Pget_nfilters(list), 2);
  EXPECT_LT(H5Dget_storage_size(set), 20u * 1000u * 8u / 4u);
  H5Pclose(list);
  H5Dclose(set);
  H5Fclose(file);
}

TEST_F(Nexus, PublishingIsIdleUntilTheRunGrows) {
  const auto stamp = [&] {
    struct stat status {};
    EXPECT_EQ(::stat(path_.c_str(), &status), 0);
    return std::pair(status.st_ino, status.st_mtim.tv_nsec);
  };
  std::string bytes;
  {
    store::Run run = store::Run::open(path_);
    EXPECT_FALSE(run.publish_due());
    for (int i = 0; i < 20; ++i) run.append(measurement("s" + std::to_string(i), i));
    EXPECT_TRUE(run.publish_due());
    run.publish();
    EXPECT_FALSE(run.publish_due());
    const auto before = stamp();
    run.publish();
    EXPECT_EQ(stamp(), before);
    run.append(measurement("t", 20));
    EXPECT_FALSE(run.publish_due());  // one of twenty is less than a tenth
    run.append(measurement("u", 21));
    EXPECT_TRUE(run.publish_due());
    run.publish();
    bytes = read_file(path_);
  }
  const auto before = stamp();
  store::Run again = store::Run::open(path_);
  EXPECT_FALSE(again.publish_due());
  again.publish();
  EXPECT_EQ(stamp(), before);
  ::unlink(path_.c_str());
  again.publish();  // removed: written anew, the same bytes
  EXPECT_TRUE(read_file(path_) == bytes);
}

TEST_F(Nexus, AFullDiskLeavesTheOldFile) {
  store::Run run = store::Run::open(path_);
  run.append(measurement("s", 1));
  run.publish();
  const std::string bytes = read_file(path_);
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    auto scan = measurement("n" + std::to_string(i), i, 2000);
    for (double& value : scan.arrays["mutrans"].data)
      value = std::uniform_real_distribution(0.0, 1.0)(random);
    run.append(scan);
  }
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100000, 100000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      run.publish();
    } catch (const Error& error) {
      ::_exit(error.cause() == Cause::output ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(read_file(path_) == bytes);
  EXPECT_NE(::access((folder_.path() + "/.run.nxs.part").c_str(), F_OK), 0);
  run.publish();  // there is room again
  EXPECT_FALSE(read_file(path_) == bytes);
}

TEST_F(Nexus, StockToolsReadIt) {
  if (std::system("command -v h5dump >/dev/null 2>&1") != 0) GTEST_SKIP() << "skipped: no h5dump";
  store::Run run = store::Run::open(path_);
  for (int i = 0; i < 3; ++i) run.append(measurement("s" + std::to_string(i), i, 500));
  run.publish();
  EXPECT_EQ(std::system(("h5dump '" + path_ + "' >/dev/null").c_str()), 0);
}

}  // namespace
}  // namespace twin::store::nexus_test
