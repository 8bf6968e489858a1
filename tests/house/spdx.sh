#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every source, script and build file says its licence in one of its first five lines.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
status=0
files() {
  find lib tools tests cmake scripts examples share CMakeLists.txt .ci -type f \
    \( -name '*.cpp' -o -name '*.h' -o -name '*.sh' -o -name '*.py' -o -name '*.cmake' \
    -o -name CMakeLists.txt -o -perm -u+x \) -not -name '*.pyc' 2>/dev/null
}
while IFS= read -r file; do
  head -n 5 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
    { echo "$file: no line SPDX-License-Identifier: GPL-3.0-or-later"; status=1; }
done < <(files)
exit $status
