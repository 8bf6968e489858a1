# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups kills and latency of tests/show/steer: the whole chain of programs, from a file in a folder to a command and a mode.

kills: stages are killed (SIGKILL) at random moments while scans come. The beamline is whoever reads mode.yaml: it is in its safe
mode when that says so, or its time has passed, as twin-bounds(5) asks of it. Then all is started anew, the run from its beginning.
latency: a scan at a time, from its closing to the file of commands being replaced, as inotify tells; twin-match is left out: its
verdict follows the result that it has passed on.
"""
import concurrent.futures
import ctypes
import datetime
import json
import math
import os
import pathlib
import random
import select
import signal
import statistics
import struct
import subprocess
import sys
import threading
import time

from power_loss import RENAME, SYNC, WRITE, read_log
from report import at, check

TTL, HOLDS = 1.0, 1.0  # s, of a command and of what mode.yaml says
STAGES = ["acquire", "extract", "match", "steer"]
ENGINE = """import json, sys
for text in sys.stdin:
    request = json.loads(text)
    if request.get("kind") == "model":
        step = request["model"]["free"]["step"]["start"]
        print(json.dumps({"schema": "twin-stream/1", "kind": "state", "request": request["request"], "how": "run", "equilibrated": True, "n_eff": 100,
                          "seed": 1, "parameters": {"step": {"value": step, "method": "model"}},
                          "quantities": {"edge_step": {"value": step, "sigma": 1e-4, "unit": "", "method": "pre-post-edge"}}}), flush=True)
"""
FILES = {
    "recipe.yaml": "format: twin-recipe/1\ntechnique: xas\nedge: Cu K\ncolumns: {energy: energy, mu: mu}\n"
                   "reduce: {pre1: -150, pre2: -30, norm1: 50, norm2: 300, nnorm: 1}\n",
    "policy.yaml": "format: twin-policy/1\nwatch: [edge_step]\nbaseline: {samples: 10}\nmodes:\n"
                   "  quiet: {scan: exafs-full, every: 0.9 s, dose: 1 Gy}\n  track: {scan: xanes-quick, every: 0.5 s, dose: 1 Gy}\n"
                   "safe_mode: quiet\ndose: {budget: 100000 Gy, file: dose.yaml}\n"
                   f"commands: {{file: rate.yaml, ttl: {TTL} s}}\n",
    "bounds.yaml": "format: twin-bounds/1\nevery: {least: 0.1 s, most: 1 h}\nmodes:\n"
                   "  quiet: {scan: exafs-full, every: 0.9 s, dose: 1 Gy}\n  track: {scan: xanes-quick, every: 0.5 s, dose: 1 Gy}\n"
                   "safe_mode: quiet\nslew: {factor: 1000, per: 1e-3 s}\ndwell: 1e-3 s\norders_per_minute: 600\n"
                   "dose: {budget: 100000 Gy}\ntoken: token\noverride: operator\naudit: audit.jsonl\n"
                   f"actuator: {{file: mode.yaml, holds: {HOLDS} s}}\n",
    "model.yaml": "format: twin-model/1\nname: edge\nfree: {step: {start: 1, bounds: [0.1, 100]}}\nfit_to: [edge_step]\n"
                  "tolerance: {edge_step: 10}\nbudget: 3\nseed: 1\n",
    "engine.py": ENGINE,
    "token": "2099-01-01T00:00:00Z\n",
}


def edge(step, number, draw):
    """Columns of a copper K edge of that step, 100 points."""
    lines = [f"# scan {number}", "# energy mu"]
    for i in range(100):
        energy = 8800 + 5 * i
        mu = step * (0.5 + math.atan((energy - 8979) / 2) / math.pi) + draw.gauss(0, 1e-3)
        lines.append(f"{energy} {mu:.7f}")
    return "\n".join(lines) + "\n"


def mode_of_beamline():
    """What the beamline is in: see virtual-beamline."""
    try:
        said = dict(line.split(": ", 1) for line in pathlib.Path("mode.yaml").read_text(encoding="ascii").splitlines())
        until = datetime.datetime.fromisoformat(said["until"].strip("'\"").replace("Z", "+00:00"))
    except FileNotFoundError:
        return "quiet"
    return said["mode"] if until > datetime.datetime.now(datetime.timezone.utc) else "quiet"


def until(true, seconds, pause=0.01):
    """Seconds that it took; inf where it did not come."""
    begin = time.monotonic()
    while not true():
        if time.monotonic() - begin > seconds:
            return math.inf
        time.sleep(pause)
    return time.monotonic() - begin


class Scans:
    """The beamline goes on measuring, whoever dies: an edge that rises from scan 15 on."""

    def __init__(self, seed):
        self.draw, self.count, self.ending = random.Random(seed), 0, threading.Event()
        self.thread = threading.Thread(target=self.measure, daemon=True)
        self.thread.start()

    def measure(self):
        while not self.ending.wait(0.05):
            step = 1 + 0.01 * max(0, self.count - 15)
            text = edge(step, self.count, self.draw)
            pathlib.Path(f"spool/s{self.count}.dat").write_text(text, encoding="ascii")
            self.count += 1

    def end(self):
        self.ending.set()
        self.thread.join()


class Pipeline:
    """{ twin-acquire --since 0; twin-acquire --watch --obey --arm; } | twin-extract | twin-match --follow | twin-steer > RECORDS"""

    def __init__(self, binary, records, anew):
        def start(name, *words, **pipes):
            return subprocess.Popen([str(binary / f"twin-{name}"), "--quiet", *words], stderr=errors, **pipes)

        with open(f"{records}.err", "w", encoding="utf-8") as errors, open(records, "w", encoding="utf-8") as out:
            read, write = os.pipe()
            first, then = os.pipe()
            self.stages = {"extract": start("extract", "--recipe", "recipe.yaml", stdin=read, stdout=then)}
            match = start("match", "--follow", "--model", "model.yaml", "--engine", f"{sys.executable} engine.py", stdin=first,
                          stdout=subprocess.PIPE)
            self.stages["match"] = match
            self.stages["steer"] = start("steer", "--policy", "policy.yaml", stdin=match.stdout, stdout=out)
            match.stdout.close()
            for descriptor in (read, first, then):
                os.close(descriptor)
            if anew:
                start("acquire", "--into", "run.nxs", "--since", "0", stdin=subprocess.DEVNULL, stdout=write).wait()
            self.stages["acquire"] = start("acquire", "--watch", "spool", "--into", "run.nxs", "--obey", "rate.yaml", "--bounds", "bounds.yaml",
                                           "--arm", stdin=subprocess.DEVNULL, stdout=write)
            os.close(write)

    def kill(self, stage):
        self.stages[stage].kill()
        return time.monotonic()

    def end(self):
        """The statuses of all; -1 of one that has to be killed."""
        if self.stages["acquire"].poll() is None:
            self.stages["acquire"].send_signal(signal.SIGTERM)
        out = {}
        for name in STAGES:
            try:
                out[name] = self.stages[name].wait(20)
            except subprocess.TimeoutExpired:
                self.stages[name].kill()
                out[name] = -1
        return out


def records_of(name):
    return [json.loads(line) for line in pathlib.Path(name).read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def changes_of(name):
    """Ids of what twin-steer itself found."""
    return [r["id"] for r in records_of(name) if r["kind"] == "event" and r["what"] in ("baseline", "change", "onset")]


def memory_of_gateway():
    lines = [line for line in pathlib.Path("audit.jsonl").read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return json.loads(lines[-1])["memory"]


def dose_of_steer():
    try:
        return float(pathlib.Path("dose.yaml").read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        return 0.0


def stored(binary):
    done = subprocess.run([str(binary / "twin-acquire"), "--into", "run.nxs", "--list"], capture_output=True, text=True, check=True)
    return [line.split("\t")[2] for line in done.stdout.splitlines()[1:] if line.split("\t")[1] == "measurement"]


def one_kill(binary, stage, seed, early):
    """What was seen of it: a list of what is wrong, and times in s."""
    draw, wrong = random.Random(seed), []
    os.makedirs("spool")
    for name, text in FILES.items():
        pathlib.Path(name).write_text(text, encoding="utf-8")
    pipeline = Pipeline(binary, "first", False)
    until(lambda: os.path.exists("mode.yaml"), 20)
    time.sleep(0.2)  # what is there before it is followed has to be still for 2 s, and comes out of order
    scans = Scans(seed)
    if not early and until(lambda: mode_of_beamline() == "track", 20) == math.inf:
        wrong.append("the tracking mode did not come")
    time.sleep(draw.uniform(0, 1))
    at_kill, killed, clock = mode_of_beamline(), pipeline.kill(stage), time.time()
    safe = until(lambda: mode_of_beamline() == "quiet", 10)
    time.sleep(max(0.0, killed + TTL + 0.5 - time.monotonic()))
    if mode_of_beamline() != "quiet":
        wrong.append("the tracking mode came back")
    statuses = pipeline.end()
    behind = STAGES[STAGES.index(stage) + 1:]
    if any(statuses[name] == 0 for name in [stage, *behind]) or -1 in statuses.values():
        wrong.append(f"statuses {statuses}")
    found, gateway, steer = changes_of("first"), memory_of_gateway(), dose_of_steer()
    begin = time.monotonic()
    pipeline = Pipeline(binary, "second", True)
    tracks = until(lambda: mode_of_beamline() == "track", 20)
    back = time.monotonic() - begin
    if tracks == math.inf:
        wrong.append("the tracking mode did not come back")
    scans.end()
    if until(lambda: dose_of_steer() >= scans.count, 10) == math.inf:
        wrong.append("not all scans were counted")
    statuses = pipeline.end()
    if -1 in statuses.values():
        wrong.append(f"statuses {statuses} in the end")
    names = stored(binary)
    if sorted(names) != sorted(f"s{i}" for i in range(scans.count)):
        wrong.append(f"{scans.count} scans, {len(names)} stored, {len(set(names))} different ones")
    if changes_of("second")[:len(found)] != found:
        wrong.append(f"{len(found)} findings before, not all of them again")
    if dose_of_steer() != scans.count or dose_of_steer() < steer:
        wrong.append(f"{dose_of_steer()} Gy of {scans.count} scans, {steer} before")
    first_memory = next(json.loads(line) for line in pathlib.Path("audit.jsonl").read_text(encoding="utf-8").splitlines()[::-1]
                        if '"text":"start"' in line)["memory"]["dose_Gy"]
    # What was ordered goes on until the kill, at least, and for 60 s and what the file holds at most.
    before, rate = gateway["dose_Gy"], gateway["spends_Gy_s"]
    least, most = before + rate * max(0.0, clock - gateway["at"]), before + rate * (60 + HOLDS)
    if not least - 1e-3 * rate <= first_memory <= most:
        wrong.append(f"the gateway began anew at {first_memory} Gy, {least:.2f} to {most:.2f} were expected")
    replay = subprocess.run([str(binary / "twin-acquire"), "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"], capture_output=True, text=True,
                            check=False)
    if replay.returncode != 0:
        wrong.append("its log: " + replay.stdout.strip()[-200:])
    return wrong, safe if at_kill == "track" else None, back, len(found)


def log_before_order(binary, show):
    """What a recorder of writes and syncs saw: between the log's line of an order and the order's file lies the log's sync."""
    for name, text in FILES.items():
        pathlib.Path(name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "LD_PRELOAD": str(show / "show_recorder.so"), "RECORDER_LOG": os.path.abspath("../deeds"),
                   "RECORDER_FOLDER": os.getcwd(), "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    child = subprocess.Popen([str(binary / "twin-acquire"), "--quiet", "--obey", "rate.yaml", "--bounds", "bounds.yaml", "--arm"], env=environment,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for number in range(40):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = f"schema: twin-stream/1\nkind: command\nid: c{number}\nby: shown\ntime: {now}\nsequence: {number}\n" + \
            f"mode: {'track' if number % 2 == 0 else 'quiet'}\nttl_seconds: 1\nreason: shown\n"
        pathlib.Path("next").write_text(text, encoding="ascii")
        os.rename("next", "rate.yaml")
        time.sleep(0.15)
    child.terminate()
    child.wait()
    log, synced, mode, bad, orders, written = b"", None, None, 0, 0, {}
    for deed, path, data, _, _ in read_log("../deeds"):
        if deed == WRITE and os.path.basename(path) == "audit.jsonl":
            log += data
        elif deed == WRITE:
            written[path] = written.get(path, b"") + data
        elif deed == SYNC and os.path.basename(path) == "audit.jsonl":
            lines = [json.loads(line) for line in log.splitlines() if b'"order":' in line]
            synced = lines[-1]["order"]["mode"] if lines else None
        elif deed == RENAME:
            text = written.pop(path, b"").decode()
            if os.path.basename(data.decode()) == "mode.yaml" and (now := text.split("\n", 1)[0].removeprefix("mode: ")) != mode:
                mode, orders, bad = now, orders + 1, bad + (now != synced)
    check("changes of mode that went out before the log's line of them was synced", f"{bad} of {orders}", "none of 30 or more", bad == 0 and orders >= 30)


def in_folder(folder, work, *words):
    """What it makes of them in a new folder."""
    before = os.getcwd()
    os.makedirs(folder)
    os.chdir(folder)
    try:
        return work(*words)
    finally:
        os.chdir(before)


def kills(binary, show, full):
    """Each stage, at random moments; a fifth of them before there is anything to see. Three at a time."""
    in_folder("log", log_before_order, binary, show)
    rounds = 50 if full else 5
    for stage in STAGES:
        bad, safe, back, found = [], [], [], 0
        with concurrent.futures.ProcessPoolExecutor(3) as pool:
            jobs = [pool.submit(in_folder, f"{stage}{i}", one_kill, binary, stage, 1000 * STAGES.index(stage) + i, i % 5 == 4) for i in range(rounds)]
        for i, job in enumerate(jobs):
            wrong, seconds, again, findings = job.result()
            bad += [f"{stage}{i}: {text}" for text in wrong]
            safe += [seconds] if seconds is not None else []
            back.append(again)
            found += findings
        for text in bad[:5]:
            print(text)
        most = max(safe, default=math.inf)
        check(f"twin-{stage} killed {rounds} times, {len(safe)} in the tracking mode",
              f"safe mode after median {at(safe, 0.5):.2f} s, longest {most:.2f} s; tracking again {statistics.median(back):.2f} s after the restart, "
              f"longest {max(back):.2f} s; {found} findings before, {len(bad)} wrong",
              f"safe within {TTL + 0.5:.1f} s (ttl {TTL:.0f} s, looked for each 0.1 s), no scan lost or twice, findings and doses kept, the log replays",
              not bad and most <= TTL + 0.5 and found > 0)


class Replaced:
    """Waits until the file of commands is another."""

    def __init__(self, folder):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self.libc.inotify_init1(os.O_CLOEXEC)
        moved_to = 0x80
        assert self.libc.inotify_add_watch(self.descriptor, folder.encode(), moved_to) >= 0

    def wait(self, name, seconds):
        """When it was, monotonic; nothing where it was not."""
        end = time.monotonic() + seconds
        while select.select([self.descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
            now, data, begin = time.monotonic(), os.read(self.descriptor, 65536), 0
            while begin < len(data):
                _, _, _, size = struct.unpack_from("iIII", data, begin)
                if data[begin + 16:begin + 16 + size].rstrip(b"\0") == name.encode():
                    return now
                begin += 16 + size
        return None


def foil(path):
    """Energies and absorption of a measured scan."""
    rows = [line.split() for line in path.read_text(encoding="latin-1").splitlines() if line.strip() and line.strip()[0] not in "#%"]
    return [(float(row[0]), float(row[1])) for row in rows]


def latency(binary, share, data, full):
    """Of a whole EXAFS spectrum with a fit of its first shell."""
    points, draw, count = foil(data / "cu_50k.xmu"), random.Random(3), 2000 if full else 200
    recipe = (share / "recipes/cu-k.yaml").read_text(encoding="utf-8").replace("mu: xmu", "mu: mu")
    recipe = recipe.replace("standard: {scan: cu, n: 12, gives: [s02]}", "standard: {s02: 0.9, s02_sigma: 0.01, s02_sigma_sys: 0.01}")
    pathlib.Path("recipe.yaml").write_text(recipe, encoding="utf-8")
    pathlib.Path("policy.yaml").write_text("format: twin-policy/1\nwatch: [r:Cu-Cu.1, sigma2:Cu-Cu.1, n:Cu-Cu.1]\nbaseline: {samples: 50}\nmodes:\n"
                                           "  quiet: {scan: exafs-full, every: 30 s}\n  track: {scan: exafs-quick, every: 10 s}\nsafe_mode: quiet\n"
                                           "commands: {file: orders/rate.yaml, ttl: 60 s}\n", encoding="utf-8")
    os.makedirs("spool")
    os.makedirs("orders")

    def start(name, *words, **pipes):
        return subprocess.Popen([str(binary / f"twin-{name}"), "--quiet", *words], **pipes)

    acquire = start("acquire", "--watch", "spool", "--into", "run.nxs", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    extract = start("extract", "--recipe", "recipe.yaml", stdin=acquire.stdout, stdout=subprocess.PIPE)
    with open("records", "wb") as out:
        steer = start("steer", "--policy", "policy.yaml", stdin=extract.stdout, stdout=out)
    acquire.stdout.close()
    extract.stdout.close()
    replaced, late, missing = Replaced("orders"), [], 0
    before = 20  # the first one waits for FEFF
    for i in range(before + count):
        text = "# energy mu\n" + "".join(f"{e:.4f} {mu + draw.gauss(0, 2e-4):.8f}\n" for e, mu in points)
        with open(f"spool/s{i}.dat", "w", encoding="ascii") as file:
            file.write(text)
        closed = time.monotonic()
        told = replaced.wait("rate.yaml", 30)
        if i >= before and told is not None:
            late.append(1000 * (told - closed))
        missing += told is None
        time.sleep(draw.uniform(0.005, 0.02))
    acquire.terminate()
    statuses = [acquire.wait(), extract.wait(), steer.wait()]
    policy = {os.SCHED_OTHER: "with the priority of all others", os.SCHED_RR: f"at real-time priority {os.sched_getparam(0).sched_priority}"}
    check(f"{count} scans of {len(points)} points, fitted, closed → command, {policy.get(os.sched_getscheduler(0), 'at another priority')}",
          f"median {at(late, 0.5):.1f} ms, p90 {at(late, 0.9):.1f}, p99 {at(late, 0.99):.1f}, longest {max(late, default=math.nan):.1f} ms; {missing} without a "
          f"command; statuses {statuses}; load {os.getloadavg()[0]:.1f}", "median < 20 ms, p99 < 50 ms, all", missing == 0 and
          at(late, 0.5) < 20 and at(late, 0.99) < 50)
