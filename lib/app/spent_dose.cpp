// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/spent_dose.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "app/alone.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "core/units.h"
#include "stream/yaml.h"

namespace twin::app {

SpentDose::SpentDose(std::string path, double now) : path_(std::move(path)) {
  if (path_.empty()) return;
  lock_ = alone_with(path_);
  if (!std::filesystem::exists(path_)) return;
  const auto wrong = [&](const std::string& what) {
    return Error(Cause::data, printable(path_) + ": " + what +
                                  "; expected {dose: 12.5 Gy, until: a time}: what was spent is "
                                  "not known");
  };
  const auto document = stream::parse_yaml(read_regular_file(path_, 4096), path_);
  const auto *dose = document.find("dose"), *until = document.find("until");
  if (!dose || !dose->is_string() || !until || !until->is_string()) throw wrong("no dose and time");
  spent_ = parse_in(dose->string(), "Gy");
  const auto time = parse_utc(until->string());
  if (!time || !std::isfinite(spent_) || spent_ < 0) throw wrong("a bad dose or time");
  if (*time > now + 3600) throw wrong("its time is to come");
  until_ = *time;
  counted_until_ = time;
}

void SpentDose::keep(double spent_Gy, std::optional<double> until, double now) {
  const double newest = std::max(until_, std::min(until.value_or(until_), now));
  if (path_.empty() || (spent_Gy == spent_ && newest <= until_)) return;
  spent_ = spent_Gy;
  until_ = newest;
  write_file_atomically(path_,
                        "dose: " + shortest(spent_) + " Gy\nuntil: \"" + utc_of(until_) + "\"\n");
}

}  // namespace twin::app
