// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>

#include "core/file.h"
#include "core/hash.h"
#include "support.h"

namespace twin::store::reference_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A folder with a published run of two scans, and a file with links that lead elsewhere.
class Reference : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir((folder_.path() + "/inside").c_str(), 0700), 0);
    store::Run run = store::Run::open(path_);
    run.append(measurement("a", 1));
    run.append(measurement("b", 2));
    run.publish();
    const hid_t file =
        H5Fcreate((folder_.path() + "/links.nxs").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("inside/run.nxs", "/entry/scans_1/energy", file, "external", H5P_DEFAULT,
                       H5P_DEFAULT);
    H5Lcreate_soft("/external", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t size = 2;
    const hid_t space = H5Screate_simple(1, &size, nullptr), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(list, "/etc/hostname", 0, 16);
    H5Dclose(H5Dcreate2(file, "raw", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT));
    H5Pclose(list);
    H5Sclose(space);
    H5Fclose(file);
  }

  record::Array fill(const std::string& reference, const std::string& sha = "",
                     std::vector<std::size_t> shape = {}) const {
    record::Measurement scan;
    scan.arrays["mu"] = {{}, std::move(shape), "", reference, sha};
    record::Record record = scan;
    resolve(record, folder_.path());
    return std::get<record::Measurement>(record).arrays.at("mu");
  }

  std::string error_of(const std::string& reference, Cause cause = Cause::data) const {
    return message_of([&] { (void)fill(reference); }, cause);
  }

  TemporaryFolder folder_{"store"};
  std::string path_ = folder_.path() + "/inside/run.nxs";
};

TEST_F(Reference, AWholeArrayAndOneRow) {
  EXPECT_THAT(fill("inside/run.nxs::/entry/scans_1/energy").data,
              ElementsAre(8970, 8970.5, 8971, 8971.5, 8972));
  const auto row = fill("inside/run.nxs::/entry/scans_1/mutrans[1]", "", {5});
  EXPECT_THAT(row.data, ElementsAre(2, 2.25, 2.5, 2.75, 3));
  EXPECT_THAT(row.shape, ElementsAre(5u));
  EXPECT_THAT(fill("inside/run.nxs::/entry/scans_1/mutrans").shape, ElementsAre(2u, 5u));
  EXPECT_EQ(fill("inside/run.nxs::/entry/scans_1/sequence[1]").data, std::vector<double>{2});
}

TEST_F(Reference, ChecksumAndShapeAreChecked) {
  const auto row = fill("inside/run.nxs::/entry/scans_1/mutrans[0]");
  const std::string sha =
      sha256({reinterpret_cast<const char*>(row.data.data()), row.data.size() * 8});
  EXPECT_EQ(fill("inside/run.nxs::/entry/scans_1/mutrans[0]", sha).data, row.data);
  EXPECT_THAT(message_of([&] { (void)fill("inside/run.nxs::/entry/scans_1/mutrans[1]", sha); },
                         Cause::data),
              HasSubstr("SHA-256"));
  EXPECT_THAT(message_of([&] { (void)fill("inside/run.nxs::/entry/scans_1/mutrans[1]", "", {4}); },
                         Cause::data),
              HasSubstr("shape"));
}

TEST_F(Reference, InlineArraysStayAsTheyAre) {
  record::Record record = measurement("a", 1);
  resolve(record, "/nonexistent");
  EXPECT_EQ(std::get<record::Measurement>(record).arrays.at("mutrans").data.size(), 5u);
}

TEST_F(Reference, NothingOutsideIsReached) {
  EXPECT_THAT(error_of(path_ + "::/entry/scans_1/energy"), HasSubstr("absolute"));
  EXPECT_THAT(error_of("inside/../inside/run.nxs::/entry"), HasSubstr("'..'"));
  EXPECT_THAT(error_of("./inside/run.nxs::/entry"), HasSubstr("'.'"));
  EXPECT_THAT(error_of("inside//run.nxs::/entry"), HasSubstr("''"));
  ASSERT_EQ(::symlink(path_.c_str(), (folder_.path() + "/link.nxs").c_str()), 0);
  ASSERT_EQ(::symlink("inside", (folder_.path() + "/linked").c_str()), 0);
  EXPECT_THAT(error_of("link.nxs::/entry/scans_1/energy"), HasSubstr("symbolic link"));
  EXPECT_THAT(error_of("linked/run.nxs::/entry/scans_1/energy"), HasSubstr("symbolic link"));
  EXPECT_THAT(error_of("links.nxs::/external"), HasSubstr("link to elsewhere"));
  EXPECT_THAT(error_of("links.nxs::/soft"), HasSubstr("link to elsewhere"));
  EXPECT_THAT(error_of("links.nxs::/raw"), HasSubstr("other files"));
}

TEST_F(Reference, WrongOnesSayWhatWouldBeRight) {
  EXPECT_THAT(error_of("nothing"), HasSubstr("'FILE::/path' or 'FILE::/path[i]'"));
  EXPECT_THAT(error_of("::/entry"), HasSubstr("'FILE::/path'"));
  EXPECT_THAT(error_of("none.nxs::/entry", Cause::no_input), HasSubstr("no file 'none.nxs'"));
  EXPECT_THAT(error_of("inside::/entry"), HasSubstr("not a plain file"));
  EXPECT_THAT(error_of("inside/run.nxs.journal::/entry"), HasSubstr("not HDF5"));
  EXPECT_THAT(error_of("inside/run.nxs::/entry/none"), HasSubstr("no '/entry/none' in the file"));
  EXPECT_THAT(error_of("inside/run.nxs::/entry"), HasSubstr("not an array"));
  EXPECT_THAT(error_of("inside/run.nxs::/entry/title"), HasSubstr("not numbers"));
  EXPECT_THAT(error_of("inside/run.nxs::/entry/scans_1/mutrans[2]"), HasSubstr("index 2 of 2"));
  EXPECT_THAT(error_of("inside/run.nxs::/entry/scans_1/mutrans[-1]"), HasSubstr("whole number"));
  EXPECT_THAT(error_of("inside/run.nxs::/entry/scans_1/mutrans[x]"), HasSubstr("whole number"));
  ASSERT_EQ(::mkfifo((folder_.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of("pipe::/entry"), HasSubstr("not a plain file"));
}

}  // namespace
}  // namespace twin::store::reference_test
