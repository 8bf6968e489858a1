# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# manifest: sums and sizes of a job's files, in its folder: the last that is written of it.
manifest() {
  for file in model.jsonl state.jsonl trajectory.*.xyz log exit; do
    if [ -f "$file" ]; then
      printf '%s %s %s\n' "$(sha256sum <"$file" | cut -d ' ' -f 1)" "$(wc -c <"$file" | tr -d ' ')" "$file"
    fi
  done >manifest.part && mv manifest.part manifest.sha256
}
