# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine behind the serve protocol of twin-stream(5) whose states are made already: runs of twin-simulate at temperatures.

Usage: prepared_engine.py FILE.jsonl ...     what `virtual-beamline prepare` wrote of them
Answers with chi(k), blocks and quantities between the two runs of the structure next to the temperature that is asked for.
"""
import bisect
import json
import sys


def mixed(a, b, share):
    """Numbers and arrays of both, as far as they are in both."""
    if isinstance(a, list):
        return [mixed(x, y, share) for x, y in zip(a, b)]
    return a if a is None or b is None else (1 - share) * a + share * b


def read(paths):
    """By structure and temperature, K: the state."""
    runs = {}
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        name = next(r["model"]["name"] for r in records if r["kind"] == "model")
        structure, kelvin = name.rsplit("-", 1)
        runs.setdefault(structure, {})[float(kelvin)] = next(r for r in records if r["kind"] == "state")
    return runs


def answer(model, runs):
    known = runs["yellow" if model.get("alternative") == "delta" else "black"]
    kelvins = sorted(known)
    kelvin = float(model["ensemble"]["nvt"]["temperature"]["value"].split()[0])
    above = min(max(1, bisect.bisect(kelvins, kelvin)), len(kelvins) - 1)
    low, high = kelvins[above - 1], kelvins[above]
    share = min(1.0, max(0.0, (kelvin - low) / (high - low)))
    one, other = known[low], known[high]
    state = {key: value for key, value in one.items() if key not in ("id", "by", "from", "time", "model", "arrays", "jacobian", "parameters")}
    state |= {"how": "run", "cpu_seconds": 0, "quantities": {}}
    for name, quantity in one["quantities"].items():
        if name in other["quantities"]:
            state["quantities"][name] = {**quantity, "value": mixed(quantity["value"], other["quantities"][name]["value"], share)}
    state["simulated"] = [dict(spectrum) for spectrum in one["simulated"]]
    for mine, theirs in zip(state["simulated"], other["simulated"]):
        mine["arrays"] = {name: {**array, "data": mixed(array["data"], theirs["arrays"][name]["data"], share)}
                          for name, array in mine["arrays"].items() if name in theirs["arrays"] and "@" not in name}
    return state


def main():
    runs = read(sys.argv[1:])
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("kind") == "model":
            print(json.dumps({**answer(request["model"], runs), "request": request.get("request", "")}), flush=True)


main()
