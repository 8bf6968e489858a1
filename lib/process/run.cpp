// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"
#include "process/child_state.h"

namespace twin::process {

Finished run(const Launch& launch, Seconds time, std::string_view input) {
  constexpr std::size_t most_out = 64U << 20, most_error = 1U << 20;
  const Deadline deadline(time);
  Child child(launch);
  Finished finished;
  const auto collect = [&](Seconds patience) {
    while (const auto chunk = child.read(patience)) {
      if (chunk->channel == Channel::out) finished.out += chunk->bytes;
      if (chunk->channel == Channel::error && finished.error.size() < most_error)
        finished.error.append(chunk->bytes, 0, most_error - finished.error.size());
      if (finished.out.size() > most_out) child.state_->gone("wrote more than 64 MiB");
      if (deadline.over()) break;
    }
  };
  child.state_->feed(input, deadline);
  child.close_input();
  while (child.running() && child.state_->pipes_open() && !deadline.over())
    collect(std::min(deadline.left(), Seconds(0.05)));
  finished.ending = child.wait(deadline.left());
  collect(Seconds(0));
  if (finished.ending.timed_out)
    child.state_->gone("ran past " + shortest(time.count()) + " s and was killed");
  return finished;
}

}  // namespace twin::process
