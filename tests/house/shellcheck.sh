#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every script of the shell is clean under shellcheck; of share/remote all but the template.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck"; exit 77; }
mapfile -t scripts < <(find scripts tests examples .ci -type f -size +0 -not -path '*/corpus/*' \
  -exec awk 'FNR == 1 && /^#!.*[ \/](ba)?sh$/ { print FILENAME } { nextfile }' {} + 2>/dev/null)
for script in share/remote/*.sh; do
  case $script in */job.sh) ;; *) scripts+=("$script") ;; esac # that one is a template
done
shellcheck "${scripts[@]}"
