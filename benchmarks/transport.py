"""Our transport solver against TauFactor, on measured geometries, in one run.

    electrode (256^3): both, in turns; TauFactor until its own value has converged
    berea (400^3): ours alone, with residual, time and memory

    python benchmarks/transport.py [--rounds 2] [--skip-berea]

Reads geometry/*.tif from $KERAMOS_DATA. The peer is a test-only dependency: pip install taufactor.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import tifffile
from measured import write_results
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.measurements import transport

SIZE = VoxelSize(1, 1, 1)


def geometry(name: str) -> NDArray[np.uint8]:
    """1 where the pores are: they conduct."""
    pixels = tifffile.imread(Path(os.environ["KERAMOS_DATA"]) / "geometry" / f"{name}.tif")
    return (pixels == pixels.min()).astype(np.uint8)


def ours(mask: NDArray[np.uint8], tolerance: float = 1e-5) -> dict[str, Any]:
    began = time.perf_counter()
    found = transport(mask, {1: 1.0}, 0, SIZE, tolerance=tolerance)
    seconds = time.perf_counter() - began
    return {
        "tau": float(mask.mean() / found.effective),
        "seconds": seconds,
        "residual": found.residual,
        "imbalance": found.imbalance,
        "iterations": found.iterations,
        "unknowns": found.unknowns,
    }


def taufactor(mask: NDArray[np.uint8], criterion: float) -> dict[str, Any]:
    import taufactor as peer

    solver = peer.Solver(mask, device="cpu")
    began = time.perf_counter()
    solver.solve(verbose=False, conv_crit=criterion, iter_limit=50000)
    seconds, tau = time.perf_counter() - began, float(np.asarray(solver.tau).ravel()[0])
    converged = bool(getattr(solver, "converged", True))
    return {
        "tau": tau,
        "seconds": seconds,
        "criterion": criterion,
        "iterations": int(solver.iter),
        "converged": converged,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--skip-berea", action="store_true")
    parser.add_argument("--criteria", type=float, nargs="*", default=[1e-2, 1e-3])
    options = parser.parse_args()
    electrode = geometry("electrode")
    mine, theirs = [], []
    for turn in range(options.rounds):
        mine.append(ours(electrode))
        print("ours", json.dumps(mine[-1]), flush=True)
        for criterion in options.criteria if turn == 0 else options.criteria[:1]:
            theirs.append(taufactor(electrode, criterion))
            print("TauFactor", json.dumps(theirs[-1]), flush=True)
    exact = ours(electrode, 1e-7)
    print("ours, converged further", json.dumps(exact), flush=True)
    converged = min(theirs, key=lambda row: row["criterion"])
    loose = [row["seconds"] for row in theirs if row["criterion"] == options.criteria[0]]
    results: dict[str, Any] = {
        "electrode": {
            "ours": mine,
            "ours_tolerance_1e-7": exact,
            "taufactor": theirs,
            "difference": median(row["tau"] for row in mine) / converged["tau"] - 1,
            "speed_ratio_default": median(loose) / median(row["seconds"] for row in mine),
            "speed_ratio_converged": converged["seconds"] / median(row["seconds"] for row in mine),
        }
    }
    if not options.skip_berea:
        results["berea"] = ours(geometry("berea"))
        results["berea"]["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print("berea", json.dumps(results["berea"]), flush=True)
    print(json.dumps({k: v for k, v in results["electrode"].items() if not isinstance(v, list)}, indent=1))
    write_results("transport", results)


if __name__ == "__main__":
    main()
