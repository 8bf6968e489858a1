#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every C++ file is as clang-format-14 writes it.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
command -v clang-format-14 >/dev/null || { echo "skipped: no clang-format-14"; exit 77; }
find lib tools tests \( -name '*.cpp' -o -name '*.h' \) -print0 | xargs -0 clang-format-14 --dry-run -Werror
