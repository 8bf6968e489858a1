// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a published file: written in blocks, from records that come in turns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "published_file.h"
#include "support.h"

namespace twin::store::nexus_rows_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NexusRows : public testing::Test {
 protected:
  TemporaryFolder folder_{"store"};
  std::string path_ = folder_.path() + "/run.nxs";
};

/// More rows than are written at once, in two tables that take turns, with texts, quantities and
/// units that only some have, the first of them late.
TEST_F(NexusRows, BlocksOfRowsAreJoined) {
  store::Run run = store::Run::open(path_);
  constexpr int count = 700;
  const auto scan = [](int i) {
    auto out = measurement("s" + std::to_string(i), i % 1000, i % 2 == 0 ? 400 : 7);
    if (i % 100 == 99) out.context.period = "p" + std::to_string(i);
    if (i >= 300)
      out.context.environment["field"] = {
          .value = i, .sigma = {}, .sigma_sys = {}, .unit = "V", .method = "", .extra = {}};
    if (i == 500) out.context.environment["field"].sigma = 0.5;
    if (i % 3 == 1) {
      out.context.environment["temperature"].unit = "°C";
      out.context.environment["temperature"].value = i;
    }
    return out;
  };
  for (int i = 0; i < count; ++i) run.append(scan(i));
  run.publish();
  const File file(path_);
  for (const int parity : {0, 1}) {
    const std::string group = "/entry/scans_" + std::to_string(parity + 1);
    const std::size_t points = parity == 0 ? 400 : 7;
    EXPECT_THAT(file.shape(group + "/mutrans"), ElementsAre(count / 2, points));
    const auto mu = file.numbers(group + "/mutrans"),
               temperature = file.numbers(group + "/temperature"),
               sequence = file.numbers(group + "/sequence"), field = file.numbers(group + "/field"),
               sigma =
                   file.numbers(group + (parity == 0 ? "/field_errors" : "/temperature_errors"));
    const auto names = file.texts(group + "/scan_names"),
               periods = file.texts(group + (parity == 1 ? "/period" : "/scan_names"));
    EXPECT_EQ(file.has(group + "/period"), parity == 1);
    EXPECT_EQ(file.has(group + "/field_errors"), parity == 0);
    for (std::size_t row = 0; row < count / 2; ++row) {
      const int i = 2 * static_cast<int>(row) + parity;
      ASSERT_EQ(names[row], "s" + std::to_string(i));
      ASSERT_EQ(sequence[row], i + 1);
      for (std::size_t k = 0; k < points; ++k)
        ASSERT_EQ(mu[row * points + k], i % 1000 + 0.25 * static_cast<double>(k));
      const double kelvin = i % 3 == 1 ? i + 273.15 : 100 + i;  // the odd table began in °C
      ASSERT_NEAR(temperature[row], kelvin - (parity == 0 ? 0 : 273.15), 1e-9);
      ASSERT_EQ(std::isnan(field[row]) ? -1 : field[row], i >= 300 ? i : -1);
      if (parity == 0) {
        ASSERT_EQ(std::isfinite(sigma[row]), i == 500);
      } else {
        ASSERT_EQ(periods[row], i % 100 == 99 ? "p" + std::to_string(i) : "");
      }
    }
  }
}

/// One table a scan, as where each has a grid of its own.
TEST_F(NexusRows, AThousandGrids) {
  store::Run run = store::Run::open(path_);
  for (int i = 0; i < 1000; ++i) {
    auto scan = measurement("s" + std::to_string(i), i, 3);
    scan.arrays["energy"].data[2] += i;
    run.append(scan);
  }
  auto again = measurement("again", 1000, 3);
  again.arrays["energy"].data[2] += 500;
  run.append(again);
  run.publish();
  const File file(path_);
  EXPECT_THAT(file.numbers("/entry/scans_1000/mutrans"), ElementsAre(999, 999.25, 999.5));
  EXPECT_THAT(file.texts("/entry/scans_501/scan_names"), ElementsAre("s500", "again"));
  EXPECT_THAT(file.numbers("/entry/scans_501/sequence"), ElementsAre(501, 1001));
}

/// Whose arrays are all in another file: what it says is published all the same.
TEST_F(NexusRows, AScanByReferenceIsThere) {
  store::Run run = store::Run::open(path_);
  auto scan = measurement("s", 1);
  for (auto& [name, array] : scan.arrays) {
    array.data.clear();
    array.reference = "other.nxs::/entry/" + name;
  }
  run.append(scan);
  run.publish();
  EXPECT_THAT(File(path_).texts("/entry/process_1/records/data"),
              ElementsAre(HasSubstr("other.nxs::/entry/mutrans")));
}

}  // namespace
}  // namespace twin::store::nexus_rows_test
