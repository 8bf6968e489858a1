#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each room of lib/ includes only what its deps.txt allows, and names nothing in it that it does not use.

Also: no cycles, nothing includes tools/, and each outside library stays in its rooms.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIB = ROOT / "lib"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# By what an outside library is recognised in an #include: how its name in deps.txt is used.
OUTSIDE = {
    "cli11": r"CLI/",
    "eigen": r"(unsupported/)?Eigen/",
    "fftw": r"fftw3\.h",
    "gemmi": r"gemmi/",
    "gsl": r"gsl/",
    "hdf5": r"(H5|hdf5)",
    "libssh2": r"libssh2",
    "nlohmann-json": r"nlohmann/",
    "openssl": r"openssl/",
    "spdlog": r"(spdlog|fmt)/",
    "xraylib": r"xraylib",
    "yaml-cpp": r"yaml-cpp/",
    "zlib": r"zlib\.h",
}
WITHOUT_HEADER = {"threads"}  # linked for the standard library's sake
# Heavy headers never stand in a header of ours: each costs seconds a file.
HEAVY = {"cli11", "gemmi", "hdf5", "nlohmann-json", "spdlog", "xraylib", "yaml-cpp"}
# These libraries have one home, whatever a deps.txt says.
HOME = {
    "cli11": {"cli"},
    "gemmi": {"formats"},
    "hdf5": {"formats", "store"},  # formats: where the format itself is HDF5
    "libssh2": {"remote"},
    "nlohmann-json": {"formats", "sources", "stream"},
    "spdlog": {"cli"},
    "xraylib": {"atoms"},
    "yaml-cpp": {"stream"},
}
# Only the room process makes processes.
SPAWN = re.compile(
    r"(?<![\w.>:])(?:::|std::)?(v?fork|exec[lv]p?e?|execvpe|popen|system|posix_spawnp?)\s*\(")


class Room:
    """A folder of lib/ and what its deps.txt says."""

    def __init__(self, folder):
        self.name = folder.name
        self.folder = folder
        self.may, self.libraries = set(), set()
        for line in (folder / "deps.txt").read_text().splitlines():
            line = line.split("#")[0].strip()
            if line.startswith("lib:"):
                self.libraries.add(line[4:].strip())
            elif line:
                self.may.add(line)
        self.includes, self.outside = set(), set()  # as found

    def files(self):
        return sorted(p for p in self.folder.rglob("*") if p.suffix in (".cpp", ".h"))


def without_comments(text):
    """The code of a file: comments and texts in quotes blanked, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def outside_of(header):
    return next((name for name, at in OUTSIDE.items() if re.match(at, header)), None)


def check_include(room, rooms, path, place, quote, header, report):
    if header.startswith("tools/") or "/tools/" in header:
        report(place, "includes a tool; what it needs belongs into lib/app")
    other = header.split("/")[0] if "/" in header else None
    if quote == '"':
        if not (LIB / header).is_file():
            report(place, f"{header}: no such header in lib/; write it as room/header.h")
        elif other != room.name:
            room.includes.add(other)
            if other not in room.may:
                report(place, f"may not include {other}; lib/{room.name}/deps.txt does not name it")
        return
    library = outside_of(header)
    if not library:
        return
    room.outside.add(library)
    if library not in room.libraries and not allowed_through(room, rooms, library):
        report(place, f"uses {library}, which lib/{room.name}/deps.txt does not name")
    if library in HEAVY and path.suffix == ".h":
        report(place, f"{header} in a header of ours; it belongs into a .cpp")
    if library in HOME and room.name not in HOME[library]:
        report(place, f"only {', '.join(sorted(HOME[library]))} may see {library}")


def allowed_through(room, rooms, library):
    """Eigen and the like come along with the headers of a room that shows them."""
    return library not in HEAVY and any(library in rooms[other].libraries for other in room.may if other in rooms)


def check_file(room, rooms, path, report):
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            check_include(room, rooms, path, f"{path.relative_to(ROOT)}:{number}", *match.groups(), report)
    if room.name != "process":
        code = without_comments(text)
        for match in SPAWN.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            report(f"{path.relative_to(ROOT)}:{line}", f"{match.group(1)}(): only the room process spawns")


def check_unused(room, rooms, report):
    place = f"lib/{room.name}/deps.txt"
    if not any(path.suffix == ".cpp" for path in room.files()):
        return  # nobody lives here yet
    for other in sorted(room.may):
        if other not in rooms:
            report(place, f"names {other}, which is no room")
        elif other not in room.includes:
            report(place, f"names {other}, but includes nothing of it")
    for library in sorted(room.libraries - room.outside - WITHOUT_HEADER):
        report(place, f"names lib: {library}, but includes nothing of it")


def check_cycles(rooms, report):
    state = {}

    def visit(name, trail):
        if state.get(name) == "done" or name not in rooms:
            return
        if name in trail:
            cycle = trail[trail.index(name):] + [name]
            report(f"lib/{name}/deps.txt", "a cycle: " + " -> ".join(cycle))
            return
        for other in sorted(rooms[name].may):
            visit(other, trail + [name])
        state[name] = "done"

    for name in sorted(rooms):
        visit(name, [])


def check_tools(report):
    for path in sorted((ROOT / "tools").glob("*.cpp")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if match and (outside_of(match.group(2)) or "tools/" in match.group(2)):
                report(f"{path.relative_to(ROOT)}:{number}", "a tool is a declaration: it includes rooms only")


def main():
    problems = []

    def report(place, what):
        problems.append(f"{place}: {what}")

    rooms = {path.parent.name: Room(path.parent) for path in sorted(LIB.glob("*/deps.txt"))}
    for folder in sorted(p for p in LIB.iterdir() if p.is_dir() and p.name not in rooms):
        report(f"lib/{folder.name}", "a room without a deps.txt")
    for room in rooms.values():
        for path in room.files():
            check_file(room, rooms, path, report)
        check_unused(room, rooms, report)
    check_cycles(rooms, report)
    check_tools(report)
    print("\n".join(problems) or f"{len(rooms)} rooms in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
