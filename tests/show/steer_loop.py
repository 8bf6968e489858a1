# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed loop on the virtual beamline: acquire | extract | match | steer, whose commands the beamline obeys by acquire --obey.

A ramp of 2 K/min from 480 K, two hours, at SPEED times the clock; both modes take the same scan of 1.5 s, every 50 s or every 2.5 s
(f_max / f_min = 20), so that dose is the number of scans. The twin has both phases of CsPbI3, as twin-simulate made them beforehand
(its states are served by prepared_engine.py: what LAMMPS costs in a loop is tests/show/match's `follow`), and the prior of the change
that the beamline draws from. Without a change: the same, the ramp held at 545 K.
"""
import json
import os
import pathlib
import subprocess
import sys

from report import at, check, clopper_pearson

QUIET, TRACK, SPEED, DURATION = 50.0, 2.5, 60, 7200
HORIZON = 300  # s of the beamline's time
RECIPE = """format: twin-recipe/1
technique: xas
edge: Pb L3
columns: {energy: energy, i0: i0, it: itrans}
reduce: {pre1: -190, pre2: -40, norm1: 60, norm2: 490, nnorm: 2}
autobk: {rbkg: 1.2, kweight: 2}
standard: {s02: 0.9, s02_sigma: 0.02}
fit: {space: r, kmin: 2.5, kmax: 9, dk: 1, kweights: [2], window: hanning, rmin: 1.6, rmax: 3.4}
paths:
  - {name: Pb-I.1, n: {value: 6}, r: {value: 3.15 Å, free: true}, sigma2: {value: 0.03 Å², free: true}, e0: {free: true}}
feff: {structure: SHARE/structures/CsPbI3-cubic.cif, rmax: 4, legs: 2, amplitude_sys: 2 %}
bands: [3.6-5.0]
xanes:
  lcf:
    standards: [{name: delta, file: YELLOW}, {name: black, file: BLACK}]
    range: [20, 300]
    space: flat
    broadening: false
    self_absorption: false
    shift: false
    nonnegative: false
"""
MODEL = """format: twin-model/1
name: cspbi3-heated
structure: {cif: SHARE/structures/CsPbI3-cubic.cif, supercell: [4, 4, 4]}
alternatives:
  - {name: delta, cif: SHARE/structures/CsPbI3-delta.cif, supercell: [2, 4, 1]}
transitions:
  - {from: delta, to: structure, at: {mean: 600 K, sigma: 10 K}, width: {mean: 7.5 K, sigma: 2.6 K}}
potential: myp-cspbi3
ensemble: {nvt: {temperature: {from: measurement, value: 600 K, sigma: 2 K}}}
absorption: {edge: Pb L3, rmax: 5 Å, legs: 2, kmax: 12}
hold_back: [r:Pb-I.1, sigma2:Pb-I.1, chi_r:3.6-5]
tolerance: {r:Pb-I.1: 0.05 Å, sigma2:Pb-I.1: 30 %, chi_r:3.6-5: 40 %}
discrepancy: {r:Pb-I.1: 0.005 Å}
measure_with: recipe.yaml
budget: 6
seed: 1
"""
POLICY = f"""format: twin-policy/1
watch: [fraction:delta]
baseline: {{samples: 50, drift: linear-in temperature}}
false_alarms: {{at_most: 0.05, per: 500 samples}}
modes:
  quiet: {{scan: exafs-fly, every: {QUIET} s}}
  track: {{scan: exafs-fly, every: {TRACK} s}}
safe_mode: quiet
forecast: {{from: twin, raise_if: "P(onset within {HORIZON / SPEED} s) > 0.3"}}
commands: {{file: rate.yaml, ttl: 60 s}}
"""
BOUNDS = f"""format: twin-bounds/1
every: {{least: {TRACK} s, most: {QUIET} s}}
modes:
  quiet: {{scan: exafs-fly, every: {QUIET} s}}
  track: {{scan: exafs-fly, every: {TRACK} s}}
safe_mode: quiet
slew: {{factor: 100, per: 1 s}}
dwell: 0.1 s
orders_per_minute: 600
token: armed
audit: orders.jsonl
actuator: {{file: mode.yaml}}
simulated: true
"""


def lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


class Loop:
    """One seed, in a folder of its own."""

    def __init__(self, root, binaries, states, seed, folder, heat_to=650):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        share = str(root / "share")
        for name, text in (("recipe.yaml", RECIPE), ("twin.yaml", MODEL), ("policy.yaml", POLICY), ("bounds.yaml", BOUNDS),
                           ("armed", "2999-01-01T00:00:00Z\n")):
            for word, meant in (("SHARE", share), ("YELLOW", states["spectra"][-2]), ("BLACK", states["spectra"][-1])):
                text = text.replace(word, meant)
            (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / "spool").mkdir()
        runs = sorted({pathlib.Path(path).with_suffix(".jsonl") for path in states["spectra"]})
        engine = f"{sys.executable} {root / 'tests/show/prepared_engine.py'} {' '.join(str(run) for run in runs)}"
        self.children = []

        def start(name, *words, source=None, out=subprocess.PIPE):
            log = open(self.folder / f"{name}.err", "wb")  # pylint: disable=consider-using-with
            child = subprocess.Popen([str(binaries / name), *words], stdin=source, stdout=out, stderr=log, cwd=self.folder)
            self.children.append(child)
            return child

        acquire = start("twin-acquire", "--edge", "Pb L3", "--watch", "spool", "--obey", "rate.yaml", "--bounds", "bounds.yaml", "--arm",
                        "--until-idle", "10")
        extract = start("twin-extract", "--recipe", "recipe.yaml", source=acquire.stdout)
        match = start("twin-match", "--follow", "--model", "twin.yaml", "--engine", engine, source=extract.stdout)
        with open(self.folder / "out.jsonl", "wb") as out:
            start("twin-steer", "--policy", "policy.yaml", source=match.stdout, out=out)
        for child in (acquire, extract, match):
            child.stdout.close()
        self.beamline = subprocess.Popen(
            [str(root / "examples/virtual-beamline"), "heating", *states["words"], "--spool", "spool", "--seed", str(seed), "--speed", str(SPEED),
             "--duration", str(DURATION), "--heat-from", "480", "--heat-to", str(heat_to), "--safe", "exafs-fly", str(QUIET), "--mode", "mode.yaml",
             "--flux", "1e10", "--truth", "truth.json"], cwd=self.folder, stdout=subprocess.DEVNULL)

    def wait(self):
        self.beamline.wait()
        self.statuses = [child.wait() for child in self.children]
        return self

    def told(self):
        """What the loop did, by the beamline's own account of the sample."""
        truth = json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))
        self.log, self.truth = truth["log"], truth["truth"]
        self.records = lines(self.folder / "out.jsonl")
        return self

    def events(self, *what):
        return [r for r in self.records if r["kind"] == "event" and r["what"] in what]

    def inside(self):
        """Scans that were begun in the transition, and how many a constant rate of the same dose would have begun there."""
        onset, end = self.truth["onset_s"], self.truth["end_s"]
        return sum(onset <= entry["t"] < end for entry in self.log), len(self.log) * (end - onset) / DURATION

    def dated(self):
        """Whether the newest onset set of the largest change holds the first scan behind the true onset; nothing without a change."""
        changes = []  # the newest event of each
        for event in self.events("change", "onset"):
            if event["what"] == "change":
                changes.append(event)
            else:
                changes[-1] = event
        if not changes:
            return None
        found = max(changes, key=lambda event: abs(event["quantities"]["fraction:delta"]["value"]))
        number = {entry["scan"]: i for i, entry in enumerate(self.log)}
        true = next(i for i, entry in enumerate(self.log) if entry["t"] >= self.truth["onset_s"])
        return number[found["first"]] <= true <= number[found["second"]]

    def raised(self):
        """Whether the tracking mode was on when 5 % were converted, and at which fraction it first was."""
        first = next((entry["fraction"] for entry in self.log if entry["mode"] == "track"), 1.0)
        last = [entry["mode"] for entry in self.log if entry["fraction"] < 0.05]
        return bool(last) and last[-1] == "track", first

    def forecasts(self):
        """(p, whether it came so) every 100 s since the first forecast: under way, or begun within the horizon."""
        time = {entry["scan"]: entry["t"] for entry in self.log}
        told = [(time[event["details"]["scan"]], event["details"]["probability"]) for event in self.events("forecast")]
        onset, end = self.truth["onset_s"], self.truth["end_s"]
        out = []
        for t in range(0, DURATION, 100):
            p = [value for at_time, value in told if at_time <= t]
            if p:
                out.append((p[-1], onset is not None and onset <= t + HORIZON and (end is None or end > t)))
        return out


def looped(root, binaries, states, seeds, name, **options):
    """All seeds, six at a time: each needs a tenth of a processor."""
    under_way, out = [], []
    for seed in [*seeds, *[None] * 6]:
        if len(under_way) == 6 or (seed is None and under_way):
            out.append(under_way.pop(0).wait().told())
        if seed is not None:
            under_way.append(Loop(root, binaries, states, seed, f"{name}-{seed}", **options))
    return out


def loop(root, binaries, full, skip):
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "TWINLINE_SHARE": str(root / "share")}
    folder = pathlib.Path("states").absolute()
    made = subprocess.run([root / "examples/virtual-beamline", "prepare", "--into", folder, "--at", "480", "650"], env=environment, capture_output=True, text=True,
                          check=False)
    if made.returncode != 0:
        said = made.stderr.splitlines() or [f"status {made.returncode}"]
        return skip(f"the twin's states could not be made: {said[-1]}")
    words = made.stdout.split()
    states = {"words": words, "spectra": [word for word in words if word.endswith(".xdi")]}
    count = 50 if full else 10
    runs = looped(root, binaries, states, range(1, count + 1), "heating")
    statuses = sorted({tuple(run.statuses) for run in runs})
    check("closed loop, statuses of acquire, extract, match, steer", f"{statuses}", "all 0", statuses == [(0, 0, 0, 0)])
    inside, constant = (sum(run.inside()[i] for run in runs) for i in (0, 1))
    each = [a / b for a, b in (run.inside() for run in runs)]
    check(f"points inside the transition, {count} seeds, f_max / f_min = {QUIET / TRACK:g}, transitions {100 * 90 / DURATION:.1f}-{100 * 360 / DURATION:.1f} % of the run",
          f"{inside} where a constant rate of equal dose has {constant:.0f}: {inside / constant:.1f} times; each {min(each):.1f}-{max(each):.1f}, median {at(each, 0.5):.1f}",
          "≥ 5 times", inside >= 5 * constant)
    dated = [run.dated() for run in runs]
    more = sum(len(run.events("change")) > 1 for run in runs)
    check("the onset of the largest change within its 95 % set", f"{dated.count(True)} of {count}, not found {dated.count(None)}; {more} told of more than one change", "≥ 90 %", dated.count(True) >= 0.9 * count)
    raised = [run.raised() for run in runs]
    check("the mode raised before 5 % of conversion", f"{sum(ok for ok, _ in raised)} of {count}; first tracking scan at {100 * at([x for _, x in raised], 0.5):.1f} % median",
          "≥ 80 %", sum(ok for ok, _ in raised) >= 0.8 * count)
    still = looped(root, binaries, states, range(1001, 1001 + count), "held", heat_to=545)
    false = sum(any(entry["mode"] == "track" for entry in run.log) for run in still)
    low, high = clopper_pearson(false, count)
    check(f"false accelerations, {count} runs whose ramp is held at 545 K", f"{false} of {count}, Clopper-Pearson {100 * low:.1f}-{100 * high:.1f} %", "≤ 5 %",
          false <= 0.05 * count)
    forecasts = [pair for run in runs + still for pair in run.forecasts()]
    for i in range(5):
        those = [(p, came) for p, came in forecasts if i <= 5 * p < i + 1 or (i == 4 and p == 1)]
        said, came = (sum(pair[k] for pair in those) / max(1, len(those)) for k in (0, 1))
        told = f"said {said:.3f}, came {came:.3f} of {len(those)} (every 100 s of {2 * count} runs: neighbours are not independent)"
        if len(those) >= 20:
            check(f"forecasts of {20 * i}-{20 * (i + 1)} %", told, "within 0.1", abs(said - came) <= 0.1)
        else:
            print(f"       forecasts of {20 * i}-{20 * (i + 1)} %: {told}; too few to judge", flush=True)
