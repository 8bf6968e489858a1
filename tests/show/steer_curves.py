# SPDX-License-Identifier: GPL-3.0-or-later
"""Of tests/show/steer: curves watched by their scores, on made streams of edges of 100 points with white and smooth noise."""
import subprocess

from report import at, check, clopper_pearson

NULLS = {"white and smooth noise": "", "white noise": "smooth=0", "three times as much smooth noise": "smooth=3", "three directions": "components=3",
         "linear drift, the null linear": "drift=0.02 linear=1", "AR(1) 0.3": "phi=0.3"}


def made(show, what, first, count, words):
    done = subprocess.run([str(show / "show_steer_curves"), what, str(first), str(count), *words.split()], text=True, capture_output=True, check=True)
    return [[float(v) for v in line.split()] for line in done.stdout.splitlines()]


def rate(k, n):
    low, high = clopper_pearson(k, n)
    return f"{100 * k / n:.1f} % of {n}, Clopper-Pearson {100 * low:.1f}-{100 * high:.1f} %", low


def alarms(show, count, bound):
    """False alarms in 500 samples behind the baseline, which is behind what a running basis learns from."""
    for name, words in NULLS.items():
        false = sum(most >= bound for most, in made(show, "nulls", 1, count, f"basis=running {words}"))
        told, low = rate(false, count)
        check(f"false alarms in 500 samples, running basis, {name}", told, "interval not above 5 %", low <= 0.05)
    false = sum(most >= bound for most, in made(show, "nulls", 1, count, "basis=trained size=0"))
    print(f"       false alarms in 500 samples, trained basis: {rate(false, count)[0]}; errors are not stated: approximate, as twin-policy(5) says", flush=True)


def changes(show, count):
    """A peak that grows, of a place that is another in each stream; whitened by the noise of the points it is 3 or 1.5."""
    for basis in ("running", "trained"):
        for name, words in {"step of 3": "size=3", "step of 1.5": "size=1.5", "ramp to 3 in 50 samples": "size=3 width=50"}.items():
            found = [d for d, in made(show, "alarms", 5001, count, f"basis={basis} {words}")]
            true = [d for d in found if d >= 0]
            within = sum(d <= 300 for d in true)
            told = f"{within} of {len(true)} found within 300 samples, median/p90 {at(true, 0.5):.0f}/{at(true, 0.9):.0f}"
            if name == "step of 3":
                check(f"{basis} basis, {name}", told, "≥ 95 % found", within >= 0.95 * len(true))
            else:
                print(f"       {basis} basis, {name}: {told}", flush=True)
        for name, words in {"step of 3": "size=3", "ramp to 3 in 50 samples": "size=3 width=50"}.items():
            lines = made(show, "onsets", 9001, count, f"basis={basis} {words}")
            for i, when in enumerate(("at the alarm", "5 later", "20 later", "60 later")):
                sets = [line[1 + 3 * i:4 + 3 * i] for line in lines if len(line) >= 4 + 3 * i]
                if not sets:
                    continue
                covered = sum(low <= 0 <= high for _, low, high in sets)
                print(f"       {basis} basis, {name}, onset's 95 % set {when}: covers {rate(covered, len(sets))[0]}, median width "
                      f"{at([high - low for _, low, high in sets], 0.5):.0f}; best is late by {at([best for best, _, _ in sets], 0.5):.0f} in the median", flush=True)


def cost(show):
    """CPU of a sample: binning, residual, directions; and with all that watches the scores."""
    for basis in ("running", "trained"):
        lines = made(show, "cost", 1, 10, f"basis={basis}")
        print(f"       CPU a curve of 100 points, {basis} basis: median {at([s for s, _ in lines], 0.5):.0f} µs, "
              f"{at([a for _, a in lines], 0.5):.0f} with the watch of its scores", flush=True)


def run(show, full, bound):
    alarms(show, 2000 if full else 200, bound)
    changes(show, 500 if full else 100)
    cost(show)
