# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2086
# Stands in place of {{jobs}} of the template: runs the jobs of $TWIN_LIST, of an array the one of its task. Each leaves
# its answer, its status, and last of all the manifest of its files. simulate is the template's.
set +eu # whatever the template has set

# own_potential: what was sent with the job is known to it before what the site has.
own_potential() {
  if [ ! -s potential ]; then return; fi
  sent=$TWIN_JOBS/../potentials/$(cat potential)
  export TWIN_POTENTIALS="$sent:$TWIN_POTENTIALS"
  for file in "$sent"/*; do
    case $file in *.yaml) ;; *) export LAMMPS_POTENTIALS="$sent" ;; esac
  done
}

# attempt: from restart.json, where it is there; status has how it ended, stopped whether it was told to.
attempt() {
  : >state.part
  stopped=
  trap 'stopped=1; pkill -TERM -P "$child" 2>/dev/null; kill -TERM "$child" 2>/dev/null' TERM
  {
    own_potential
    simulate $TWIN_OPTIONS --checkpoint restart.json model.jsonl
  } >state.part 2>>log 3>&- &
  child=$!
  echo "$child" >child
  wait "$child"
  status=$?
  while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    status=$?
  done
  trap - TERM
  rm -f child
}

run_job() {
  cd "$TWIN_JOBS/$1" || return 74
  rm -f exit manifest.sha256 state.part stopped trajectory.*.xyz
  attempt
  # 65: an input is wrong, which may be what the attempt before has left.
  if [ "$status" = 65 ] && [ -f restart.json ]; then
    mv -f restart.json restart.damaged
    echo 'restart.json is put aside as restart.damaged: the job begins anew' >>log
    attempt
  fi
  if [ -f cancelled ]; then return "$status"; fi # its answer may be there already: settle
  if [ "$status" -gt 128 ] && [ -n "$stopped" ]; then # at the time limit
    : >stopped
    return "$status"
  fi
  mv state.part state.jsonl
  echo "$status" >exit.part && mv exit.part exit && manifest
  return "$status"
}

last=0
if [ -n "$SLURM_ARRAY_TASK_ID" ]; then
  run_job "$(sed -n "${SLURM_ARRAY_TASK_ID}p" "$TWIN_LIST")"
  last=$?
else
  while read -r name <&3; do
    if [ -f "$TWIN_JOBS/$name/cancelled" ]; then continue; fi
    run_job "$name"
    last=$?
    if [ -n "$stopped" ]; then break; fi
  done 3<"$TWIN_LIST"
fi
exit "$last"
