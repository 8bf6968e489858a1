# SPDX-License-Identifier: GPL-3.0-or-later
"""Measured series of others through the real twin-steer --plot: what is found, and what is not understood.

The rule, the same for all series of a kind, stated before any of them was looked at:

baseline      a fifth of the samples, but 10 at least (fewer twin-policy(5) refuses) and 50, its default, at most
drift         of a series in time none, the default; of one along a temperature that is driven linear in it
false alarms  5 % in as many samples as the series has, the bound
errors        as the source states them; TCPD and NAB state none

Where the truth is one change, that one alone has to be found, and the 95 % set of its onset, as it is told in the end, has to
hold it; where it is none, none. All else is told, not judged. Temperature series are also compared by their halves, the colder
and the warmer one, as two periods.

Sources: TCPD (data/steer/tcpd), NAB (data/steer/nab), lattice parameters of data/scattering/oracle.json.
"""
import csv
import datetime
import json
import pathlib
import subprocess
import tempfile

from report import check

MODES = "modes: {quiet: {scan: full, every: 10 min}, track: {scan: quick, every: 30 s}}\nsafe_mode: quiet\n"


def sample(quantities, scan, time=None, temperature=None, period=None):
    """A result's line. Quantities by name: value, error or nothing, unit."""
    record = {"schema": "twin-stream/1", "kind": "result", "origin": "physical", "technique": "series", "scan": scan,
              "quantities": {n: {"value": v, "unit": u, **({"sigma": s} if s else {})} for n, (v, s, u) in quantities.items()}}
    if time:
        record["measured_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    if temperature is not None:
        record["environment"] = {"temperature": {"value": temperature, "unit": "K"}}
    if period:
        record["period"] = period
    return json.dumps(record) + "\n"


def steered(binary, folder, name, watch, lines, baseline):
    """Events of twin-steer; its figure is folder/name.svg.  baseline: text of the mapping, or nothing: periods alone."""
    policy = folder / f"{name}.policy.yaml"
    watched = f"baseline: {{{baseline}}}\nfalse_alarms: {{at_most: 5 %, per: {max(len(lines), 1)} samples}}\n" if baseline else "false_alarms: 5 %\n"
    policy.write_text(f"format: twin-policy/1\nwatch: [{', '.join(watch)}]\n{watched}{MODES}", encoding="utf-8")
    done = subprocess.run([str(binary), "--quiet", "--policy", str(policy), "--plot", str(folder / f"{name}.svg")], input="".join(lines),
                          text=True, capture_output=True, check=False)
    if done.returncode or not (folder / f"{name}.svg").exists():
        check(f"{name}, its stream through twin-steer --plot", f"status {done.returncode}: {done.stderr.strip()}", "status 0, a figure", False)
    return [r for r in map(json.loads, done.stdout.splitlines()) if r["kind"] == "event"]


def samples_of_baseline(count):
    return min(50, max(10, count // 5))


def told(name, what):
    print(f"       {name}: {what}", flush=True)


def changes_of(events):
    """Each change: its sample, its onset's set in the end, what was said of it, when it was over."""
    out = []
    for e in events:
        if e["what"] == "change":
            out.append({"found": e["details"]["sample"], "text": e["text"], "over": None})
        if out and e["what"] in ("change", "onset", "change-end"):
            out[-1]["onset"] = [e["details"]["onset"][k]["sample"] for k in ("low", "best", "high")]
        if out and e["what"] == "change-end":
            out[-1]["over"] = e["details"]["sample"]
    return out


def in_words(change):
    low, best, high = change["onset"]
    over = f", over at {change['over']}" if change["over"] is not None else ", not over"
    return f"found at {change['found']}, in the end onset {best} ({low} to {high}){over}"


def judged(name, events, truth, most=8):
    """truth: [first, last] sample of the only change; [] = there is none; nothing: not known."""
    for e in events:
        if e["what"] in ("baseline", "baseline-refused"):
            told(name, e["text"])
            break
    else:
        told(name, "no baseline: too few samples, nothing can be found")
    changes = changes_of(events)
    shown = "; ".join(in_words(c) for c in changes[:most]) + (f"; and {len(changes) - most} more" if len(changes) > most else "")
    figure = f"{len(changes)} found" + (f": {shown}" if changes else "")
    if truth is None:
        told(name, figure + "; no truth is known")
    elif not truth:
        check(f"{name}, no change in it", figure, "none", not changes)
    else:
        first, last = truth
        held = len(changes) == 1 and changes[0]["onset"][0] <= last and changes[0]["onset"][2] >= first
        where = f"at {first}" if first == last else f"within {first} to {last}"
        check(f"{name}, one change {where}", figure, "one, whose onset's set holds it", held)
    return changes


def tcpd(binary, data, folder):
    # As truth stands what PROVENANCE.md of the data says; the marks of the five annotators beside it.
    marks = json.loads((data / "annotations.json").read_text(encoding="utf-8"))
    for name, truth in (("quality_control_1", 146), ("quality_control_2", 97), ("nile", 28)):
        values = json.loads((data / f"{name}.json").read_text(encoding="utf-8"))["series"][0]["raw"]
        baseline = samples_of_baseline(len(values))
        lines = [sample({"level": (v, None, "")}, str(i)) for i, v in enumerate(values)]
        judged(name, steered(binary, folder, name, ["level"], lines, f"samples: {baseline}"), [truth, truth])
        told(name, "marked by its annotators at " + ", ".join(str(m) if m else "none" for m in marks[name].values()))


def nab(binary, data, folder):
    labels = json.loads((data / "combined_windows.json").read_text(encoding="utf-8"))
    for key, windows in labels.items():
        name = pathlib.Path(key).stem
        with open(data / f"{name}.csv", encoding="utf-8") as file:
            rows = [(datetime.datetime.fromisoformat(r["timestamp"]), float(r["value"])) for r in csv.DictReader(file)]
        lines = [sample({"value": (v, None, "")}, str(i), t) for i, (t, v) in enumerate(rows)]
        ends = [datetime.datetime.fromisoformat(t) for w in windows for t in w]
        truth = [min(range(len(rows)), key=lambda i, t=t: abs(rows[i][0] - t)) for t in ends]
        judged(name, steered(binary, folder, name, ["value"], lines, f"samples: {samples_of_baseline(len(rows))}"), truth)
        if not truth:
            continue
        # Chosen after it was looked at, and so not judged: the series has the course of a day, which no mean and no slope follows.
        day = 288
        lines = [sample({"value": (v - rows[i - day][1], None, "")}, str(i), t) for i, (t, v) in enumerate(rows) if i >= day]
        apart = steered(binary, folder, f"{name}_less_a_day_before", ["value"], lines, f"samples: {samples_of_baseline(len(lines))}")
        judged(f"{name} less its value a day before (samples from {day} on; chosen after it was seen)", apart, None)
        told(name, "each day it rises and falls: not understood, nothing is known of periodic courses")


def temperatures(binary, oracle, folder):
    """Lattice parameters along temperature, as two programs have them from the same patterns."""
    rietveld = {k: v for k, v in oracle["cucr2o4_gsas2_rietveld"].items() if "T_K" in v}
    kelvin = {k: v["T_K"] for k, v in rietveld.items()}
    rows = {"cucr2o4_rietveld": [(v["T_K"], k, {c: (*v["CuCr2O4"][f"length_{c}"], "Å") for c in "abc"}) for k, v in rietveld.items()],
            "cucr2o4_pawley": [(kelvin[k.split(".")[0]], k, {c: (v[c], v["esd"][i], "Å") for i, c in enumerate("abc")})
                               for k, v in oracle["cucr2o4_pawley"].items()]}
    for name, series in rows.items():
        series.sort(key=lambda r: r[0])
        lines = [sample(q, k, None, t) for t, k, q in series]
        judged(name, steered(binary, folder, name, ["a", "b", "c"], lines, f"samples: {samples_of_baseline(len(lines))}, drift: linear-in temperature"), None)
        told(name, f"{len(lines)} temperatures: fewer than the least baseline")
        half = len(series) // 2
        lines = [sample(q, k, None, t, "colder" if i < half else "warmer") for i, (t, k, q) in enumerate(series)]
        for e in steered(binary, folder, f"{name}_halves", ["a", "b", "c"], lines, ""):
            told(f"{name}, {series[0][0]:.0f} to {series[half - 1][0]:.0f} K against {series[half][0]:.0f} to {series[-1][0]:.0f} K", e["text"])


def films(binary, oracle, folder):
    """Four compositions of a film: no series in time or temperature, and no repeats; told as such."""
    rows = [(k.removeprefix("film/"), v) for k, v in sorted(oracle.items()) if k.startswith("film/FA")]
    lines = [sample({"a": (v["a_cubic"], v["esd"], "Å")}, k) for k, v in rows]
    judged("fapi_mapbr", steered(binary, folder, "fapi_mapbr", ["a"], lines, f"samples: {samples_of_baseline(len(lines))}"), None)
    told("fapi_mapbr", f"{len(lines)} compositions, no temperature: nothing is a baseline here")


def run(binary, data, keep, skip):
    """keep: a folder for the figures, policies beside them; nothing: they are not kept."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for part, where, what in ((tcpd, "steer/tcpd", None), (nab, "steer/nab", None), (temperatures, "scattering/oracle.json", 1),
                                  (films, "scattering/oracle.json", 1)):
            place = data / where
            if not place.exists():
                skip(f"no {place}")
                continue
            part(binary, json.loads(place.read_text(encoding="utf-8")) if what else place, folder)
        if keep:
            print(f"       figures: {folder}", flush=True)
