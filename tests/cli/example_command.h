// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

/// A command with an option of every kind, and where its options go.
struct ExampleSettings {
  double max_time_ps = 20.0;
  double tolerance = 1e-3;
  long long jobs = 2;
  long long since = 0;
  bool follow = false;
  std::string engine = "lammps";
  std::vector<std::string> context;
  std::string window = "hanning";
};

inline twin::cli::Command example_command(ExampleSettings& set) {
  namespace cli = twin::cli;
  cli::Command command;
  command.name = "twin-example";
  command.synopsis = "show what every kind of option looks like";
  command.description =
      "A first paragraph, long enough that it has to be broken into several lines of a terminal of "
      "eighty columns. It has two sentences.\n\n.Sh is no macro here, and \\fBthis\\fP is no bold.";
  command.inputs = "[FILE...]";
  command.options = {
      cli::number("max-time", set.max_time_ps, "ps", "give up when not at equilibrium by then", 1,
                  1e6),
      cli::number("tolerance", set.tolerance, "", "relative tolerance", 0.0),
      cli::integer("jobs", set.jobs, "how many at a time", 1, 64),
      cli::integer("since", set.since, "emit again from this record"),
      cli::flag("follow", set.follow, "go on when the end is reached"),
      cli::text("engine", set.engine, "COMMAND", "what simulates; lengths in Å"),
      cli::list("context", set.context, "NAME=VALUE", "a condition of the measurement"),
      cli::choice("window", set.window, {"hanning", "kaiser", "sine"}, "window of the transform")};
  command.statuses = {{1, "not at equilibrium"}, {2, "an own meaning of two"}};
  command.examples = {{"Simulate, and compare", "twin-example --max-time '2 ns' model.yaml"}};
  command.references = {"P. Debye, Ann. Phys. 351, 809 (1915), doi:10.1002/andp.19153510606."};
  command.see_also = {"twin-stream(5)", "twin-match(1)"};
  return command;
}
