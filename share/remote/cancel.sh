# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# cancel NAME...: takes jobs of $folder out of the queue, or ends their processes. 1 when the queue refuses.
cancel() {
  cd "$folder/jobs" || exit 66
  refused=0
  find_queue
  for name; do
    if [ -f "$name/exit" ] || [ ! -f "$name/id" ]; then continue; fi
    : >"$name/cancelled"
    id=$(tail -n 1 "$name/id")
    case $id in
      'slurm '*) scancel "${id#slurm }" || {
        rm -f "$name/cancelled"
        refused=1
      } ;;
      # The batch goes on with its other jobs: it passes over what is cancelled.
      'process '*) if [ -f "$name/child" ]; then kill -TERM "$(cat "$name/child")" 2>/dev/null; fi ;;
    esac
  done
  return $refused
}

# settle NAME <STATE: a job that is cancelled since its answer is there: this one. Its processes may go on for a while:
# what they write then goes where no name leads.
settle() {
  cd "$folder/jobs/$1" || exit 66
  for file in trajectory.*.xyz log; do
    if [ -f "$file" ]; then
      cp "$file" still.part && mv still.part "$file" || exit 74
    fi
  done
  cat >settled.part && mv settled.part state.jsonl || exit 74
  echo 0 >exit.part && mv exit.part exit || exit 74
  manifest
}
