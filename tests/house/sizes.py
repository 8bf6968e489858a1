#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A header is at most 150 lines, a source at most 300; exceptions stand in sizes.allow with a reason."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMITS = {".h": 150, ".cpp": 300}


def allowed():
    """{path: reason} of sizes.allow; a line is `path: reason`."""
    result = {}
    for line in (ROOT / "tests/house/sizes.allow").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            path, _, reason = line.partition(":")
            result[path.strip()] = reason.strip()
    return result


def main():
    allow, problems, used = allowed(), [], set()
    for folder in ("lib", "tools", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            limit = LIMITS.get(path.suffix)
            if not limit:
                continue
            name = str(path.relative_to(ROOT))
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines <= limit:
                continue
            used.add(name)
            if not allow.get(name):
                problems.append(f"{name}: {lines} lines, at most {limit}; split it by topic, or give a "
                                "reason in tests/house/sizes.allow")
    problems += [f"tests/house/sizes.allow: {name} is not over the limit; take it out" for name in allow if name not in used]
    print("\n".join(problems) or "all within their sizes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
