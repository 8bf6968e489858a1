# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# find_queue: SLURM's commands, by the $PATH of a login shell where ours has none of them. False where there are none.
find_queue() {
  if command -v sbatch >/dev/null 2>&1; then return; fi
  limit=
  if command -v timeout >/dev/null 2>&1; then limit='timeout 20'; fi
  # shellcheck disable=SC2016,SC2086
  login=$($limit "${SHELL:-sh}" -lc 'command -v sbatch >/dev/null && echo "PATH=$PATH"' 2>/dev/null </dev/null | sed -n 's/^PATH=//p' | tail -n 1)
  if [ -z "$login" ]; then return 1; fi
  PATH=$login
  export PATH
}
