# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# Says of every job in $folder where it stands: lines "job NAME", and what belongs to it below.
status() {
  if [ ! -d "$folder/jobs" ]; then
    echo "twinline none"
    return
  fi
  cd "$folder/jobs" || exit 77
  queue=
  answered=1
  if grep -qs '^slurm ' ./*/id; then
    find_queue
    queue=$(squeue --noheader --array --user="$(id -u)" --format='%i %T %r' 2>&1) || answered=0
    if [ "$answered" = 0 ]; then printf 'silent %s\n' "$(printf '%s' "$queue" | tr '\n' ' ')"; fi
  fi
  for at in */; do
    case $at in [.-]* | *[!A-Za-z0-9._+-]*/) continue ;; esac # no name of a job; with a line's end it would tell of others
    if [ -f "$at/model.jsonl" ]; then one "${at%/}"; fi
  done
  echo "twinline end"
}

one() {
  echo "job $1"
  id=
  if [ -f "$1/id" ]; then
    id=$(tail -n 1 "$1/id")
    echo "attempts $(wc -l <"$1/id" | tr -d ' ')"
    echo "id $id"
    echo "fruitless $(fruitless "$1")"
  fi
  for file in "$1"/trajectory.*.xyz; do
    if [ -f "$file" ]; then echo "growing $(wc -c <"$file" | tr -d ' ') ${file#*/}"; fi
  done
  if [ -f "$1/manifest.sha256" ] && [ -f "$1/exit" ]; then
    exited=$(cat "$1/exit")
    echo "exit $exited"
    case $exited in 0 | 1) ;; *) log "$1" ;; esac
    return
  fi
  case $id in
    'slurm '*) in_queue "$1" ;;
    'process '*) at_work "$1" ;;
  esac
  if [ -f "$1/stopped" ]; then echo limit; fi
  if [ -f "$1/cancelled" ]; then echo cancelled; fi
}

# fruitless NAME: so many attempts, the last among them, have brought it no frame further.
fruitless() {
  {
    cat "$1/frames"
    frames=$(head -c 500 "$1/restart.json" | sed -n 's/.*"produced":\([0-9]*\).*/\1/p')
    echo "${frames:-0}"
  } 2>/dev/null | awk 'NR > 1 { if ($1 > last) none = 0; else none++ } { last = $1 } END { print none + 0 }'
}

# log NAME [BATCH]: the last lines of what twin-simulate said, and of the batch script.
log() {
  tail -n 5 "$1/log" 2>/dev/null | tail -c 2000 | tr -d '\r' | sed 's/^/log /'
  if [ "$2" = batch ] && [ -f "$1/script" ]; then
    script=$(cat "$1/script")
    tail -n 3 "${script%.sh}.log" 2>/dev/null | tail -c 1000 | tr -d '\r' | sed 's/^/log /'
  fi
}

in_queue() {
  if [ "$answered" = 0 ]; then return; fi
  line=$(printf '%s\n' "$queue" | grep "^${id#slurm } " | head -n 1)
  if [ -n "$line" ]; then
    echo "queue ${line#* }"
    return
  fi
  known=$(scontrol --oneliner show job "${id#slurm }" 2>/dev/null | tr ' ' '\n' | sed -n 's/^JobState=//p' | head -n 1)
  echo "gone ${known:-unknown}"
  log "$1" batch
}

at_work() {
  number=${id#process }
  if [ "$(cut -d ' ' -f 22 "/proc/${number% *}/stat" 2>/dev/null)" != "${number#* }" ]; then
    echo "gone unknown"
    log "$1" batch
  elif [ -f "$1/state.part" ]; then
    echo process
  else
    echo waits
  fi
}
