# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# cancel NAME...: takes jobs of $folder out of the queue, or ends their processes.
cancel() {
  cd "$folder/jobs" || exit 66
  for name; do
    if [ -f "$name/exit" ] || [ ! -f "$name/id" ]; then continue; fi
    : >"$name/cancelled"
    id=$(tail -n 1 "$name/id")
    number=${id#process }
    case $id in
      'slurm '*) scancel "${id#slurm }" ;;
      'process '*)
        if [ "$(cut -d ' ' -f 22 "/proc/${number% *}/stat" 2>/dev/null)" = "${number#* }" ]; then
          kill -TERM -"${number% *}" 2>/dev/null || kill -TERM "${number% *}"
        fi
        ;;
    esac
    echo "cancelled $name"
  done
}
