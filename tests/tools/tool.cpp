// SPDX-License-Identifier: GPL-3.0-or-later
#include "tool.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/text.h"
#include "places.h"
#include "process/child.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace tools {

namespace fs = std::filesystem;
using namespace twin;

namespace {

constexpr process::Seconds patience{180.0};  // what takes longer hangs, on a busy machine too

std::string executable(const std::string& name) {
  return name.starts_with("twin-") ? tools_dir() + "/" + name : name;
}

std::string system_path() {
  const char* path = std::getenv("PATH");
  return path ? path : "/usr/bin:/bin";
}

// stderr is for people and terminals: lines of printable text.
void check_said(const Said& said) {
  for (const auto one : split(said.error, '\n')) EXPECT_EQ(one, printable(one));
  if (said.out.starts_with("{\"schema\"")) {
    EXPECT_NO_THROW((void)records(said.out)) << said.out;
  }
}

bool mentions(const fs::path& file, const std::string& text) {
  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  return content.find(text) != std::string::npos;
}

}  // namespace

std::vector<record::Record> records(const std::string& lines) {
  std::vector<record::Record> out;
  for (const auto one : split(lines, '\n'))
    if (!one.empty()) out.push_back(stream::decode(stream::parse_json(one, "its output")));
  return out;
}

std::string line(const record::Record& record) {
  auto document = stream::encode(record);
  document.set("id", stream::content_id(document));
  return stream::dump_json(document) + "\n";
}

std::string whole_stream(const std::string& lines, const std::string& tool, int status) {
  record::Start start;
  start.tool = tool;
  start.version = "1";
  const auto first = line(start);
  record::End end;
  end.header.by = std::get<record::Start>(records(first).front()).header.id;
  end.status = status;
  return first + lines + line(end);
}

Tools::Tools() : folder_("twinline-tools") {}

Environment Tools::environment() const {
  return {{"PATH", tools_dir() + ":" + system_path()}, {"TWINLINE_SHARE", source_dir() + "/share"},
          {"XDG_CACHE_HOME", path(".cache")},          {"HOME", folder_.path()},
          {"TWINLINE_TEST_FOLDER", folder_.path()},    {"TERM", "dumb"}};
}

Said Tools::run(Words argv, std::string_view input, Environment more) {
  argv.front() = executable(argv.front());
  more.merge(environment());
  const auto finished =
      process::run({.argv = argv, .folder = folder_.path(), .environment = more}, patience, input);
  Said said{finished.ending.status, finished.out, finished.error};
  check_said(said);
  return said;
}

Said Tools::bash(const std::string& script, Environment more) {
  return run({"bash", "-c", "set -o pipefail\n" + script}, {}, std::move(more));
}

Said Tools::extracted_by(const std::string& recipe, const Words& files, const Words& options) {
  put("recipe.yaml", recipe);
  Words first{"twin-acquire", "--quiet"}, second{"twin-extract", "--recipe", "recipe.yaml"};
  first.insert(first.end(), files.begin(), files.end());
  second.insert(second.end(), options.begin(), options.end());
  return run(second, run(first).out);
}

void Tools::put(const std::string& name, std::string_view content) const {
  std::ofstream(path(name), std::ios::binary) << content;
}

std::string Tools::get(const std::string& name) const { return read_file(path(name)); }

bool Tools::exists(const std::string& name) const { return fs::exists(path(name)); }

void Tools::put_program(const std::string& name, const std::string& text) const {
  fs::create_directories(path("bin"));
  put("bin/" + name, text);
  fs::permissions(path("bin/" + name), fs::perms::owner_all);
}

std::string Tools::path_with_ours() const { return path("bin") + ":" + environment().at("PATH"); }

std::vector<std::string> Tools::left_behind() const {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    if (parse_integer(name) && mentions(entry.path() / "environ", folder_.path()))
      out.push_back(name);
  }
  return out;
}

}  // namespace tools
