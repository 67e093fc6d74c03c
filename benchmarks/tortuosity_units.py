"""Tortuosity factors over ten voxel sizes, beside a solution in double precision that is assembled another way.

    crops of berea.tif (64 and 128 voxels along an edge), the pores alone and, of the smaller, both phases together,
    along Z: each voxel size by `keramos.measurements.transport`, each shape of voxels also by scipy's conjugate
    gradients; and a crop of 192 by the former alone

    python benchmarks/tortuosity_units.py [--edges 64 128] [--alone 192]

Reads geometry/berea.tif from $KERAMOS_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from measured import write_results
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import cg

from keramos.core import VoxelSize
from keramos.measurements import transport

SIZES: list[tuple[float, float, float]] = [
    *((edge, edge, edge) for edge in (1.0, 5.0, 20.8, 3.3, 0.1, 1000.0)),
    *((20 * unit, 26.4 * unit, 20.8 * unit) for unit in (1.0, 1000.0, 1e-3)),
    (20.0, 5.0, 5.0),
]
CASES = {"pores": {1: 1.0}, "both phases": {0: 0.05, 1: 1.0}}
ACCURACY = 1e-10


def in_double_precision(codes: NDArray[np.uint8], values: dict[int, float], size: tuple[float, float, float]) -> float:
    """Effective conductivity along Z: resistances in series from centre to centre, Jacobi-preconditioned CG."""
    k = np.zeros(codes.shape)
    for code, value in values.items():
        k[codes == code] = value
    pieces, _ = ndimage.label(k > 0)
    through = np.intersect1d(pieces[0], pieces[-1])
    k[~np.isin(pieces, through[through > 0])] = 0
    conducts = k > 0
    number = np.cumsum(conducts.ravel()).reshape(k.shape) - 1
    rows, columns, weights = [], [], []
    for axis, edge in enumerate(size):
        area = np.prod(size) / edge
        a, b = (np.take(k, np.arange(*part), axis) for part in ((0, k.shape[axis] - 1), (1, k.shape[axis])))
        i, j = (np.take(number, np.arange(*part), axis) for part in ((0, k.shape[axis] - 1), (1, k.shape[axis])))
        joined = (a > 0) & (b > 0)
        g = area / (edge / 2 / a[joined] + edge / 2 / b[joined])
        rows += [i[joined], j[joined]]
        columns += [j[joined], i[joined]]
        weights += [g, g]
    count = int(conducts.sum())
    joints = coo_array(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (count, count)
    ).tocsr()
    ends = np.zeros((2, count))
    for which, layer in ((0, 0), (1, -1)):
        at = conducts[layer]
        ends[which, number[layer][at]] = size[1] * size[2] * k[layer][at] / (size[0] / 2)
    diagonal = joints.sum(axis=1) + ends.sum(axis=0)
    matrix = (diags_array(diagonal) - joints).tocsr()
    x, failed = cg(matrix, ends[0], rtol=ACCURACY, atol=0, M=diags_array(1 / diagonal), maxiter=100_000)
    if failed:
        raise SystemExit(f"scipy's conjugate gradients did not converge ({failed})")
    # The mean of what flows in and out; both are the same up to the accuracy of the solution.
    flux = (ends[0] @ (1 - x) + ends[1] @ x) / 2
    return float(flux * k.shape[0] * size[0] / (k.shape[1] * k.shape[2] * size[1] * size[2]))


def rows_of(
    codes: NDArray[np.uint8], case: str, sizes: list[tuple[float, float, float]], *, beside: bool
) -> list[dict[str, Any]]:
    """A row for each voxel size, `beside` a solution in double precision or alone."""
    values, rows = CASES[case], []
    truths: dict[tuple[float, ...], float] = {}
    for size in sizes:
        shape = tuple(np.round(np.array(size) / min(size), 9))
        if beside and shape not in truths:
            truths[shape] = in_double_precision(codes, values, size)
        began = time.perf_counter()
        solved = transport(codes, values, 0, VoxelSize(*size))
        row = {
            "edge_voxels": len(codes),
            "case": case,
            "voxel_size_nm": size,
            "relative_diffusivity": solved.effective,
            "residual": solved.residual,
            "imbalance": solved.imbalance,
            "seconds": time.perf_counter() - began,
        }
        if beside:
            row["double_precision"] = truths[shape]
            row["difference"] = solved.effective / truths[shape] - 1
        if case == "pores":
            row["tortuosity_factor"] = float(codes.mean()) / solved.effective
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--edges", type=int, nargs="*", default=[64, 128])
    parser.add_argument("--alone", type=int, nargs="*", default=[192], help="crops without a peer: four voxel sizes")
    options = parser.parse_args()
    pixels = tifffile.imread(Path(os.environ["KERAMOS_DATA"]) / "geometry" / "berea.tif")
    rows = []
    for edge in (*options.edges, *options.alone):
        codes = (pixels[:edge, :edge, :edge] == pixels.min()).astype(np.uint8)
        cases = CASES if edge == options.edges[0] else ["pores"]
        for case in cases:
            beside = edge in options.edges
            rows += rows_of(codes, case, SIZES if beside else SIZES[1:5], beside=beside)
    largest = max(abs(row["difference"]) for row in rows if "difference" in row)
    results: dict[str, Any] = {"rows": rows, "largest_difference": largest}
    if options.alone:
        edges = ", ".join(map(str, options.alone))
        results["note"] = (
            f"crops of {edges} voxels were solved without the double-precision peer, which was not run there"
        )
    write_results("tortuosity_units", results)


if __name__ == "__main__":
    main()
