#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: summary.py [passed=N] [failed=N] JUNIT.xml...

Lists what was skipped and why, names what failed, and ends with `N passed, N failed, N skipped`:
the sum over the files of ctest --output-junit and the counts given. A missing file counts as one failure.
"""
import collections
import sys
import xml.etree.ElementTree as ElementTree


def reason(case):
    """The line that says why: ours begins with `skipped:`."""
    lines = [line.strip() for line in (case.findtext("system-out") or "").splitlines()]
    told = [line for line in lines if "skipped:" in line]
    return told[0][told[0].index("skipped:") + len("skipped:"):].strip() if told else "no reason given"


def outcome(case):
    """passed, failed or skipped. A test whose program is missing did not run either: that is a failure."""
    skipped = case.find("skipped")
    if skipped is not None and skipped.get("message", "").startswith("SKIP_"):
        return "skipped"
    return "passed" if case.get("status") == "run" and case.find("failure") is None else "failed"


def read(path, counts, reasons):
    try:
        cases = ElementTree.parse(path).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        print(f"failed: {path}: no results; the tests did not run to their end")
        counts["failed"] += 1
        return
    for case in cases:
        what = outcome(case)
        counts[what] += 1
        if what == "failed":
            print(f"failed: {case.get('name')}")
        elif what == "skipped":
            reasons[reason(case)].append(case.get("name"))


def main(arguments):
    counts, reasons = collections.Counter(), collections.defaultdict(list)
    for argument in arguments:
        name, equals, number = argument.partition("=")
        if equals and name in ("passed", "failed", "skipped"):
            counts[name] += int(number)
        else:
            read(argument, counts, reasons)
    for why, names in sorted(reasons.items()):
        names = sorted(set(names))
        shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        print(f"skipped: {why}: {shown}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
