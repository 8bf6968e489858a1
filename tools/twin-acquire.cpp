// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire: files and records in, measurements stored and on stdout.
#include <filesystem>
#include <system_error>

#include "app/acquire.h"

using namespace twin;

int main(int argc, char** argv) {
  app::AcquireSettings set;  // every default lives in this struct, once
  const cli::Command command{
      .name = "twin-acquire",
      .synopsis = "take measurements in, store them, print them",
      .description =
          "Reads scans (XDI, Athena projects, SPEC, NeXus and other HDF5, columns of numbers, "
          "plain "
          "or gzip: seen from the content), stores them in a run and prints a measurement record "
          "for each; a "
          "file may hold several. What was printed is on the disk: killing the program at any "
          "moment loses nothing of it. A file that is seen twice is an event, not a second scan; "
          "one that is written anew is another revision of its scan.\n\n"
          "Inputs that end in .jsonl or .yaml, and -, are streams of records: they are stored as "
          "they are, so that results, states and verdicts join the run that they belong to.\n\n"
          "With --watch, folders are followed: a file counts when it was closed or renamed into "
          "the folder, of a SPEC file each scan when it is over. Storing goes on whether or not "
          "stdout is read, and when it was closed. HDF5 that is being written as SWMR (single "
          "writer, multiple readers: areaDetector, Mamba) is read along: a scan is taken when as "
          "many points are there as the file announces, when the next one of a stack begins, or "
          "when the file is closed; of a writer that died what it had flushed is a partial "
          "scan.\n\n"
          "HDF5 is read by a process of its own that can open, run and write nothing, where the "
          "kernel can forbid it (seccomp): it never changes the file, follows no link out of it, "
          "and loads no filter; deflate, shuffle and fletcher32 are understood. Whether another "
          "user's file is still written is asked by a lock of an instant. A file that kills or "
          "hangs it is a failure like "
          "any other. One that somebody has open for writing is for later (cause 75).\n\n"
          "A run is two files. RUN.nxs.journal is the truth: a record a line with its checksum, "
          "appended and synced. RUN.nxs is published from it, whole or not at all: when the run "
          "has grown by a tenth, when nothing comes for a while, at the end, with --publish. Once "
          "that holds all, the journal says everything a second time: --prune tells, after it has "
          "made the journal's lines from RUN.nxs and compared them byte for byte, and with "
          "--remove takes it away. The run is the same run afterwards: whoever reads or goes on "
          "writing has the journal made again. Nothing else is ever removed, neither earlier "
          "revisions nor equal darks.\n\n"
          "With --epics, what process variables of EPICS say while a scan is measured goes with "
          "it, by "
          "Channel Access; no scan waits for an IOC. See twin-epics(5).\n\n"
          "With --obey, the modes that twin-steer asks for are ordered of the beamline, within "
          "bounds that it can't change; see twin-bounds(5). Without --arm it is only said what "
          "would be.\n\n"
          "A file that can't be read becomes a failure record; the others go on, and the exit "
          "status is 2.",
      .inputs = "[FILE...]",
      .options =
          {cli::list(
               "watch", set.watch, "DIR",
               "follow this folder: each file that is whole is a measurement, until a signal"),
           cli::choice(
               "watch-by", set.watch_by, {"automatic", "events", "polling"},
               "how changes are seen; automatic: by events, on network file systems by polling"),
           cli::number("poll", set.poll, "s", "between two looks where there are no events", 0.01,
                       3600),
           cli::number(
               "settle", set.settle, "s",
               "a file is whole when it stays as it is for so long after it was closed; for "
               "programs that close it after each row",
               0, 3600),
           cli::number("until-idle", set.until_idle, "s",
                       "end when nothing came for so long; 0: only with a signal", 0, 1e9),
           cli::list(
               "documents", set.documents, "FILE",
               "documents of Bluesky, or Mamba, as JSON lines; - is stdin: each stream of a run "
               "is a scan when the run stops"),
           cli::text("replay", set.replay, "RUN.nxs",
                     "the records of this run once more, as far apart as they came"),
           cli::number("speed", set.speed, "", "of --replay: so many times faster; 0: at once", 0,
                       1e9),
           cli::text(
               "devices", set.devices, "DEVICES.yaml",
               "which devices are installed, with their serial numbers: twin-devices(5); in the "
               "run, for --trace"),
           cli::text("epics", set.epics, "EPICS.yaml",
                     "which process variables are conditions of each scan: twin-epics(5)"),
           cli::text(
               "trace", set.trace, "ID",
               "what the run's record of this id, or of one that begins so, was made from; status "
               "1 where something has changed since"),
           cli::text("obey", set.obey.commands, "FILE",
                     "order the modes that the commands in this file ask for, within the bounds"),
           cli::text("bounds", set.obey.bounds, "BOUNDS.yaml",
                     "what may be ordered, of whom: twin-bounds(5)"),
           cli::flag(
               "arm", set.obey.arm,
               "really order it, while the token that the bounds name holds; else only say it"),
           cli::text("check-audit", set.check_audit, "LOG",
                     "replay a log of orders by the bounds: status 1 where they would differ now"),
           cli::text("into", set.into, "RUN.nxs", "store in this run; its journal lies beside it"),
           cli::text("live", set.live, "LIVE.nxs",
                     "the last 200 scans or more in this file while they come, for viewers of HDF5 "
                     "in SWMR mode (silx; h5py with swmr=True); it goes with the program"),
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
           cli::flag("publish", set.publish,
                     "write RUN.nxs anew from its journal, also while another program writes that"),
           cli::flag("prune", set.prune,
                     "say what of the run is there twice: the journal, once RUN.nxs holds all of "
                     "it, and what killed programs left; status 1 where the journal has to stay"),
           cli::flag("remove", set.remove,
                     "of --prune: take it away; whoever opens the run makes its journal anew"),
           cli::integer(
               "bootstrap", set.bootstrap,
               "add so many repeats of each scan, made at the noise that it shows and labelled so",
               0, 10000),
           cli::integer("seed", set.seed, "seed of those repeats", 0)},
      .statuses = {},
      .examples = {{"Store a scan with its temperature",
                    "twin-acquire cu_rt01.xmu --into foils.nxs --context 'temperature=295±3 K'"},
                   {"Hand a whole run to the next stage again",
                    "twin-acquire --into foils.nxs --since 0 | twin-extract --recipe cu-k.yaml"},
                   {"Follow a spool folder",
                    "twin-acquire --watch spool --into run.nxs --until-idle 1 | twin-extract "
                    "--recipe cu-k.yaml"},
                   {"What is in it", "twin-acquire --into foils.nxs --list"},
                   {"Keep the published file alone",
                    "twin-acquire --into foils.nxs --publish && twin-acquire --into foils.nxs "
                    "--prune --remove"}},
      .references = {},
      .see_also = {"twin-extract(1)", "twin-steer(1)", "twin-bounds(5)", "twin-devices(5)",
                   "twin-epics(5)", "twin-stream(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        if (set.into.empty() &&
            (set.list || set.since >= 0 || set.publish || set.prune || !set.trace.empty()))
          throw Error(Cause::usage,
                      "--list, --publish, --prune, --since and --trace need --into RUN.nxs");
        const auto same = [&](const std::string& file) {
          std::error_code none;
          return std::filesystem::weakly_canonical(set.live, none) ==
                 std::filesystem::weakly_canonical(file, none);
        };
        if (!set.live.empty() &&
            (set.into.empty() || same(set.into) || same(set.into + ".journal")))
          throw Error(Cause::usage, "--live needs --into RUN.nxs, another file");
        if (set.remove && !set.prune)
          throw Error(Cause::usage, "--remove is of no use without --prune");
        const bool obeys = !set.obey.commands.empty() || !set.check_audit.empty();
        if (obeys != !set.obey.bounds.empty())
          throw Error(Cause::usage, obeys ? "--obey and --check-audit need --bounds BOUNDS.yaml"
                                          : "--bounds is of no use without --obey FILE");
        if (set.obey.arm && set.obey.commands.empty())
          throw Error(Cause::usage, "--arm is of no use without --obey FILE");
        app::StartInfo info{.seed = set.seed};
        if (obeys) info.files = {set.obey.bounds};
        if (!set.epics.empty()) info.files.push_back(set.epics);
        info.records =
            !set.list && !set.publish && !set.prune && set.check_audit.empty() && set.trace.empty();
        return info;
      },
      [&](app::Session& session) { app::acquire(session, set); });
}
