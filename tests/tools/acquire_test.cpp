// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <limits>
#include <set>

#include "core/text.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_test {
using ::testing::HasSubstr;

namespace {

using TwinAcquire = Tools;

struct Bad {
  std::string name, content;
  std::string said;  // part of the message
};

std::string with_line(std::string text, int number, const std::string& instead) {
  std::string out;
  int at = 0;
  for (const auto line : split(text, '\n')) {
    if (++at == number)
      out += instead + "\n";
    else
      out += std::string(line) + "\n";
  }
  return out;
}

std::vector<Bad> bad_files() {
  std::string binary = columns();
  binary[2000] = '\0';
  return {
      {"empty.xdi", "", "empty.xdi"},
      {"header_only.xdi", xdi().substr(0, 60), "header_only.xdi"},
      {"binary.dat", binary, "binary.dat:"},
      {"noise.dat", std::string("\x89\x01\xff\x00\x80", 5) + std::string(500, '\xfe'), "noise.dat"},
      {"nan.dat", with_line(columns(), 50, "9000 nan"), "nan.dat:50: "},
      {"word.dat", with_line(columns(), 50, "9000 much"), "word.dat:50: "},
      {"unsorted.dat", with_line(columns(), 50, "1 0.5"), "unsorted.dat:50: "},
      {"short_row.xdi", with_line(xdi(), 60, "8990"), "short_row.xdi:60: "},
      {"field.xdi", with_line(xdi(), 3, "# Column.2.3: mu"), "field.xdi:3: "},
      {"long.dat", columns() + std::string(3 << 20, '1'), "long.dat:"},
  };
}

TEST_F(TwinAcquire, ABadFileIsAFailureRecordAndTheOthersGoOn) {
  put("good_1.dat", columns(1));
  put("good_2.xdi", xdi(2));
  for (const auto& bad : bad_files()) {
    SCOPED_TRACE(bad.name);
    put(bad.name, bad.content);
    const auto said = run({"twin-acquire", "good_1.dat", bad.name, "good_2.xdi"});
    EXPECT_EQ(said.status, 2);
    EXPECT_EQ(all<record::Measurement>(said.out).size(), 2U);
    const auto failures = all<record::Failure>(said.out);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_THAT(failures[0].what, HasSubstr(bad.said));
    EXPECT_EQ(failures[0].cause, 65);
    EXPECT_EQ(failures[0].source, bad.name);
    EXPECT_THAT(said.error, HasSubstr("twin-acquire: error: "));
    EXPECT_THAT(said.error, HasSubstr(bad.said));
    EXPECT_EQ(all<record::End>(said.out).at(0).status, 2);
  }
}

// One bad file is not another kind of trouble than one among many: 2, and the cause in its record.
TEST_F(TwinAcquire, MissingFilesAndFoldersAreNoInput) {
  std::filesystem::create_directory(path("folder"));
  for (const std::string name : {"nowhere.xdi", "folder"}) {
    const auto said = run({"twin-acquire", name});
    EXPECT_EQ(said.status, 2) << name;
    const auto failures = all<record::Failure>(said.out);
    ASSERT_EQ(failures.size(), 1U) << name;
    EXPECT_EQ(failures[0].cause, 66);
    EXPECT_THAT(failures[0].what, HasSubstr(name));
  }
}

TEST_F(TwinAcquire, ACutFileGoesOnAsFarAsItGoes) {
  const auto whole = xdi();
  put("cut.xdi", whole.substr(0, whole.size() - 25));
  const auto said = run({"twin-acquire", "cut.xdi"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto measured = all<record::Measurement>(said.out);
  ASSERT_EQ(measured.size(), 1U);
  EXPECT_EQ(measured[0].status, record::Completeness::partial);
  EXPECT_THAT(said.error, HasSubstr("cut.xdi:"));
}

TEST_F(TwinAcquire, RepeatedEnergiesAreAWarningWithTheirLine) {
  const auto text = columns();
  const auto line_30 = std::string(split(text, '\n')[29]);
  put("twice.dat", with_line(text, 31, line_30));
  const auto said = run({"twin-acquire", "twice.dat"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("twice.dat:31: "));
  EXPECT_FALSE(all<record::Measurement>(said.out).at(0).warnings.empty());
}

TEST_F(TwinAcquire, WindowsLineEndsChangeNothing) {
  std::string windows;
  for (const char c : xdi()) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  put("unix.xdi", xdi());
  put("windows.xdi", windows);
  const auto measured =
      all<record::Measurement>(run({"twin-acquire", "unix.xdi", "windows.xdi"}).out);
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(measured[0].arrays.at("mu").data, measured[1].arrays.at("mu").data);
  EXPECT_EQ(measured[0].edge, measured[1].edge);
}

// A file is refused at the first MiB of such a line, a pipe when it has given more than any scan.
TEST_F(TwinAcquire, ALineOfAGigabyteIsRefused) {
  put("good.dat", columns());
  const auto said = bash(
      "echo '# energy mu' > holes.dat; truncate -s 1000000000 holes.dat\n"
      "{ echo '# energy mu'; head -c 64000000 /dev/zero | tr '\\0' 1; } > ones.dat\n"
      "twin-acquire holes.dat ones.dat <(head -c 1000000000 /dev/zero | tr '\\0' 1) good.dat");
  EXPECT_EQ(said.status, 2) << said.error;
  EXPECT_EQ(all<record::Failure>(said.out).size(), 3U);
  EXPECT_THAT(said.error, HasSubstr("holes.dat:2: "));
  EXPECT_THAT(said.error, HasSubstr("ones.dat:2: a line of more than 1 MiB"));
  EXPECT_THAT(said.error, HasSubstr("more than 256 MiB from a pipe"));
  EXPECT_EQ(all<record::Measurement>(said.out).size(), 1U);
}

TEST_F(TwinAcquire, HostileFileNamesReachNoTerminal) {
  const std::vector<std::string> names{"new\nline.dat", "\x1b[31mred.dat", "-leading.dat",
                                       "\xff\xfe.dat"};
  Words argv{"twin-acquire", "--"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    put(names[i], i % 2 ? "broken\n" : columns(static_cast<int>(i)));
    argv.push_back(names[i]);
  }
  const auto said = run(argv);  // run() checks what is said, and decodes each line
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(all<record::Measurement>(said.out).size(), 2U);
  EXPECT_EQ(all<record::Failure>(said.out).size(), 2U);
  EXPECT_EQ(said.out.find('\x1b'), std::string::npos);
}

TEST_F(TwinAcquire, ListsHostileNamesInOneLineEach) {
  put("a\n\x1b[2Jb.dat", columns());
  ASSERT_EQ(run({"twin-acquire", "--into", "run.nxs", "a\n\x1b[2Jb.dat"}).status, 0);
  const auto said = run({"twin-acquire", "--into", "run.nxs", "--list"});
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(std::ranges::count(said.out, '\n'), 2);
  EXPECT_EQ(said.out.find('\x1b'), std::string::npos);
}

TEST_F(TwinAcquire, AFileThatIsSeenTwiceIsAnEvent) {
  put("a.dat", columns());
  EXPECT_EQ(run({"twin-acquire", "--into", "run.nxs", "a.dat"}).status, 0);
  const auto again = run({"twin-acquire", "--into", "run.nxs", "a.dat"});
  EXPECT_EQ(again.status, 0) << again.error;
  EXPECT_TRUE(all<record::Measurement>(again.out).empty());
  ASSERT_EQ(all<record::Event>(again.out).size(), 1U);
  EXPECT_EQ(all<record::Event>(again.out)[0].what, "duplicate");
  const auto list = run({"twin-acquire", "--into", "run.nxs", "--list"});
  EXPECT_EQ(std::ranges::count(list.out, '\n'), 2);
}

TEST_F(TwinAcquire, SinceEmitsAgainWhatTheRunHolds) {
  Words argv{"twin-acquire", "--into", "run.nxs"};
  for (int i = 1; i <= 3; ++i) {
    argv.push_back("scan_" + std::to_string(i) + ".dat");
    put(argv.back(), columns(i));
  }
  const auto first = all<record::Measurement>(run(argv).out);
  ASSERT_EQ(first.size(), 3U);
  // Number 1 is who wrote them.
  const auto again = run({"twin-acquire", "--into", "run.nxs", "--since", "2"});
  EXPECT_EQ(again.status, 0) << again.error;
  const auto since = all<record::Measurement>(again.out);
  ASSERT_EQ(since.size(), 2U);
  EXPECT_EQ(since[0].header.id, first[1].header.id);
  EXPECT_EQ(since[1].arrays.at("mu").data, first[2].arrays.at("mu").data);
  EXPECT_EQ(run({"twin-acquire", "--since", "1"}).status, 64);
  EXPECT_EQ(run({"twin-acquire", "--into", "none.nxs", "--list"}).status, 66);
}

TEST_F(TwinAcquire, AClosedStdoutStopsThePrintingButNotTheStoring) {
  std::string names;
  for (int i = 0; i < 30; ++i) {
    put("s" + std::to_string(i) + ".dat", columns(i));
    names += " s" + std::to_string(i) + ".dat";
  }
  const auto said = bash("twin-acquire --into run.nxs" + names + " | head -1");
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("storing goes on"));
  const auto list = run({"twin-acquire", "--into", "run.nxs", "--list"});
  EXPECT_EQ(std::ranges::count(list.out, '\n'), 31);
}

TEST_F(TwinAcquire, AFullOutputIs74) {
  put("a.dat", columns());
  EXPECT_EQ(bash("twin-acquire a.dat > /dev/full").status, 74);
}

TEST_F(TwinAcquire, ASecondWriterShallTryAgainLater) {
  put("a.dat", columns());
  const auto said = bash(
      "mkfifo hold; twin-acquire --into run.nxs - < hold > /dev/null & exec 3> hold\n"
      "until [ -e run.nxs.journal ]; do sleep 0.02; done; sleep 0.1\n"
      "twin-acquire --into run.nxs a.dat; second=$?; exec 3>&-; wait; exit $second");
  EXPECT_EQ(said.status, 75) << said.error;
}

TEST_F(TwinAcquire, ContextThatIsNoQuantityIsAUsageError) {
  put("a.dat", columns());
  for (const std::string bad : {"temperature", "temperature=hot", "temperature=295 parsec", "=3 K",
                                "t=1±x K", "temperature=295", "temperature=295±-3 K"}) {
    const auto said = run({"twin-acquire", "a.dat", "--context", bad});
    EXPECT_EQ(said.status, 64) << bad;
    EXPECT_THAT(said.error, HasSubstr("--context")) << bad;
  }
  const auto good = run({"twin-acquire", "a.dat", "--context", "temperature=295±3 K"});
  const auto t = all<record::Measurement>(good.out).at(0).context.environment.at("temperature");
  EXPECT_EQ(t.value, 295.0);
  EXPECT_EQ(t.sigma, 3.0);
  const auto ascii = run({"twin-acquire", "a.dat", "--context", "temperature=295+-3 K"});
  EXPECT_EQ(all<record::Measurement>(ascii.out).at(0).context.environment.at("temperature").sigma,
            3.0);
}

// Whatever was read from its stdout before it was killed is in the run.
TEST_F(TwinAcquire, KillingItLosesNothingThatWasPrinted) {
  Words argv{tools_dir() + "/twin-acquire", "--into", "run.nxs"};
  for (int i = 0; i < 60; ++i) {
    argv.push_back("s" + std::to_string(i) + ".dat");
    put(argv.back(), columns(i));
  }
  std::size_t printed_in_all = 0;
  for (int round = 0; round < 20; ++round) {
    for (const auto* file : {"run.nxs", "run.nxs.journal"}) std::filesystem::remove(path(file));
    process::LineBuffer lines;
    std::set<std::string> printed;
    {
      process::Child child({.argv = argv, .folder = path(""), .environment = environment()});
      child.close_input();
      // Killed after so many pieces of output, wherever it then is.
      for (int piece = 0; piece < 1 + 3 * round; ++piece) {
        const auto chunk = child.read(process::Seconds(5));
        if (!chunk) break;
        if (chunk->channel == process::Channel::out) lines.add(chunk->bytes);
      }
      ::kill(child.pid(), SIGKILL);
      while (const auto chunk = child.read(process::Seconds(5)))
        if (chunk->channel == process::Channel::out) lines.add(chunk->bytes);
    }
    while (const auto one = lines.next())
      for (const auto& m : all<record::Measurement>(*one)) printed.insert(m.header.id);
    printed_in_all += printed.size();
    const auto again = run({"twin-acquire", "--into", "run.nxs", "--since", "0"});
    if (printed.empty()) continue;
    ASSERT_EQ(again.status, 0) << again.error;
    for (const auto& m : all<record::Measurement>(again.out)) printed.erase(m.header.id);
    EXPECT_TRUE(printed.empty()) << "round " << round << ": " << printed.size() << " lost";
  }
  EXPECT_GT(printed_in_all, 20U);
}

// What is done to the disk is recorded, and replayed up to a moment: see tests/show/power_loss.py.
TEST_F(TwinAcquire, LosingPowerLosesNothingThatWasPrinted) {
  const auto said = bash("'" + source_dir() + "/tests/show/acquire' --few power",
                         {{"TWINLINE_BIN", tools_dir()}});
  EXPECT_EQ(said.status, 0) << said.out << said.error;
  EXPECT_THAT(said.out, HasSubstr("0 bad"));
}

}  // namespace

}  // namespace acquire_test
