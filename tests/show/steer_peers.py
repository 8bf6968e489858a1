# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers of twin-steer's detector, for tests/show/steer: run by a Python that has numpy and ruptures.

Usage: steer_peers.py bocpd|ruptures SAMPLES DIMENSIONS WARMUP STRIDE < white streams, a sample a line
A line for each stream: the statistic at each sample behind the warm-up, which alarms when it reaches a threshold.
"""
import sys
import time

import numpy


def bocpd(y, warmup):
    """Bayesian online change points (R.P. Adams, D.J.C. MacKay, arXiv:0710.3742): Gaussian of known variance, mean N(0, 25)
    about the warm-up's, hazard 1/1000; log odds that the current run began behind the warm-up."""
    d, hazard, wide = y.shape[1], 1e-3, 25.0
    y = y - y[:warmup].mean(axis=0)
    log_p = numpy.array([0.0])
    total, count = numpy.zeros((1, d)), numpy.array([0.0])
    out = []
    for t, x in enumerate(y):
        spread = 1 / (1 / wide + count)
        mean, variance = total * spread[:, None], 1 + spread
        seen = -0.5 * (((x - mean) ** 2).sum(axis=1) / variance + d * numpy.log(2 * numpy.pi * variance))
        grown = log_p + seen + numpy.log1p(-hazard)
        fresh = numpy.logaddexp.reduce(log_p + seen) + numpy.log(hazard) if t >= warmup else -numpy.inf
        log_p = numpy.concatenate(([fresh], grown))
        log_p -= numpy.logaddexp.reduce(log_p)
        total = numpy.concatenate((numpy.zeros((1, d)), total + x))
        count = numpy.concatenate(([0.0], count + 1))
        keep = log_p > -40
        keep[-1] = True
        since, old = log_p[:-1], log_p[-1]
        if t >= warmup:
            out.append(numpy.logaddexp.reduce(since) - old)
        log_p, total, count = log_p[keep], total[keep], count[keep]
    return out


def split(y, warmup, stride):
    """The best single split of the last 100 samples, by ruptures; every so many samples."""
    import ruptures
    out = []
    for t in range(warmup, len(y)):
        if (t - warmup) % stride:
            out.append(out[-1])
            continue
        window = numpy.ascontiguousarray(y[max(0, t - 99):t + 1])
        at = ruptures.KernelCPD(kernel="linear", min_size=2).fit(window).predict(n_bkps=1)[0]
        a, b = window[:at], window[at:]
        out.append(float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() * len(a) * len(b) / len(window)))
    return out


def main():
    name, samples, d, warmup, stride = sys.argv[1], *map(int, sys.argv[2:6])
    values = numpy.loadtxt(sys.stdin).reshape(-1, samples, d)
    before = time.process_time()
    rows = [bocpd(y, warmup) if name == "bocpd" else split(y, warmup, stride) for y in values]
    each = 1e6 * (time.process_time() - before) / (len(rows) * ((samples - warmup) / (stride if name == "ruptures" else 1)))
    print(f"{each:.1f}")
    for row in rows:
        print(" ".join(f"{v:.6g}" for v in row))


if __name__ == "__main__":
    main()
