#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How twin-simulate runs on another machine. A site copies this, changes it, and names the copy with --template: modules,
# partition, account, how MPI is started. Words in double braces are filled in; tasks are ranks times the replicas, which
# run side by side. Where there is no SLURM the lines #SBATCH are comments, and the jobs of a submission run one after the
# other.
#SBATCH --job-name={{name}}
#SBATCH --time={{minutes}}
#SBATCH --ntasks={{tasks}}
#SBATCH --open-mode=append
# SBATCH --partition=NAME
# SBATCH --account=NAME

# module load twinline lammps feff85exafs
# Runs in the background, so that it can be told to stop: with exec it is the process that is told.
simulate() {
  exec twin-simulate --ranks {{ranks}} "$@"
}

{{jobs}}
