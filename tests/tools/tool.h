// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "record/records.h"

/// The real binaries, each test in an empty folder of its own.
namespace tools {

using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

/// What a program left behind.
struct Said {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out;
  std::string error;
};

/// The records of JSON lines. A line that is no record of twin-stream(5) throws: the test fails.
[[nodiscard]] std::vector<twin::record::Record> records(const std::string& lines);

/// Those of one kind, in order.
template <class Kind>
[[nodiscard]] std::vector<Kind> all(const std::string& lines) {
  std::vector<Kind> out;
  for (auto& record : records(lines))
    if (auto* one = std::get_if<Kind>(&record)) out.push_back(std::move(*one));
  return out;
}

/// A record as a line of a stream, with its id.
[[nodiscard]] std::string line(const twin::record::Record& record);

/// The start and the end that make \p lines a whole stream of a program called \p tool.
[[nodiscard]] std::string whole_stream(const std::string& lines, const std::string& tool = "test",
                                       int status = 0);

class Tools : public ::testing::Test {
 protected:
  Tools();

  /// Runs a program of ours, or of $PATH. The stream that it prints is decoded line by line, what
  /// it says to people is checked for control bytes.
  Said run(Words argv, std::string_view input = {}, Environment environment = {});

  /// The same of a script; the tools are in its $PATH.
  Said bash(const std::string& script, Environment environment = {});

  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  /// Files through twin-acquire, and what comes out through twin-extract by the recipe's text.
  Said extracted_by(const std::string& recipe, const Words& files, const Words& options = {});

  void put(const std::string& name, std::string_view content) const;
  [[nodiscard]] std::string get(const std::string& name) const;
  [[nodiscard]] bool exists(const std::string& name) const;
  /// A program for $PATH=…/bin of this folder.
  void put_program(const std::string& name, const std::string& text) const;
  /// $PATH with this folder's programs before all others.
  [[nodiscard]] std::string path_with_ours() const;
  /// Processes whose environment names this test's folder: what it has left behind.
  [[nodiscard]] std::vector<std::string> left_behind() const;

  /// $PATH, caches and shared files as every child of the test sees them.
  [[nodiscard]] Environment environment() const;

 private:
  twin::TemporaryFolder folder_;
};

/// Skips the test that it stands in when a program is not installed.
#define SKIP_WITHOUT(program) \
  if (twin::process::find_program(program).empty()) GTEST_SKIP() << "skipped: no " << (program)

}  // namespace tools
