"""How often the intervals of phase fraction and specific surface hold the truth of the material.

Two random materials whose fraction and surface are known exactly (overlapping balls; a Gaussian field cut at a level),
at two fractions each, on cubic and on flat voxels, as cubes and as thin stacks: each sample is measured by itself, and
its nominal 95 % interval holds the material's value or does not.

    python benchmarks/interval_coverage.py [--samples 24] [--edge 96] [--thin 24 112 112] [--thin-samples 24]
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import product
from math import exp, pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from measured import write_results
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import beta, norm

from keramos.blocks import Plan
from keramos.core import Quantity, VoxelSize
from keramos.measurements import MEASUREMENTS, MeasuredVolume
from keramos.measurements.block_pass import measure_in_blocks
from keramos.settings.quantify import MeasurementOptions

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "measurements"))
from shapes import boolean_balls, boolean_surface, volume_of

SIZES = {"cubic": VoxelSize(10, 10, 10), "flat": VoxelSize(10, 13.2, 10.4)}
FRACTIONS = (0.3, 0.6)
RADIUS = 80.0
SMOOTH = 50.0


def balls(shape: tuple[int, int, int], size: VoxelSize, fraction: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    return boolean_balls(shape, size, RADIUS, fraction, rng)


def field(shape: tuple[int, int, int], size: VoxelSize, fraction: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """White noise smoothed by a Gaussian of SMOOTH nm, cut where `fraction` of it lies above on average."""
    sigma = [SMOOTH / d for d in size.zyx]
    pads = [int(4 * s) + 1 for s in sigma]
    noise = rng.standard_normal([n + 2 * p for n, p in zip(shape, pads, strict=True)])
    smooth = gaussian_filter(noise, sigma, truncate=4.0)
    inner = smooth[tuple(slice(p, -p) for p in pads)]
    # The standard deviation of smoothed white noise, from the filter itself: not from the sample.
    weights = [
        gaussian_filter(np.eye(1, 8 * p + 1, 4 * p)[0], s, truncate=4.0) for s, p in zip(sigma, pads, strict=True)
    ]
    deviation = sqrt(np.prod([np.sum(w**2) for w in weights]))
    return np.asarray(inner > norm.isf(fraction) * deviation)


def field_surface(fraction: float) -> float:
    """2 / pi * sqrt(mu) * exp(-u^2 / 2) with mu = 1 / (2 sigma^2), of a field smoothed by a Gaussian (Adler 1981)."""
    return 2 / pi * sqrt(1 / (2 * SMOOTH**2)) * exp(-(norm.isf(fraction) ** 2) / 2)


MATERIALS = {
    "overlapping balls": (balls, lambda fraction: boolean_surface(RADIUS, fraction)),
    "level of a Gaussian field": (field, field_surface),
}


def cover(
    material: str, fraction: float, voxels: str, shape: tuple[int, int, int], samples: int, seed: int
) -> list[dict[str, Any]]:
    """A row for each quantity: how many samples of this shape have an interval, and of how many it holds the truth."""
    make, surface = MATERIALS[material]
    size = SIZES[voxels]
    truth = {"phase fraction": fraction, "specific surface area": surface(fraction) * 1000}
    found: dict[str, list[Quantity]] = {key: [] for key in truth}
    for sample in range(samples):
        labels = volume_of(make(shape, size, fraction, np.random.default_rng([sample, seed])), size)
        volume = MeasuredVolume.of_annotated(labels, MeasurementOptions(phase=("solid",)))
        bodies = [MEASUREMENTS[member].in_blocks(volume) for member in ("phase-fraction", "interface")]
        results = measure_in_blocks(labels, bodies, Plan(labels.shape, labels.shape))
        for key in truth:
            found[key].append(results.find(key.replace(" ", "-"), "solid"))
    rows = []
    for key, true in truth.items():
        intervals = [quantity.interval for quantity in found[key] if quantity.interval is not None]
        means = [quantity.value for quantity in found[key]]
        rows.append(
            {
                "material": material,
                "fraction": fraction,
                "voxels": voxels,
                "shape": shape,
                "quantity": key,
                "truth": true,
                "samples": samples,
                "printed": len(intervals),
                "held": sum(bool(low <= true <= high) for low, high in intervals),
                "mean": float(np.mean(means)),
                "spread": float(np.std(means, ddof=1)),
                "half_width": float(np.mean(np.diff(intervals)) / 2) if intervals else None,
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    return rows


def total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The share that is held, with its Clopper-Pearson interval."""
    held, printed, samples = (sum(row[what] for row in rows) for what in ("held", "printed", "samples"))
    low, high = beta.ppf([0.025, 0.975], [held, held + 1], [printed - held + 1, max(printed - held, 1e-9)])
    interval = [float(low), float(high)]
    return {"samples": samples, "printed": printed, "held": held, "share": held / printed, "interval": interval}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=24, help="cubes of each material, fraction and voxel size")
    parser.add_argument("--edge", type=int, default=96, help="voxels of a cube along each axis")
    parser.add_argument("--thin", type=int, nargs=3, default=(24, 112, 112), help="voxels of a thin stack (Z Y X)")
    parser.add_argument("--thin-samples", type=int, default=24)
    options = parser.parse_args()
    shapes = {
        "cubes": ((options.edge,) * 3, options.samples),
        "thin stacks": (tuple(options.thin), options.thin_samples),
    }
    results: dict[str, Any] = {}
    for name, (shape, samples) in shapes.items():
        cases = list(product(MATERIALS, FRACTIONS, SIZES))
        rows = [row for number, case in enumerate(cases) for row in cover(*case, shape, samples, 2 * number)]
        keys = dict.fromkeys(row["quantity"] for row in rows)
        totals = {key: total([row for row in rows if row["quantity"] == key]) for key in keys}
        print(name, json.dumps(totals, indent=1), flush=True)
        results[name] = {"totals": totals, "rows": rows}
    write_results("interval_coverage", results)


if __name__ == "__main__":
    main()
