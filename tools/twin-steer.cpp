// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer: results in, events and mode commands out.
#include "app/steer.h"

using namespace twin;

int main(int argc, char** argv) {
  app::SteerSettings set;
  const cli::Command command{
      .name = "twin-steer",
      .synopsis = "compare the periods of an experiment and say which mode to measure in",
      .description =
          "Reads results, compares each period with the one before and the first with the last, "
          "and "
          "prints what differs significantly, with the mode command that it would give. It acts on "
          "nothing: twin-acquire is what obeys, and the same input gives the same commands.\n\n"
          "Random errors count within a set-up, random and systematic ones between set-ups; Holm's "
          "correction over all quantities and pairs of periods.",
      .inputs = "[FILE...]",
      .options = {cli::text("policy", set.policy, "FILE",
                            "what is watched, and the modes: twin-policy(5)"),
                  cli::text("commands", set.commands, "FILE",
                            "the newest command goes here, instead of the policy's file")},
      .statuses = {},
      .examples =
          {{"Compare the periods of a stored run",
            "twin-acquire --into foils.nxs --since 0 | twin-extract --recipe cu-k-periods.yaml | "
            "twin-steer --policy periods.yaml"}},
      .references = {"S. Holm, Scand. J. Stat. 6, 65 (1979)"},
      .see_also = {"twin-acquire(1)", "twin-policy(5)"}};
  return app::run(
      command, argc, argv,
      [&] {
        if (set.policy.empty()) throw Error(Cause::usage, "--policy: none given");
        return app::StartInfo{.seed = {}, .files = {set.policy}};
      },
      [&](app::Session& session) { app::steer(session, set); });
}
