"""How often the intervals of phase fraction and specific surface hold the truth of the material.

Two random materials whose fraction and surface are known exactly (overlapping balls; a Gaussian field cut at a level),
at two fractions each, on cubic and on flat voxels: each sample is measured by itself, and its nominal 95 % interval
holds the material's value or does not.

    python benchmarks/interval_coverage.py [--samples 60] [--edge 96]
"""

from __future__ import annotations

import argparse
import json
import sys
from math import exp, pi, sqrt
from pathlib import Path

import numpy as np
from measured import write_results
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import beta, norm

from keramos.blocks import Plan
from keramos.core import VoxelSize
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=60, help="of each material, fraction and voxel size")
    parser.add_argument("--edge", type=int, default=96, help="voxels of a sample along each axis")
    options = parser.parse_args()
    shape = (options.edge,) * 3
    rows = []
    for material, (make, surface) in MATERIALS.items():
        for fraction in FRACTIONS:
            for name, size in SIZES.items():
                truth = {"phase fraction": fraction, "specific surface area": surface(fraction) * 1000}
                held = dict.fromkeys(truth, 0)
                printed = dict.fromkeys(truth, 0)
                means, halves = {key: [] for key in truth}, {key: [] for key in truth}
                for seed in range(options.samples):
                    mask = make(shape, size, fraction, np.random.default_rng([seed, len(rows)]))
                    labels = volume_of(mask, size)
                    volume = MeasuredVolume.of_annotated(labels, MeasurementOptions(phase=("solid",)))
                    members = [MEASUREMENTS[member] for member in ("phase-fraction", "interface")]
                    bodies = [member.in_blocks(volume) for member in members]
                    results = measure_in_blocks(labels, bodies, Plan(labels.shape, labels.shape))
                    for key, true in truth.items():
                        quantity = results.find(key.replace(" ", "-"), "solid")
                        means[key].append(quantity.value)
                        if quantity.interval is not None:
                            low, high = quantity.interval
                            printed[key] += 1
                            held[key] += int(low <= true <= high)
                            halves[key].append((high - low) / 2)
                for key, true in truth.items():
                    rows.append(
                        {
                            "material": material,
                            "fraction": fraction,
                            "voxels": name,
                            "quantity": key,
                            "truth": true,
                            "samples": options.samples,
                            "printed": printed[key],
                            "held": held[key],
                            "mean": float(np.mean(means[key])),
                            "spread": float(np.std(means[key], ddof=1)),
                            "half_width": float(np.mean(halves[key])) if halves[key] else None,
                        }
                    )
                    print(json.dumps(rows[-1]), flush=True)
    totals = {}
    for key in ("phase fraction", "specific surface area"):
        held, printed = (sum(row[what] for row in rows if row["quantity"] == key) for what in ("held", "printed"))
        low, high = beta.ppf([0.025, 0.975], [held, held + 1], [printed - held + 1, max(printed - held, 1e-9)])
        totals[key] = {"held": held, "printed": printed, "share": held / printed, "interval": [float(low), float(high)]}
    print(json.dumps(totals, indent=1))
    write_results("interval_coverage", {"edge": options.edge, "totals": totals, "rows": rows})


if __name__ == "__main__":
    main()
