// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire: files and records in, measurements stored and on stdout.
#include "app/acquire.h"

using namespace twin;

int main(int argc, char** argv) {
  app::AcquireSettings set;  // every default lives in this struct, once
  const cli::Command command{
      .name = "twin-acquire",
      .synopsis = "take measurements in, store them, print them",
      .description =
          "Reads scans (XDI, Athena projects, SPEC, NeXus, columns of numbers, plain or gzip: seen "
          "from the content), stores them in a run and prints a measurement record for each; a "
          "file may hold several. What was printed is on the disk: killing the program at "
          "any "
          "moment loses nothing of it. A file that is seen twice is an event, not a second "
          "scan.\n\n"
          "Inputs that end in .jsonl or .yaml, and -, are streams of records: they are stored as "
          "they "
          "are, so that results, states and verdicts join the run that they belong to.\n\n"
          "With --watch, folders are followed: a file counts when it was closed or renamed into "
          "the "
          "folder, of a SPEC file each scan when it is over. A file that is written anew is "
          "another "
          "revision of its scan.\n\n"
          "A file that can't be read becomes a failure record; the others go on, and the exit "
          "status "
          "is 2.",
      .inputs = "[FILE...]",
      .options =
          {cli::text("obey", set.obey.commands, "FILE",
                     "order the modes that the commands in this file ask for, within the bounds"),
           cli::text("bounds", set.obey.bounds, "BOUNDS.yaml",
                     "what may be ordered, of whom: twin-bounds(5)"),
           cli::flag(
               "arm", set.obey.arm,
               "really order it, while the token that the bounds name holds; else only say it"),
           cli::text("check-audit", set.check_audit, "LOG",
                     "replay a log of orders by the bounds: status 1 where they would differ now"),
           cli::text("into", set.into, "RUN.nxs", "store in this run; its journal lies beside it"),
           cli::list("context", set.context, "NAME=VALUE±SIGMA UNIT",
                     "sample environment of these scans, as temperature=295±3 K"),
           cli::text("period", set.period, "NAME", "the period that these scans belong to"),
           cli::text("setup", set.setup, "NAME",
                     "the set-up; systematic errors are shared within one"),
           cli::text("sample", set.sample, "NAME", "name of the sample"),
           cli::text("edge", set.edge, "EDGE",
                     "element and edge, as Cu K, where the files don't say"),
           cli::text("run", set.run, "NAME", "name of the run"),
           cli::integer("since", set.since, "print again what the run holds after this number", -1),
           cli::flag("list", set.list, "list what the run holds"),
           cli::integer(
               "bootstrap", set.bootstrap,
               "add so many repeats of each scan, made at the noise that it shows and labelled so",
               0, 10000),
           cli::integer("seed", set.seed, "seed of those repeats", 0)},
      .statuses = {},
      .examples =
          {{"Store a scan with its temperature",
            "twin-acquire cu_rt01.xmu --into foils.nxs --context 'temperature=295±3 K'"},
           {"Hand a whole run to the next stage again",
            "twin-acquire --into foils.nxs --since 0 | twin-extract --recipe cu-k.yaml"},
           {"Follow a spool folder",
            "twin-acquire --watch /data/run42 --into run42.nxs | twin-extract --recipe cu-k.yaml"},
           {"What is in it", "twin-acquire --into foils.nxs --list"}},
      .references = {},
      .see_also = {"twin-extract(1)", "twin-stream(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        if (set.into.empty() && (set.list || set.since >= 0))
          throw Error(Cause::usage, "--list and --since need --into RUN.nxs");
        const bool obeys = !set.obey.commands.empty() || !set.check_audit.empty();
        if (obeys != !set.obey.bounds.empty())
          throw Error(Cause::usage, obeys ? "--obey and --check-audit need --bounds BOUNDS.yaml"
                                          : "--bounds is of no use without --obey FILE");
        if (set.obey.arm && set.obey.commands.empty())
          throw Error(Cause::usage, "--arm is of no use without --obey FILE");
        app::StartInfo info{.seed = set.seed};
        if (obeys) info.files = {set.obey.bounds};
        info.records = !set.list && set.check_audit.empty();
        return info;
      },
      [&](app::Session& session) { app::acquire(session, set); });
}
