# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154,SC2086
# Functions of the script that submits jobs: begin, offer for each of them, finish; or begin, repeat. $folder is where to.
begin() {
  trap '' HUP PIPE # a connection that breaks leaves nothing half done
  mkdir -p "$folder/jobs" "$folder/batches" || exit 73
  cd "$folder" || exit 73
  folder=$(pwd)
  list=$folder/batches/$batch.$$.list
  : >"$list" || exit 74
}

attempts() { if [ -f "jobs/$1/id" ]; then wc -l <"jobs/$1/id" | tr -d ' '; else echo 0; fi; }

# produced NAME: frames that a job has so far, by its checkpoint.
produced() {
  frames=$(head -c 500 "jobs/$1/restart.json" 2>/dev/null | sed -n 's/.*"produced":\([0-9]*\).*/\1/p')
  echo "${frames:-0}"
}

# begun NAME ID: an attempt, and from how many frames on.
begun() {
  produced "$1" >>"jobs/$1/frames"
  echo "$2" >>"jobs/$1/id"
}

# claim NAME ATTEMPT: true for the one who may submit it. One who died doing so is waited for ten minutes.
claim() {
  find "jobs/$1" -name "claim.$2" -mmin +10 -exec rm -f {} + 2>/dev/null
  (set -C && : >"jobs/$1/claim.$2") 2>/dev/null
}

# give_up: nothing of the list was submitted; somebody may.
give_up() {
  while read -r name; do rm -f "jobs/$name/claim.$(attempts "$name")"; done <"$list"
}

no_room() {
  give_up
  echo "$folder: can't be written, perhaps for want of room" >&2
  exit 74
}

# keep SUM NAME <BASE64: a file of a potential, whose folder is named by its content.
keep() {
  mkdir -p "potentials/$1" || exit 73
  if [ -f "potentials/$1/$2" ]; then
    cat >/dev/null
  else
    base64 -d >"potentials/$1/.$2.$$" || no_room
    mv "potentials/$1/.$2.$$" "potentials/$1/$2" || no_room
  fi
}

# offer NAME ATTEMPTS [SUM] <MODEL: on the list, unless it was submitted more often than that; with a potential of its own.
offer() {
  mkdir -p "jobs/$1" || exit 73
  if [ "$(attempts "$1")" = "$2" ] && claim "$1" "$2"; then
    rm -f "jobs/$1/cancelled"
    if [ -n "$3" ]; then echo "$3" >"jobs/$1/potential"; fi
    if ! echo "$1" >>"$list" || ! cat >"jobs/$1/model.part" || ! mv "jobs/$1/model.part" "jobs/$1/model.jsonl"; then
      rm -f "jobs/$1/claim.$2" # the list may lack it
      no_room
    fi
  else
    cat >/dev/null
    echo "known $1"
  fi
}

# to_queue SCRIPT: all of the list by one sbatch.
to_queue() {
  array=
  if [ "$count" -gt 1 ]; then array=--array=1-$count; fi
  answer=$(sbatch --parsable --export=ALL --signal=B:TERM@60 --output="${1%.sh}.log" --chdir="$folder" $array "$1" 2>&1)
  status=$?
  id=$(printf '%s\n' "$answer" | tail -n 1 | cut -d ';' -f 1)
  case $id in '' | *[!0-9]*) status=70 ;; esac
  if [ "$status" != 0 ]; then
    give_up
    printf 'refused %s\n' "$(printf '%s' "$answer" | tr '\n' ' ')"
    return
  fi
  task=0
  while read -r name; do
    task=$((task + 1))
    own=$id
    if [ "$count" -gt 1 ]; then own=${id}_$task; fi
    begun "$name" "slurm $own"
    echo "submitted $name slurm $own"
  done <"$list"
}

# to_background SCRIPT: where there is no queue.
to_background() {
  own_session=
  if command -v setsid >/dev/null 2>&1; then own_session=setsid; fi
  shell=$(sed -n '1s/^#! *//p' "$1")
  $own_session nohup nice -n 10 ${shell:-sh} "$1" >"${1%.sh}.log" 2>&1 </dev/null &
  number=$!
  began=$(cut -d ' ' -f 22 "/proc/$number/stat" 2>/dev/null || echo 0)
  while read -r name; do
    begun "$name" "process $number $began"
    echo "submitted $name process $number"
  done <"$list"
}

# launch SCRIPT: all of the list.
launch() {
  export TWIN_JOBS="$folder/jobs" TWIN_LIST="$list"
  while read -r name; do echo "$1" >"jobs/$name/script"; done <"$list"
  if find_queue; then to_queue "$1"; else to_background "$1"; fi
}

# finish <SCRIPT
finish() {
  count=$(wc -l <"$list" | tr -d ' ')
  if [ "$count" = 0 ]; then
    rm -f "$list"
    cat >/dev/null
    return
  fi
  script=$folder/batches/$batch.$$.sh
  cat >"$script" || no_room
  launch "$script"
}

# repeat NAME ATTEMPTS: as it was submitted before, unless it was more often than that.
repeat() {
  if [ -f "jobs/$1/script" ] && [ "$(attempts "$1")" = "$2" ] && claim "$1" "$2"; then
    echo "$1" >"$list" || exit 74
    rm -f "jobs/$1/cancelled"
    count=1
    launch "$(cat "jobs/$1/script")"
  else
    rm -f "$list"
    echo "known $1"
  fi
}
