#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text speaks of the project alone: no paths of a developer's machine, no leftovers, no misspellings."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SELF = "tests/house/words.py"
# Written apart so that this file does not find itself.
FORBIDDEN = {
    r"(?<![\w.])/" + r"work/": "a path of a machine",
    r"/tmp/" + r"b-": "a build folder of a machine",
    r"/home/" + r"\w+": "a path of a machine",
    r"/root/": "a path of a machine",
    r"\b(issue|session) #?\d+\b": "what a stranger can't look up",
    r"https?://\S*(pypi|proxy|mirror|artifactory)\S*": "a package host",
    r"<<<<<<" + r"< |>>>>>>" + r"> ": "a conflict marker",
    r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bX" + r"XX\b": "an unfinished thought",
    r"\bNO" + r"TE_[A-Z]": "a placeholder that was never filled in",
    r"\b[Nn]ot" + r"es/[a-z]|\bdesign" + r", section": "a document that is not in the repository",
}
IGNORED_WORDS = "ans,ba,fo,hist,nd,te,wit,inout,ue,pres,sur,ist,mis,thru,cas,creat,namd,ser,mater,commun,fro,temprature,dum,coul,lond"


def tracked():
    try:
        listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True)
        names = [n for n in listed.stdout.decode().split("\0") if n]
    except (OSError, subprocess.CalledProcessError):  # a release without git
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and "build" not in p.parts]
    return [n for n in names if n not in (SELF, "LICENSE") and (ROOT / n).is_file()]


def text_of(name):
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # binary


def spelling(names):
    if not shutil.which("codespell"):
        print("no codespell: spelling not checked")
        return []
    prose = [n for n in names if not n.startswith("tests/fuzz/corpus/") and not n.startswith("tests/data/")]
    found = subprocess.run(["codespell", "-L", IGNORED_WORDS, *prose], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.splitlines()


def main():
    problems, names = [], tracked()
    for name in names:
        for number, line in enumerate(text_of(name).splitlines(), 1):
            problems += [f"{name}:{number}: {what}: {line.strip()[:80]}"
                         for pattern, what in FORBIDDEN.items() if re.search(pattern, line)]
    problems += spelling(names)
    print("\n".join(problems) or f"{len(names)} files read")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
