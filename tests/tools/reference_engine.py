#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine for tests that speaks the serve protocol of twin-stream(5) and knows its answers.

One shell (of twelve atoms at a/sqrt(2) in fcc, of eight at a sqrt(3)/2 in bcc) whose sigma2 follows
its distance, as chi(k) by the EXAFS equation with a smooth amplitude and phase that are much like
copper's; statistics are a little noise that the seed decides.
Options: --seed N; --die, --garbage, --fail: what an engine in trouble does.
"""
import json
import math
import random
import sys

KMAX, STEP, BLOCKS = 16.0, 0.05, 4
GRID = [STEP * i for i in range(round(KMAX / STEP) + 1)]


def chi(r, sigma2, count=12):
    out = []
    for k in GRID:
        q = max(k, 1e-3)
        amplitude = 0.55 * (1 - math.exp(-q * q / 4)) * math.exp(-0.012 * q * q)
        phase = -1.35 * q + 0.018 * q * q + 1.8
        damping = math.exp(-2 * q * q * sigma2 - 2 * r / 8)
        out.append(count * amplitude * damping / (q * r * r) * math.sin(2 * q * r + phase))
    return out


def length(text):
    return float(text.split()[0])


def potential(model):
    entry = model["potential"]
    return entry if isinstance(entry, str) else entry.get("use") or entry["any_of"][0]


def structure(model):
    for one in model.get("alternatives", []):
        if one["name"] == model.get("alternative"):
            return one
    return model["structure"]


def state(request, seed):
    model = request["model"]
    free = model["free"]
    a = length(free["a"]["start"] if "a" in free else structure(model)["a"])
    a *= 1 + (free["strain"]["start"] if "strain" in free else 0)
    per_a, count = (math.sqrt(0.5), 12) if structure(model)["lattice"] == "fcc" else (math.sqrt(0.75), 8)
    r = per_a * a
    seed = model.get("seed", 1) if seed is None else seed
    draw = random.Random(seed)
    motion = [0.0085 + 0.0028 * (r - 2.5456) + draw.gauss(0, 0.00005) for _ in range(BLOCKS)]
    distance = [r + draw.gauss(0, 0.00035) for _ in range(BLOCKS)]
    blocks = [chi(one, s, count) for one, s in zip(distance, motion)]
    without = [
        [sum(b[i] for j, b in enumerate(blocks) if j != out) / (BLOCKS - 1) for i in range(len(GRID))]
        for out in range(BLOCKS)
    ]
    mean = [sum(b[i] for b in blocks) / BLOCKS for i in range(len(GRID))]
    slope = [(x - y) / 0.002 for x, y in zip(chi(r + 0.001, 0.0085, count), chi(r - 0.001, 0.0085, count))]
    arrays = {
        "k": {"unit": "1/Å", "data": GRID},
        "chi": {"data": mean},
        "chi_without_block": {"data": without},
        "chi@a": {"unit": "1/Å", "data": [per_a * one for one in slope]},
        "chi@strain": {"data": [r * one for one in slope]},
    }
    simulated = {
        "schema": "twin-stream/1", "kind": "measurement", "origin": "digital",
        "technique": "xas", "edge": "Cu K", "scan": "reference", "arrays": arrays,
    }
    return {
        "schema": "twin-stream/1", "kind": "state", "request": request.get("request", ""),
        "potential": potential(model), "how": "run", "equilibrated": True,
        "n_eff": 100, "seed": seed, "simulated": [simulated],
    }


def main():
    options = sys.argv[1:]
    seed = int(options[options.index("--seed") + 1]) if "--seed" in options else None
    for text in sys.stdin:
        request = json.loads(text)
        if request.get("kind") != "model":
            continue
        if "--die" in options:
            sys.exit("the pump stopped")
        if "--garbage" in options:
            print("<html>expected nobody</html>", flush=True)
            continue
        answer = state(request, seed)
        if "--fail" in options:
            answer = {"schema": "twin-stream/1", "kind": "failure", "cause": 69,
                      "request": request["request"], "what": "no such potential"}
        else:
            print(json.dumps({"schema": "twin-stream/1", "kind": "progress", "stage": "produce",
                              "fraction": 0.5, "request": request.get("request", "")}), flush=True)
        print(json.dumps(answer), flush=True)


main()
