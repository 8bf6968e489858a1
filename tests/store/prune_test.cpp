// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "core/file.h"
#include "store/aside.h"
#include "store/nexus_reader.h"
#include "stream/codec.h"
#include "stream/json.h"
#include "support.h"

namespace twin::store::prune_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Prune : public testing::Test {
 protected:
  TemporaryFolder folder_{"store"};
  std::string path_ = folder_.path() + "/run.nxs";
  std::string journal_ = path_ + ".journal";

  record::Result result(int i) const {
    record::Result out;
    out.header.by = std::string(32, '1');
    out.technique = "xas";
    out.context.scan = "s" + std::to_string(i);
    out.quantities["r:Cu-Cu.1"] = {
        .value = 2.5 + i, .sigma = 0.01, .sigma_sys = {}, .unit = "Å", .method = "", .extra = {}};
    out.arrays["k"] = {{1, 2, 3}, {3}, "1/Å", "", ""};
    out.arrays["chi"] = {{0.1 * i, 0.2, 1e-300}, {3}, "", "", ""};
    return out;
  }

  void remove_and_compare() {
    store::Run::open(path_).publish();
    const std::string before = read_file(journal_);
    const auto found = prune(path_, true);
    EXPECT_THAT(found.kept, IsEmpty());
    EXPECT_NE(::access(journal_.c_str(), F_OK), 0);
    (void)store::Run::open(path_);
    EXPECT_TRUE(read_file(journal_) == before);
  }
};

/// Scans on several grids, of several arrays and shapes, in several stacks, with ids made and
/// given, results, verdicts, in turns; more than are read at once.
TEST_F(Prune, EveryRecordComesBackByteForByte) {
  {
    store::Run run = store::Run::open(path_);
    record::Start start;
    start.tool = "twin-extract";
    start.version = "0.1.0";
    start.header.id = std::string(32, '1');
    run.append(start);
    for (int i = 0; i < 300; ++i) {
      auto scan = measurement("s" + std::to_string(i), i, i % 7 == 0 ? 11 : 400);
      if (i % 5 == 0) scan.header.id = std::string(30, 'e') + std::to_string(10 + i % 90);
      if (i % 3 == 0) {
        scan.arrays["chi_map"] = {{1, 2.5, 3, 4, 5, -1e-9}, {2, 3}, "", "", ""};
        scan.arrays["k"] = {{1, 2, 3}, {3}, "1/Å", "", ""};
        scan.arrays["a/b é"] = {{7, 8, 0.1 * i}, {3}, "", "", ""};
        scan.arrays["far"] = {{}, {5}, "", "other.nxs::/entry/mu[17]", std::string(64, 'a')};
        scan.arrays["empty"] = {{}, {0}, "", "", ""};
      }
      run.append(scan);
      if (i % 4 == 0) run.append(result(i));
      if (i % 50 == 0) {
        record::Verdict verdict;
        verdict.header.by = std::string(32, '2');
        verdict.reason = "a \"reason\"\nof two lines";
        verdict.chi2 = i;
        run.append(verdict);
      }
    }
  }
  remove_and_compare();
}

TEST_F(Prune, ScansWhoseArraysAreAllElsewhereComeBack) {
  {
    store::Run run = store::Run::open(path_);
    auto scan = measurement("s", 1);
    for (auto& [name, array] : scan.arrays) {
      array.data.clear();
      array.reference = "other.nxs::/entry/" + name;
    }
    run.append(scan);
  }
  remove_and_compare();
}

TEST_F(Prune, NamesThatAreAlikeComeBack) {
  {
    store::Run run = store::Run::open(path_);
    auto scan = measurement("s", 1);
    scan.arrays["one"] = {{4.5}, {1}, "", "", ""};
    scan.arrays["energy_2"] = scan.arrays["Energy"] = scan.arrays["energy"];
    for (const auto* name : {"title", "record", "sequence", "time", "k"})
      scan.arrays[name] = scan.arrays["mutrans"];
    run.append(scan);
  }
  remove_and_compare();
}

TEST_F(Prune, AFileOfAnotherJournalIsNoReasonToRemoveThisOne) {
  const std::string other = folder_.path() + "/other.nxs";
  for (const auto& [path, seed] : {std::pair(path_, 1), std::pair(other, 2)}) {
    store::Run run = store::Run::open(path);
    run.append(measurement("s", seed));
    run.publish();
  }
  ASSERT_EQ(std::rename(other.c_str(), path_.c_str()), 0);
  EXPECT_THAT(prune(path_, true).kept, HasSubstr("another journal"));
  EXPECT_EQ(::access(journal_.c_str(), F_OK), 0);
}

TEST_F(Prune, AnEmptyRun) {
  { (void)store::Run::open(path_); }
  EXPECT_THAT(prune(path_, true).kept, HasSubstr("not published"));
  EXPECT_EQ(::access(journal_.c_str(), F_OK), 0);
}

/// Where the packed numbers of a data set lie in a file: first byte, bytes.
std::pair<std::size_t, std::size_t> chunk_of(const std::string& path, const char* name) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
              set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
  hsize_t offset[2], size = 0;
  haddr_t at = 0;
  unsigned mask = 0;
  EXPECT_GE(H5Dget_chunk_info(set, space, 0, offset, &mask, &at, &size), 0);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return {static_cast<std::size_t>(at), static_cast<std::size_t>(size)};
}

/// A file whose numbers were changed after its journal had gone: nothing is made up. (In tables
/// that are damaged HDF5 itself may lose its way: those are not tried here.)
TEST_F(Prune, AChangedFileIsRefused) {
  {
    store::Run run = store::Run::open(path_);
    for (int i = 0; i < 30; ++i) run.append(measurement("s" + std::to_string(i), i, 300));
    run.publish();
  }
  const std::string journal = read_file(journal_);
  ASSERT_THAT(prune(path_, true).kept, IsEmpty());
  const std::string whole = read_file(path_);
  const auto [begin, size] = chunk_of(path_, "/entry/scans_1/mutrans");
  int tried = 0, refused = 0;
  for (std::size_t at = begin; at < begin + size; at += 1 + size / 60, ++tried) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x04);
    ::unlink(path_.c_str());
    create_file(path_, changed);
    try {
      (void)store::Run::open(path_);
      EXPECT_TRUE(read_file(journal_) == journal)
          << at;  // a bit of the packing that counts nowhere
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.cause(), Cause::data) << at;
      EXPECT_NE(::access(journal_.c_str(), F_OK), 0) << at;
    }
    ::unlink(journal_.c_str());
    EXPECT_EQ(read_file(path_), changed) << at;
  }
  EXPECT_GT(refused, tried / 2);
}

TEST_F(Prune, AJournalThatEndsBeforeThePublishedFileDoesNotReplaceIt) {
  {
    store::Run run = store::Run::open(path_);
    run.append(measurement("a", 1));
    run.sync();
    const std::string first = read_file(journal_);
    run.append(measurement("b", 2));
    run.publish();
    ::unlink(journal_.c_str());
    create_file(journal_, first);
  }
  const std::string published = read_file(path_);
  store::Run run = store::Run::open(path_);
  EXPECT_THAT(message_of([&] { run.publish(); }, Cause::data), HasSubstr("record 1 of 2"));
  store::Run::publish_beside(path_);
  EXPECT_TRUE(read_file(path_) == published);
}

TEST_F(Prune, WhoIsStillAtWorkIsNoLeftover) {
  {
    store::Run run = store::Run::open(path_);
    run.append(measurement("a", 1));
    run.publish();
  }
  const Aside aside(path_);
  EXPECT_THAT(prune(path_, false).files, SizeIs(1));
  EXPECT_EQ(::access(aside.name().c_str(), F_OK), 0);
}

}  // namespace
}  // namespace twin::store::prune_test
