// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/athena.h"

#include <set>

#include "core/text.h"
#include "formats/athena_group.h"
#include "formats/read_all.h"

namespace twin::formats {

namespace {

/// What a project says besides its scans, in the warnings of the last of them.
class Project {
 public:
  Project(const AthenaProject& project, std::vector<Error>* refused)
      : project_(project), refused_(refused) {}

  void take(AthenaGroup& group) {
    std::string why;
    try {
      auto scan = scan_of(group, project_, why);
      if (!scan) {
        said_.push_back(project_.name + ": group '" + printable(group.name) + "' is " + why +
                        "; it was passed over");
        return;
      }
      make_unique(scan->label);
      scans_.push_back(std::move(*scan));
    } catch (const Error& error) {
      if (!refused_) throw;
      refused_->push_back(error);
      ++failed_;
    }
  }

  std::vector<ScanFile> finish() {
    if (project_.cut)
      said_.push_back(project_.name + ": the project is cut: more may have been in it");
    if (scans_.empty() && failed_ == 0)
      throw Error(Cause::data, project_.name + ": " + std::to_string(project_.groups.size()) +
                                   " groups, none of them a spectrum" +
                                   (project_.cut ? "; the project is cut" : "") +
                                   "; groups with @x and @y are expected");
    if (!scans_.empty())
      for (auto& text : said_) scans_.back().warnings.push_back(std::move(text));
    return std::move(scans_);
  }

 private:
  void make_unique(std::string& label) {
    const std::string stem = label;
    for (int n = 2; !labels_.insert(label).second; ++n) label = stem + "." + std::to_string(n);
  }

  const AthenaProject& project_;
  std::vector<Error>* refused_;
  std::vector<ScanFile> scans_;
  std::set<std::string> labels_;
  std::vector<std::string> said_;
  std::size_t failed_ = 0;
};

}  // namespace

std::vector<ScanFile> parse_athena(std::istream& in, const std::string& name,
                                   std::vector<Error>* refused) {
  const std::string shown = printable(name), text = read_all(in, shown);
  const std::size_t nul = text.find('\0');
  if (nul != std::string::npos)
    throw Error(Cause::data, shown + ": a NUL byte: binary; an Athena project is expected");
  const auto begin = text.find_first_not_of(" \t\r\n");
  const bool json = begin != std::string::npos && text[begin] == '{';
  auto project = json ? parse_athena_json(text, shown) : parse_athena_perl(text, shown);
  Project scans(project, refused);
  for (auto& group : project.groups) scans.take(group);
  return scans.finish();
}

}  // namespace twin::formats
