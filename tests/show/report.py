# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shows of this folder share: lines of a report, and a little statistics."""
import math
import sys

rows = []  # of all checks: whether they hold


def options(text, *more):
    """Of a show's command line: --help prints its text, and what it does not know ends it before anything is measured."""
    if "--help" in sys.argv:
        print(text.strip())
        sys.exit(0)
    for word in sys.argv[1:]:
        if word.startswith("-") and word not in {"--full", "--verbose", *more}:
            print(f"{sys.argv[0]}: no such option: {word}", file=sys.stderr)
            sys.exit(64)


def check(name, figure, target, ok):
    """One line of the report."""
    rows.append(bool(ok))
    print(f"{'ok   ' if ok else 'SHORT'}  {name}: {figure}   [{target}]", flush=True)


def at(values, share):
    """The quantile, one of the values; nan of none, so that no check holds by it."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def clopper_pearson(k, n, level=0.95):
    """The exact interval of a rate, by bisection of the binomial's tails."""
    def tail(p, below):
        terms = range(0, k + 1) if below else range(k, n + 1)
        return sum(math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) +
                            i * math.log(p) + (n - i) * math.log1p(-p)) for i in terms)

    def solve(below):
        low, high = 1e-12, 1 - 1e-12
        for _ in range(60):
            p = (low + high) / 2
            if (tail(p, below) > (1 - level) / 2) == below:
                low = p
            else:
                high = p
        return low
    return (0.0 if k == 0 else solve(False)), (1.0 if k == n else solve(True))
