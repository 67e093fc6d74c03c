"""Diffusion in a lattice of balls joined by cylinders: OpenPNM on the network that Keramos writes, and Keramos' solver.

The network is written by `keramos quantify --network` as CSV, read by OpenPNM's own reader, and solved there for
Fickian diffusion along each axis with its model of spheres and cylinders. For such a body that model is the known
resistance in series; what differs from it is what voxels make of cylinders a few of them wide, and what the network's
sizes are off by. Keramos solves the voxels themselves. OpenPNM is run by another interpreter, in whose environment it
is installed.

    python benchmarks/pore_network.py --openpnm ENVIRONMENT/bin/python
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from math import atanh, pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from measured import write_results

import keramos
from keramos.core import LabelVolume, PhaseTable, VoxelSize

BALL, CELL, CELLS = 90.0, 240.0, 4
PIPES = (30.0, 40.0, 50.0)
SIZES = {"cubic": VoxelSize(10, 10, 10), "steep": VoxelSize(20, 12, 10)}
READER = """
import json, sys
import numpy as np
import openpnm as op
found = {"openpnm": op.__version__}
net = op.io.network_from_csv(sys.argv[1])
found["pores"], found["throats"] = int(net.Np), int(net.Nt)
found["health"] = [int(np.size(v)) for v in op.utils.check_network_health(net).values()]
sizes = op.models.geometry.diffusive_size_factors.spheres_and_cylinders
net.add_model(propname="throat.diffusive_size_factors", model=sizes)
phase = op.phase.Phase(network=net)
phase["pore.diffusivity"] = 1.0
model = op.models.physics.diffusive_conductance.generic_diffusive
phase.add_model(propname="throat.diffusive_conductance", model=model)
edge, cells = float(sys.argv[2]), int(sys.argv[3])
for axis in "zyx":
    flow = op.algorithms.FickianDiffusion(network=net, phase=phase)
    flow.set_value_BC(pores=net.pores(axis + "min"), values=1.0)
    flow.set_value_BC(pores=net.pores(axis + "max"), values=0.0)
    flow.run(verbose=False)
    rate = float(flow.rate(pores=net.pores(axis + "min"))[0])
    # Between the centres of the first and of the last layer of pores, per cross-section of the lattice.
    found[axis] = rate * (cells - 1) * edge / (cells * edge) ** 2
print(json.dumps(found))
"""


def series(pipe: float) -> float:
    """The relative diffusivity of balls and cylinders in series, as OpenPNM's model has them, with exact sizes."""
    reach = sqrt(BALL**2 - pipe**2)
    ball, tube = atanh(reach / BALL) / (pi * BALL), (CELL - 2 * reach) / (pi * pipe**2)
    return 1 / (2 * ball + tube) / CELL


def lattice(size: VoxelSize, pipe: float) -> LabelVolume:
    """Void in a solid: balls at the middles of cubic cells, joined along all axes, and to the faces of the volume."""
    shape = tuple(round(CELLS * CELL / d) for d in size.zyx)
    z, y, x = np.ix_(*(((np.arange(n) + 0.5) * d) % CELL - CELL / 2 for n, d in zip(shape, size.zyx, strict=True)))
    void = z**2 + y**2 + x**2 <= BALL**2
    for a, b in ((z, y), (z, x), (y, x)):
        void |= a**2 + b**2 <= pipe**2
    return LabelVolume.from_array((~void).astype(np.uint8), PhaseTable.from_names(["pore", "solid"]), size)


def compare(voxels: str, pipe: float, reader: str) -> list[dict[str, Any]]:
    labels = lattice(SIZES[voxels], pipe)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.csv"
        depth = (BALL - pipe) / 2
        measured = keramos.quantify(labels, phase=("pore",), objects="pore", neck_depth=depth, network=path)
        arguments = [reader, "-W", "ignore", "-c", READER, str(path), str(1e-9 * CELL), str(CELLS)]
        printed = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    found = json.loads(printed.splitlines()[-1])
    rows = []
    for axis in "zyx":
        row = {
            "voxels": voxels,
            "pipe_radius_nm": pipe,
            "axis": axis,
            "openpnm": found["openpnm"],
            "pores": found["pores"],
            "throats": found["throats"],
            "network": found[axis],
            "series": series(pipe),
            "solved": measured.find("relative-diffusivity", "pore", axis).value,
        }
        row |= {
            "network_over_solved": row["network"] / row["solved"],
            "network_over_series": row["network"] / row["series"],
            "solved_over_series": row["solved"] / row["series"],
        }
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--openpnm", default=sys.executable, help="interpreter that has OpenPNM")
    args = parser.parse_args()
    rows = [row for voxels in SIZES for pipe in PIPES for row in compare(voxels, pipe, args.openpnm)]
    write_results("pore_network", {"ball_nm": BALL, "cell_nm": CELL, "cells": CELLS, "rows": rows})


if __name__ == "__main__":
    main()
