// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/read_trajectory.h"

#include <zlib.h>

#include <fstream>

#include "formats/read_scan.h"
#include "trajectories.h"

namespace twin::formats::read_trajectory_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ReadTrajectory : testing::Test {
  TemporaryFolder folder{"trajectory"};

  std::string put(const std::string& name, const std::string& bytes) {
    const std::string path = folder.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string put_packed(const std::string& name, const std::string& bytes) {
    const std::string path = folder.path() + "/" + name;
    const gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return path;
  }
  static std::string refused(const std::string& path, Cause cause = Cause::data) {
    return message_of(
        [&] {
          const auto reader = open_trajectory(path);
          static_cast<void>(all(*reader));
        },
        cause);
  }
};

TEST_F(ReadTrajectory, IsSniffedByContentAlsoPacked) {
  for (const std::string name : {"copper.dcd", "copper.xtc", "copper.xyz"}) {
    expect_copper(all(*open_trajectory(put("anything", stored(name)))), 0.006);
    expect_copper(all(*open_trajectory(put_packed("packed", stored(name)))), 0.006);
  }
}

TEST_F(ReadTrajectory, APackedFileThatIsCutSaysSo) {
  const std::string whole = read_file(put_packed("packed", stored("copper.xyz")));
  for (const std::size_t size : {whole.size() / 2, whole.size() - 4}) {
    const auto reader = open_trajectory(put("cut", whole.substr(0, size)));
    EXPECT_GE(all(*reader).size(), 1U);
    EXPECT_THAT(reader->warnings(), ElementsAre(HasSubstr("ends too early")));
  }
}

TEST_F(ReadTrajectory, OtherFilesAreRefused) {
  EXPECT_THAT(refused(put("a", "# energy mu\n1 2\n3 4\n")), HasSubstr("of no format"));
  EXPECT_THAT(refused(put("b", "")), HasSubstr("empty; a trajectory is expected"));
  EXPECT_THAT(refused(put_packed("c", stored("copper.h5md"))), HasSubstr("within gzip"));
  EXPECT_THAT(refused(put("d", stored("copper.dcd")) + "::all"), HasSubstr("no H5MD"));
  EXPECT_THAT(refused(folder.path() + "/none", Cause::no_input), HasSubstr("a file is expected"));
  EXPECT_THAT(refused(folder.path(), Cause::no_input), HasSubstr("no regular file"));
  EXPECT_THAT(refused("/dev/null", Cause::no_input), HasSubstr("no regular file"));
}

TEST_F(ReadTrajectory, AsScansTheySayWhatTheyAre) {
  for (const std::string name : {"copper.dcd", "copper.xtc", "copper.xyz"})
    EXPECT_THAT(message_of([&] { static_cast<void>(read_scans(put("scan", stored(name)))); }),
                HasSubstr("a trajectory of a simulation, which twin-simulate --trajectory reads"));
}

}  // namespace
}  // namespace twin::formats::read_trajectory_test
