// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer: results in, events and mode commands out.
#include "app/steer.h"

using namespace twin;

int main(int argc, char** argv) {
  app::SteerSettings set;
  const cli::Command command{
      .name = "twin-steer",
      .synopsis = "find changes in an experiment and say which mode to measure in",
      .description =
          "Reads results. By a policy with a baseline it watches them as they come: when the noise "
          "is known, each result may tell of a change, which has an onset with a 95 % set, "
          "quantities that changed, and an end; false alarms are as rare as the policy says. In "
          "the "
          "end it compares each period with the one before and the first with the last, and prints "
          "what differs significantly. Each comes with the mode command that it would give. It "
          "acts on nothing: twin-acquire is what obeys. Curves that results carry (twin-extract "
          "--arrays all) are watched by their scores along a few directions, with or without a "
          "reference: scores in twin-policy(5). The same input gives the same events and commands, "
          "but for what a dose file says was spent before.\n\n"
          "Nothing but the dose and the number of the newest command is kept between two runs: "
          "whoever starts it anew gives it the run from its beginning (twin-acquire --since 0), "
          "and the same events come with the same ids. What was measured longer ago than a command "
          "holds is told, and goes to no file of commands; its dose is counted once, by when it "
          "was measured. When a stream that is watched ends, or twin-steer is stopped, the file "
          "asks for the safe mode. A file of commands or of the dose has one writer: FILE.lock.\n\n"
          "With --log each run appends how it began (its start record, the policy, the dose, the "
          "number of the file of commands), then a line for each input that a decision looks at: "
          "what of it matters, the clock as it was read for it, a SHA-256 over all inputs so far, "
          "and the answer: log R, the state and mode before, the dose, each command as it was "
          "given and as it was put into the file. Nothing is asked for without a log but, when it "
          "fails, the safe mode. One program writes it at a time; what a killed one left torn is "
          "cut off by the next. --replay needs nothing but the log: it prints each command as it "
          "was given, then as the file had it, and names lines that say otherwise.\n\n"
          "A figure (--plot) shows each watched quantity against the time of its measurement or "
          "what "
          "its drift is linear in, the 95 % sets of onsets (orange) and ends (green), strong where "
          "that quantity changed, the baseline (grey); R with its threshold and where changes were "
          "found; and the mode asked for. It is drawn anew every few seconds at most, of a long "
          "stream the last 2000 samples; that it can't be is a warning.\n\n"
          "Random errors count within a set-up, random and systematic ones between set-ups; Holm's "
          "correction over all quantities and pairs of periods.",
      .inputs = "[FILE...]",
      .options = {cli::text("policy", set.policy, "FILE",
                            "what is watched, and the modes: twin-policy(5)"),
                  cli::text("commands", set.commands, "FILE",
                            "the newest command goes here, instead of the policy's file"),
                  cli::text("log", set.log, "FILE",
                            "append all that was decided, and by what, here before it is done"),
                  cli::text("replay", set.replay, "LOG",
                            "decide anew by such a log, print the commands, steer nothing; status "
                            "1 where one is other than it was")},
      .statuses = {},
      .examples =
          {{"Compare the periods of a stored run",
            "twin-acquire --into foils.nxs --since 0 | twin-extract --recipe cu-k-periods.yaml | "
            "twin-steer --policy periods.yaml"},
           {"Watch a run as it comes",
            "twin-acquire --watch spool --into run.nxs | twin-extract --recipe pb-l3.yaml | "
            "twin-steer --policy changes.yaml --plot run.svg --format table"},
           {"Which commands a night's log comes to again", "twin-steer --replay night.jsonl"}},
      .references = {"J. Shin, A. Ramdas, A. Rinaldo, E-detectors, arXiv:2203.03532",
                     "S. Holm, Scand. J. Stat. 6, 65 (1979)"},
      .see_also = {"twin-acquire(1)", "twin-policy(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        if (!set.replay.empty()) {
          if (!set.policy.empty() || !set.commands.empty() || !set.log.empty())
            throw Error(Cause::usage,
                        "--replay: the log has its policy; no other option is of use");
          return app::StartInfo{.seed = {}, .files = {set.replay}};
        }
        if (set.policy.empty()) throw Error(Cause::usage, "--policy: none given");
        return app::read_policy(set);
      },
      [&](app::Session& session) { app::steer(session, set); });
}
