#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual page of each tool is what the tool itself generates, is clean under mandoc, and names
# every option of --help. Pages of formats are clean too, and a shared file that one shows as its
# example is the file itself. scripts/manuals writes the pages of tools anew.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
bin=${TWINLINE_BIN:-build/release/bin}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
problem() { echo "$*"; status=1; }

command -v mandoc >/dev/null || { echo "skipped: no mandoc"; exit 77; }
shopt -s nullglob
tools=("$bin"/twin-*)
((${#tools[@]})) || { echo "skipped: no tools in $bin"; exit 77; }

for tool in "${tools[@]}"; do
  name=$(basename "$tool")
  page=man/man1/$name.1
  "$tool" --generate=man >"$scratch/$name.1" || { problem "$name: --generate=man fails"; continue; }
  [[ -f $page ]] || { problem "$page: missing; run scripts/manuals"; continue; }
  diff -u "$page" "$scratch/$name.1" || problem "$page: not what $name generates; run scripts/manuals"
  # Layout (columns, indentation) is no option: the names are what counts.
  mandoc -T utf8 "$page" | sed 's/.\x08//g' >"$scratch/shown"
  for option in $("$tool" --help | grep -oE '^  --[a-z][a-z0-9-]*' | tr -d ' '); do
    grep -qF -- "$option" "$scratch/shown" || problem "$page: does not name $option"
  done
done
for page in man/man?/*; do
  mandoc -T lint -W warning "$page" || problem "$page: mandoc finds faults"
done
# `.Pa share/FILE :`, then the file between .Bd and .Ed.
for page in man/man5/*; do
  while IFS= read -r file; do
    awk -v head=".Pa $file :" '$0 == head { found = 1 } found && /^\.Ed/ { exit } shown { print } found && /^\.Bd/ { shown = 1 }' \
      "$page" | sed "s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\(ha/^/g; s/\\\\e/\\\\/g" >"$scratch/example"
    diff -u "$file" "$scratch/example" || problem "$page: its example is not $file"
  done < <(sed -n 's/^\.Pa \(share\/[^ ]*\) :$/\1/p' "$page")
done
# A page that no tool has is a page of a tool that has gone.
for page in man/man1/*; do
  [[ -x $bin/$(basename "$page" .1) ]] || problem "$page: there is no such tool"
done
exit $status
