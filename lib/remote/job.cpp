// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/job.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "remote/host.h"
#include "remote/known_hosts.h"

namespace twin::remote {

namespace {

constexpr std::size_t name_length = 16;

/// The template with its words filled in.
std::string filled(const std::string& text, const std::map<std::string, std::string>& words) {
  std::string out;
  std::set<std::string> used;
  std::size_t at = 0;
  for (std::size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", at)) {
    const std::size_t close = text.find("}}", open);
    const std::string word =
        close == std::string::npos ? "" : text.substr(open + 2, close - open - 2);
    const auto found = words.find(word);
    if (found == words.end())
      throw Error(Cause::configuration,
                  "template: {{" + printable(word.substr(0, 40)) +
                      "}}: unknown; expected name, ranks, tasks, minutes or jobs");
    out += text.substr(at, open - at) + found->second;
    used.insert(word);
    at = close + 2;
  }
  if (!used.contains("jobs"))
    throw Error(Cause::configuration, "template: {{jobs}} is missing, where the jobs are run");
  return out + text.substr(at);
}

/// The shell code of share/remote.
std::string shared_script(const std::string& name) {
  return read_file(shared_file("remote/" + name + ".sh"));
}

/// \p command with \p content on its stdin. The end of a here-document is a line that no content
/// has.
std::string with_input(const std::string& command, const std::string& content) {
  const std::string end = "END_" + sha256(content).substr(0, 24);
  const std::string tail = content.empty() || content.ends_with('\n') ? "" : "\n";
  return command + " <<'" + end + "'\n" + content + tail + end + "\n";
}

/// A script is a function that its last line calls: one that was cut on its way does nothing.
std::string whole(const std::string& folder, const std::string& body) {
  return "main() {\nfolder=" + shell_word(folder) + "\n" + body + "}\nmain\n";
}

}  // namespace

Job job_of(const std::string& id, std::string lines, const JobSettings& settings,
           std::map<std::string, std::string> files) {
  std::string asked = id + '\n' + std::to_string(settings.ranks) + '\n' + settings.options + '\n';
  std::string sums;
  for (const auto& [name, content] : files) sums += sha256(content) + ' ' + name + '\n';
  if (!sums.empty()) sums = sha256(sums);
  if (!sums.empty()) asked += sums + '\n';
  return {sha256(asked).substr(0, name_length), std::move(lines), std::move(files),
          sums.substr(0, 2 * name_length)};
}

std::string submit_script(const std::string& folder, const std::vector<Job>& jobs,
                          const std::map<std::string, int>& attempts, const JobSettings& settings) {
  std::string all;
  for (const Job& job : jobs) all += job.name + '\n';
  const std::string batch = sha256(all).substr(0, name_length);
  const std::string script = filled(
      settings.job_template, {{"name", "twin-" + batch},
                              {"ranks", std::to_string(settings.ranks)},
                              {"tasks", std::to_string(settings.tasks)},
                              {"minutes", std::to_string(settings.minutes)},
                              {"jobs", "TWIN_OPTIONS=" + shell_word(settings.options) + "\n" +
                                           shared_script("manifest") + shared_script("run-jobs")}});
  std::string body =
      "batch=" + batch + "\n" + shared_script("queue") + shared_script("submit") + "begin\n";
  std::set<std::string> sent;  // jobs may share them
  for (const Job& job : jobs)
    for (const auto& [name, content] : job.files)
      if (sent.insert(job.files_sum + "/" + name).second)
        body += with_input("keep " + job.files_sum + " " + name, to_base64(content));
  for (const Job& job : jobs) {
    const auto found = attempts.find(job.name);
    const int before = found == attempts.end() ? 0 : found->second;
    body += with_input("offer " + job.name + " " + std::to_string(before) + " " + job.files_sum,
                       job.model);
  }
  return whole(folder, body + with_input("finish", script));
}

std::string repeat_script(const std::string& folder, const std::string& name, int attempts) {
  return whole(folder, "batch=" + name + "\n" + shared_script("queue") + shared_script("submit") +
                           "begin\nrepeat " + shell_word(name) + " " + std::to_string(attempts) +
                           "\n");
}

std::string status_script(const std::string& folder) {
  return whole(folder, shared_script("queue") + shared_script("status") + "status\n");
}

std::string cancel_script(const std::string& folder, const std::vector<std::string>& names) {
  std::string words;
  for (const std::string& name : names) words += " " + shell_word(name);
  return whole(folder, shared_script("queue") + shared_script("cancel") + "cancel" + words + "\n");
}

std::string settle_script(const std::string& folder, const std::string& name,
                          const std::string& answer) {
  return whole(folder, shared_script("manifest") + shared_script("queue") +
                           shared_script("cancel") + "cancel " + shell_word(name) + " || return\n" +
                           with_input("settle " + shell_word(name), answer));
}

}  // namespace twin::remote
