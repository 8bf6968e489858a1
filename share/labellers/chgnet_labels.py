#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of extended XYZ on stdin, each with CHGNet's energy, forces and stress on stdout.

What `twin-simulate --label chgnet` runs, and an example of the commands that --label takes. Needs the packages chgnet
and ase. Source: B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3.
"""
import contextlib
import os
import sys
import warnings


def frame(first):
    """Symbols, positions and cell of the frame whose first line was read."""
    import numpy as np
    count = int(first)
    comment = sys.stdin.readline()
    lattice = comment.split('Lattice="')[1].split('"')[0]
    rows = [sys.stdin.readline().split() for _ in range(count)]
    cell = np.array(lattice.split(), float).reshape(3, 3)
    return comment, [row[0] for row in rows], np.array([row[1:4] for row in rows], float), cell


def main():
    warnings.filterwarnings("ignore")
    with contextlib.redirect_stdout(sys.stderr):  # whatever the packages print
        try:
            import chgnet
            import torch
            from ase import Atoms
            from chgnet.model import CHGNet
            from chgnet.model.dynamics import CHGNetCalculator
        except ImportError as error:
            sys.exit(f"{error}; a Python with the packages chgnet and ase is expected, in $TWIN_CHGNET")
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        calculator = CHGNetCalculator(CHGNet.load(use_device="cpu", verbose=False), use_device="cpu")
    version = getattr(chgnet, "__version__", "of an unknown version")
    while first := sys.stdin.readline().strip():
        _, symbols, positions, cell = frame(first)
        atoms = Atoms(symbols, positions=positions, cell=cell, pbc=True)
        atoms.calc = calculator
        with contextlib.redirect_stdout(sys.stderr):
            energy, forces, stress = atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress(voigt=False)
        text = " ".join(repr(float(x)) for x in cell.ravel())
        print(f'{len(symbols)}\nLattice="{text}" Properties=species:S:1:pos:R:3:forces:R:3 energy={float(energy)!r} '
              f'stress="{" ".join(repr(float(x)) for x in stress.ravel())}" labelled_by="CHGNet {version}" pbc="T T T"')
        for symbol, at, force in zip(symbols, positions, forces):
            print(symbol, *(repr(float(x)) for x in (*at, *force)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
