"""Permeability of crops of two rocks beside two solvers that share no code with ours, by axis, in voxels squared.

    a crop of berea and one of ketton -> keramos: MINRES on a staggered grid, polynomials as preconditioner
        -> elimination: a staggered grid assembled here, pressures by conjugate gradients on the Schur complement, each
           product by triangular factors of the friction; once with the walls as we set them, once with all walls half
           an edge away, which tells what that choice matters
        -> lattice Boltzmann: D3Q19 with two relaxation times (magic number 3/16; Ginzburg et al., Commun. Comput. Phys.
           3, 427, 2008), without inertia, walls by bounce-back half-way between voxels, a force instead of a pressure

All of them let the sides mirror. At the ends the lattice goes on as its mirror image, where the flow runs straight.

    KERAMOS_DATA=... python benchmarks/permeability.py [--edge 48] [--names berea ketton]
"""

from __future__ import annotations

import argparse
import time
from itertools import product
from typing import Any

import numpy as np
import tifffile
from measured import data_folder, write_results
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.linalg import LinearOperator, cg, splu

from keramos.core import VOID_SOLID, LabelVolume, VoxelSize
from keramos.measurements import quantify_volume
from keramos.settings.quantify import MeasurementOptions

Mask = NDArray[np.bool_]
OUTSIDE, WALL = -2, -1


def through(fluid: Mask) -> Mask:
    """What connects both ends of the first axis."""
    pieces, _ = ndimage.label(fluid)
    both = np.intersect1d(pieces[0], pieces[-1])
    return np.isin(pieces, both[both > 0])


# Elimination ---------------------------------------------------------------------------------------------------------


def numbered(fluid: Mask, axis: int) -> NDArray[np.int64]:
    """The unknown velocity on each face across an axis, WALL where it is zero; one layer more at each side, OUTSIDE."""
    shape = list(fluid.shape)
    shape[axis] += 1
    moves = np.ones(shape, bool)
    front, back = ([slice(None)] * 3 for _ in range(2))
    front[axis], back[axis] = slice(1, None), slice(None, -1)
    moves[tuple(front)] &= fluid
    moves[tuple(back)] &= fluid
    if axis:  # nothing flows through the sides
        moves[(slice(None),) * axis + ([0, -1],)] = False
    numbers = np.full(shape, WALL)
    numbers[moves] = np.arange(np.count_nonzero(moves))
    return np.pad(numbers, 1, constant_values=OUTSIDE)


def friction(fluid: Mask, axis: int, walls_half: bool) -> sparse.csc_array:
    """Minus the Laplacian of the velocities across an axis, for voxels of edge one."""
    numbers = numbered(fluid, axis)
    core = numbers[1:-1, 1:-1, 1:-1]
    solid = np.pad(~fluid, 1, mode="edge").astype(int)
    front, back = ([slice(None)] * 3 for _ in range(2))
    front[axis], back[axis] = slice(1, None), slice(None, -1)
    walls = (solid[tuple(front)] + solid[tuple(back)])[
        tuple(slice(0 if a == axis else 1, None if a == axis else -1) for a in range(3))
    ]
    walls = np.pad(walls, 1, mode="edge")
    here = np.argwhere(core >= 0)
    own, place = core[tuple(here.T)], here + 1
    half = np.where((axis == 0) & ((here[:, 0] == 0) | (here[:, 0] == core.shape[0] - 1)), 0.5, 1.0)
    diagonal = np.zeros(len(here))
    rows, columns, values = [], [], []
    for other, way in product(range(3), (-1, 1)):
        step = place.copy()
        step[:, other] += way
        near = numbers[tuple(step.T)]
        weight = np.ones(len(here)) if other == axis else half
        joined, wall = near >= 0, near == WALL
        diagonal += np.where(joined, weight, 0)
        rows.append(own[joined])
        columns.append(near[joined])
        values.append(-weight[joined])
        beside = walls[tuple(step.T)]
        factor = np.ones(len(here)) if other == axis else np.full(len(here), 2.0) if walls_half else 1 + beside / 2
        diagonal += np.where(wall, weight * factor, 0)
    rows.append(own)
    columns.append(own)
    values.append(diagonal)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csc_array(sparse.coo_array(entries, shape=(len(here), len(here))))


def outflow(fluid: Mask, axis: int) -> sparse.csr_array:
    """What leaves each voxel through its two faces across an axis."""
    core = numbered(fluid, axis)[1:-1, 1:-1, 1:-1]
    voxels = np.argwhere(fluid)
    entries = []
    for offset, sign in ((0, -1.0), (1, 1.0)):
        face = voxels.copy()
        face[:, axis] += offset
        number = core[tuple(face.T)]
        used = np.flatnonzero(number >= 0)
        entries.append((np.full(len(used), sign), used, number[used]))
    values, rows, columns = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (len(voxels), int(core.max()) + 1)
    return sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=shape))


def eliminate(fluid: Mask, walls_half: bool) -> float:
    factors = [
        splu(
            friction(fluid, axis, walls_half),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        for axis in range(3)
    ]
    outs = [outflow(fluid, axis) for axis in range(3)]
    faces = numbered(fluid, 0)[1:-1, 1:-1, 1:-1]
    drive = np.zeros(outs[0].shape[1])
    drive[faces[0][faces[0] >= 0]] = 1.0

    def flows(pressure: NDArray[np.float64], forced: float) -> list[NDArray[np.float64]]:
        return [
            factor.solve(out.T @ pressure + (forced * drive if axis == 0 else 0))
            for axis, (factor, out) in enumerate(zip(factors, outs, strict=True))
        ]

    def complement(pressure: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sum([out @ flow for out, flow in zip(outs, flows(pressure, 0.0), strict=True)], axis=0)

    count = outs[0].shape[0]
    wanted = -(outs[0] @ factors[0].solve(drive))
    schur = LinearOperator((count, count), matvec=complement, dtype=float)
    pressure, failed = cg(schur, wanted, rtol=1e-9, maxiter=5000)
    if failed:
        raise RuntimeError("the pressures did not converge")
    velocity = flows(pressure, 1.0)[0]
    sections = [velocity[layer[layer >= 0]].sum() for layer in faces]
    depth, height, width = fluid.shape
    return float(np.mean(sections)) * depth / (height * width)


# Lattice Boltzmann ---------------------------------------------------------------------------------------------------

WAYS = np.array([way for way in product((-1, 0, 1), repeat=3) if sum(map(abs, way)) < 3])
WEIGHTS = np.array([(1 / 3, 1 / 18, 1 / 36)[int(np.abs(way).sum())] for way in WAYS])
OPPOSITE = np.array([int(np.flatnonzero((-way == WAYS).all(axis=1))[0]) for way in WAYS])
VISCOSITY, MAGIC, FORCE = 0.5, 3 / 16, 1e-4


def sources(fluid: Mask) -> NDArray[np.int64]:
    """For each way and fluid voxel, which value streams to it: its place in the table of all values."""
    number = np.full(fluid.shape, -1)
    number[fluid] = np.arange(np.count_nonzero(fluid))
    voxels, count = np.argwhere(fluid), np.count_nonzero(fluid)
    table = np.empty((len(WAYS), count), np.int64)
    for index, way in enumerate(WAYS):
        place = voxels - way
        place[:, 0] %= fluid.shape[0]  # the mirror image is part of the lattice
        turned = np.tile(way, (count, 1))
        for axis in (1, 2):
            out = (place[:, axis] < 0) | (place[:, axis] >= fluid.shape[axis])
            place[out, axis] = np.clip(place[out, axis], 0, fluid.shape[axis] - 1)
            turned[out, axis] *= -1
        came = (turned[:, None] == WAYS[None]).all(axis=2).argmax(axis=1)
        there = number[tuple(place.T)]
        table[index] = np.where(there >= 0, came * count + there, OPPOSITE[index] * count + np.arange(count))
    return table


def stream_and_collide(fluid: Mask) -> float:
    doubled = np.concatenate([fluid, fluid[::-1]])
    table, count = sources(doubled), np.count_nonzero(doubled)
    even = 1 / (3 * VISCOSITY + 0.5)
    odd = 1 / (MAGIC / (1 / even - 0.5) + 0.5)
    values = np.repeat(WEIGHTS[:, None], count, axis=1)
    push = FORCE * 3 * (WEIGHTS * WAYS[:, 0])[:, None] * (1 - odd / 2)
    last, steps = np.inf, 0
    while True:
        density, momentum = values.sum(axis=0), WAYS.T @ values
        velocity = momentum + np.array([[FORCE / 2], [0], [0]])
        reverse = values[OPPOSITE]
        mean = WEIGHTS[:, None] * density
        swing = 3 * WEIGHTS[:, None] * (WAYS @ velocity)
        values = values - even * ((values + reverse) / 2 - mean) - odd * ((values - reverse) / 2 - swing) + push
        values = values.ravel()[table]
        steps += 1
        if steps % 250 == 0:
            flow = float(velocity[0].sum())
            if abs(flow - last) < 1e-5 * abs(flow):
                return VISCOSITY * flow / FORCE / doubled.size
            last = flow
            if steps > 60_000:
                raise RuntimeError("the lattice did not come to rest")


# Both beside ours ----------------------------------------------------------------------------------------------------


def ours(void: Mask) -> dict[str, float]:
    labels = LabelVolume.from_array((~void).astype(np.uint8), VOID_SOLID, VoxelSize(1, 1, 1))
    settings = MeasurementOptions(permeability=True, transport=False, phase=("void",), memory=2**32)
    found = quantify_volume(labels, settings)
    return {axis: found.find("permeability", "void", axis).value for axis in "zyx"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edge", type=int, default=48, help="voxels of the cube of each rock")
    parser.add_argument("--start", type=int, default=0, help="where the cube begins along each axis")
    parser.add_argument("--names", nargs="*", default=["berea", "ketton"])
    options = parser.parse_args()
    folder, results = data_folder("geometry"), {}
    for name in options.names:
        pixels = tifffile.imread(folder / f"{name}.tif")
        cube = (slice(options.start, options.start + options.edge),) * 3
        void = np.ascontiguousarray(pixels[cube] == pixels.min())
        began = time.process_time()
        own, seconds = ours(void), time.process_time() - began
        rows: dict[str, Any] = {"porosity": float(void.mean()), "seconds of keramos": seconds}
        for axis, letter in enumerate("zyx"):
            fluid = through(np.moveaxis(void, axis, 0))
            row = {"keramos": own[letter]}
            if fluid.any():
                row["elimination"] = eliminate(fluid, walls_half=False)
                row["elimination, all walls half an edge away"] = eliminate(fluid, walls_half=True)
                row["lattice Boltzmann"] = stream_and_collide(fluid)
                row |= {f"keramos / {other}": own[letter] / value for other, value in list(row.items())[1:]}
            rows[letter] = row
            print(name, letter, row, flush=True)
        results[name] = rows
    write_results("permeability", {"edge": options.edge, "start": options.start, "rocks": results})


if __name__ == "__main__":
    main()
