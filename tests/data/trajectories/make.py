#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the trajectories of this folder with other programs than ours; run by hand, not by the tests.

Made with MDAnalysis 2.11.0 (DCD, H5MD), mdtraj 1.11.1 (XTC) and ASE 3.29.0 (extended XYZ). The tests
know the same formula: atom i of frame f is at its site + 0.1 Å sin(1 + 3 i + axis + 0.7 f).
"""
import os
import subprocess
import warnings

import ase
import ase.calculators.singlepoint
import ase.io
import MDAnalysis
import numpy as np
from mdtraj.formats import XTCTrajectoryFile

warnings.simplefilter("ignore")
A = 3.6
FRAMES = 3
BASIS = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
CELLS = np.array([[i, j, k] for i in range(2) for j in range(2) for k in range(2)])
SITES = A * (CELLS[:, None, :] + BASIS[None]).reshape(-1, 3)


def positions(frame):
    atom, axis = np.indices(SITES.shape)
    return SITES + 0.1 * np.sin(1 + 3 * atom + axis + 0.7 * frame)


def box(frame):
    return np.array([2 * A + 0.01 * frame, 2 * A, 2 * A])


def write_by_mdanalysis(name, **options):
    universe = MDAnalysis.Universe.empty(len(SITES), trajectory=True)
    with MDAnalysis.Writer(name, n_atoms=len(SITES), **options) as out:
        for frame in range(FRAMES):
            universe.atoms.positions = positions(frame)
            universe.dimensions = [*box(frame), 90, 90, 90]
            universe.trajectory.ts.time = 2.0 * frame
            universe.trajectory.ts.frame = frame
            universe.trajectory.ts.data["step"] = 500 * frame
            out.write(universe.atoms)


def write_xtc(name, frames, edges):
    with XTCTrajectoryFile(name, "w") as out:
        for frame, (xyz, edge) in enumerate(zip(frames, edges)):
            out.write((xyz / 10)[None].astype(np.float32), time=np.array([2.0 * frame], np.float32),
                      step=np.array([500 * frame]), box=np.diag(edge / 10)[None].astype(np.float32))


def water():
    """Twenty molecules: their hydrogens come as small differences."""
    i = np.arange(20)
    oxygen = np.stack([3.0 * (i % 3), 3.0 * (i // 3 % 3), 3.0 * (i // 9)], axis=1)
    hydrogen = [oxygen + 0.9 * np.stack([np.sin(i + k), np.cos(i + k), 0.3 * np.sin(2 * i + k)], axis=1)
                for k in (0, 2)]
    return np.stack([oxygen, *hydrogen], axis=1).reshape(-1, 3)


def far():
    """Twelve atoms so far apart that an axis is a number."""
    atom, axis = np.indices((12, 3))
    return 2e4 * atom + 10.0 * axis


def write_extended_xyz(name):
    frames = []
    for frame in range(FRAMES):
        atoms = ase.Atoms(f"Cu{len(SITES)}", positions=positions(frame), cell=box(frame), pbc=True)
        # -0.01 eV/Å³ of tension along z: a virial pressure of 0.01/3 eV/Å³
        stress = np.diag([0, 0, -0.01])
        atoms.calc = ase.calculators.singlepoint.SinglePointCalculator(
            atoms, energy=-100.0 - frame, forces=np.zeros_like(SITES), stress=stress)
        atoms.info["step"] = 500 * frame
        atoms.info["note"] = 'a "quoted" word'
        frames.append(atoms)
    ase.io.write(name, frames, format="extxyz")


write_by_mdanalysis("copper.dcd", dt=2.0)
write_by_mdanalysis("copper.h5md", positions=True, velocities=False, forces=False, lengthunit="nm",
                    timeunit="ps", creator="MDAnalysis", author="made for a test")
subprocess.run(["h5repack", "-f", "GZIP=9", "copper.h5md", "packed"], check=True)  # 67 kB to 27
os.replace("packed", "copper.h5md")
write_xtc("copper.xtc", [positions(f) for f in range(FRAMES)], [box(f) for f in range(FRAMES)])
write_xtc("water.xtc", [water()], [np.full(3, 9.3)])
write_xtc("far.xtc", [far()], [np.full(3, 3e5)])
write_extended_xyz("copper.xyz")
