// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>
#include <hdf5.h>

#include <array>
#include <numeric>
#include <vector>

#include "formats/made_hdf5.h"
#include "scans.h"
#include "tool.h"

namespace tools {

inline std::vector<double> counted(std::size_t size, double from = 1) {
  std::vector<double> out(size);
  std::iota(out.begin(), out.end(), from);
  return out;
}

/// twin-acquire, and a file a.h5 that others made.
class Hdf5Files : public Tools {
 protected:
  /// What it says of a.h5 and a good file behind it, which has to come through.
  Said taken(const Words& more = {}) {
    put("good.dat", columns());
    Words argv{"twin-acquire", "a.h5", "good.dat"};
    argv.insert(argv.end(), more.begin(), more.end());
    auto said = run(argv);
    const auto scans = all<twin::record::Measurement>(said.out);
    EXPECT_FALSE(scans.empty());
    if (!scans.empty()) {
      EXPECT_EQ(scans.back().context.scan, "good");
    }
    return said;
  }

  /// The one failure that a.h5 is.
  twin::record::Failure refused() {
    const auto said = taken();
    EXPECT_EQ(said.status, 2);
    const auto failures = all<twin::record::Failure>(said.out);
    EXPECT_THAT(failures, testing::SizeIs(1));
    if (failures.empty()) return {};
    EXPECT_EQ(failures[0].source, "a.h5");
    EXPECT_EQ(failures[0].cause, 65);
    EXPECT_THAT(failures[0].what, testing::HasSubstr("a.h5: "));
    return failures[0];
  }

  twin::record::Measurement read() {
    const auto said = taken();
    EXPECT_EQ(said.status, 0) << said.error;
    const auto scans = all<twin::record::Measurement>(said.out);
    EXPECT_THAT(scans, testing::SizeIs(2));
    return scans.empty() ? twin::record::Measurement{} : scans.front();
  }

  /// Declares a data set of three.
  static void declare(const twin::formats::MadeHdf5& file, const char* name, hid_t type,
                      hid_t list = H5P_DEFAULT, std::array<hsize_t, 2> sizes = {3, 3}) {
    const hid_t space = H5Screate_simple(1, &sizes[0], &sizes[1]);
    const hid_t set = H5Dcreate2(file.id(), name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    ASSERT_GE(set, 0) << name;
    H5Dclose(set);
  }

  /// energy and mu, in a group without a class.
  void put_plain(twin::formats::MadeHdf5& file, const std::vector<double>& mu = {4, 5, 6}) {
    file.numbers("/scan/energy", {1, 2, 3});
    file.numbers("/scan/mu", mu);
  }
};

}  // namespace tools
