// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hash.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "core/time.h"

namespace twin::hash_test {
namespace {

// FIPS 180-4 examples, published with the standard.
TEST(Sha256, OfTheStandardsExamples) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
  const TemporaryFolder folder("twin-test-");
  const std::string path = folder.path() + "/data", content(200'000, 'x');
  create_file(path, content);
  EXPECT_EQ(sha256_file(path), sha256(content));
  EXPECT_THROW((void)sha256_file(folder.path() + "/none"), Error);
}

// RFC 3720, B.4.
TEST(Crc32c, OfTheStandardsExamples) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

TEST(Time, IsReproducibleWhenAskedTo) {
  ASSERT_EQ(setenv("SOURCE_DATE_EPOCH", "1700000000", 1), 0);
  EXPECT_EQ(utc_now(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(seconds_now(), 1700000000);
  unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_GT(seconds_now(), 1.7e9);
  EXPECT_EQ(utc_now().size(), 24u);
  const double before = monotonic_seconds();
  EXPECT_GE(monotonic_seconds(), before);
}

}  // namespace
}  // namespace twin::hash_test
