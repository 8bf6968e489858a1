// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <utility>

#include "core/text.h"
#include "formats/athena_group.h"
#include "formats/perl_literal.h"

namespace twin::formats {

namespace {

double number_of(const PerlValue& value) {
  return parse_double(trim(value.text)).value_or(std::numeric_limits<double>::quiet_NaN());
}

void take_arguments(AthenaGroup& group, const PerlValue& list) {
  for (std::size_t i = 0; i + 1 < list.items.size(); i += 2) {
    const auto& key = list.items[i].text;
    const auto& value = list.items[i + 1];
    if (!value.is_list) {
      group.arguments[key] = value.text;
    } else if (key == "titles") {
      for (const auto& title : value.items) group.titles.push_back(title.text);
    }
  }
}

bool is_array(const std::string& variable) {
  for (const char* known : {"@x", "@y", "@i0", "@signal", "@stddev"})
    if (variable == known) return true;
  return false;
}

void take(AthenaGroup& group, const PerlStatement& statement) {
  if (group.line == 0) group.line = statement.line;
  if (statement.variable == "$old_group") {
    group.name = statement.value.text;
  } else if (statement.variable == "@args") {
    take_arguments(group, statement.value);
  } else if (is_array(statement.variable)) {
    auto& array = group.arrays[statement.variable.substr(1)];
    array.clear();
    for (const auto& item : statement.value.items) array.push_back(number_of(item));
  }
}

}  // namespace

AthenaProject parse_athena_perl(const std::string& text, const std::string& name) {
  AthenaProject project;
  project.name = name;
  project.by_larch = text.substr(0, 1000).find("Using Larch version") != std::string::npos;
  PerlReader reader(text, name);
  AthenaGroup group;
  bool whole = false;
  while (auto statement = reader.next()) {
    whole = statement->kind == PerlStatement::Kind::end;
    if (whole) break;  // what follows is for editors
    if (statement->kind == PerlStatement::Kind::record) {
      project.groups.push_back(std::exchange(group, {}));
    } else {
      take(group, *statement);
    }
  }
  project.cut = !whole;
  // The journal and the like stand behind the last group and belong to none.
  if (group.arrays.contains("x") || group.arrays.contains("y")) {
    group.cut = true;
    project.groups.push_back(std::move(group));
  }
  return project;
}

}  // namespace twin::formats
