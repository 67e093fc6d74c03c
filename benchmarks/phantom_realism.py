"""Does the phantom look like the microscope's images? The paper's two patches against phantoms, measure by measure.

The microscope is tuned to one patch (levels, noise, shading, streaks, rims, voids) and compared with the other, both
ways round. Phantoms are taken as a user would see them: their images, and a simulated hand label instead of the truth,
since the real labels are hand-made, too. The two patches differ from each other more than one would like (one is 86 %
solid, the other 74 %), so the spread between them stands beside every gap.

    KERAMOS_DATA=... python benchmarks/phantom_realism.py [--phantoms 12] [--sheet FILE.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from measured import data_folder, write_results
from numpy.typing import NDArray
from PIL import Image
from realism import mean_of, measures

from keramos.core import VoxelSize
from keramos.simulation import PhantomSettings, calibrate, collect_slabs, measure_look

VOXELS = VoxelSize(20, 26.4, 20.8)
CLOSE = 0.25
"""As a share of the real measure; of correlations, which are near zero, the difference may be a tenth."""
CLOSE_CORRELATION = 0.1

Slice = tuple[NDArray[np.uint8], NDArray[np.bool_]]


def real(folder: Path, number: int) -> Slice:
    """One of the paper's patches: grey values and the solid as labelled by hand."""
    names = (f"sample_{number:03d}_sem.bmp", f"sample_{number:03d}_th.bmp")
    grey, labels = (np.asarray(Image.open(folder / name).convert("L")) for name in names)
    return grey, labels > 127


def phantom(learnt: Slice, other: Slice, seed: int) -> Slice:
    """A slice that looks like `learnt`, as large and as solid as `other`, labelled by a simulated hand."""
    fraction = float(other[1].mean())
    settings = PhantomSettings(shape=(2, *other[0].shape), seed=seed, solid_fraction=fraction, hand_labels=(1,))
    made = collect_slabs(calibrate(settings, measure_look(*learnt, VOXELS)))
    return made.images.read()[1], made.hand.read()[1] == 1


def compared(found: dict[str, Any], learnt: dict[str, float], wanted: dict[str, float]) -> dict[str, Any]:
    """Phantom over real for each measure; which are off by more than a quarter, and for how many of them the phantom is
    what it was tuned to be: there the two patches differ by as much."""
    rows = {
        name: {"real": r, "phantom": found[name], "ratio": found[name] / r, "other patch over real": learnt[name] / r}
        for name, r in wanted.items()
        if name in found and name in learnt
    }
    off = sorted(name for name, row in rows.items() if not alike(name, row["phantom"], row["real"]))
    patches_differ = [name for name in off if alike(name, found[name], learnt[name])]
    return {"measures": rows, "off": off, "off as the patches are from each other": patches_differ}


def alike(name: str, one: float, other: float) -> bool:
    if name.startswith("correlation"):
        return abs(one - other) <= CLOSE_CORRELATION
    return abs(one / other - 1) <= CLOSE


def sheet(rows: list[list[NDArray[np.uint8]]], path: Path) -> None:
    """Slices beside each other, true to shape; real ones in the first row."""
    height, width = 256, 256
    canvas = np.zeros((len(rows) * height, max(map(len, rows)) * width), np.uint8)
    for i, row in enumerate(rows):
        for k, grey in enumerate(row):
            canvas[i * height : i * height + len(grey), k * width : k * width + grey.shape[1]] = grey
    size = (2 * canvas.shape[1], round(2 * canvas.shape[0] * VOXELS.y_nm / VOXELS.x_nm))
    Image.fromarray(canvas).resize(size, Image.Resampling.BICUBIC).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phantoms", type=int, default=12, help="seeds for each patch")
    parser.add_argument("--sheet", type=Path, help="write real and simulated slices beside each other")
    options = parser.parse_args()
    folder = data_folder("ba122")
    patches = {number: real(folder, number) for number in (1, 2)}
    reals = {number: measures(*patch, VOXELS) for number, patch in patches.items()}
    results: dict[str, Any] = {"phantoms": options.phantoms, "reals": {f"sample_{n:03d}": m for n, m in reals.items()}}
    shown: list[list[NDArray[np.uint8]]] = [[patches[1][0], patches[2][0]]]
    for learnt, other in ((1, 2), (2, 1)):
        # Of the patch to be compared with, only the solid fraction is known: it belongs to the place.
        slices = [phantom(patches[learnt], patches[other], 100 * learnt + seed) for seed in range(options.phantoms)]
        found = mean_of([measures(*item, VOXELS) for item in slices])
        results[f"sample_{other:03d}"] = compared(found, reals[learnt], reals[other])
        shown.append([grey for grey, _ in slices[:2]])
        row = results[f"sample_{other:03d}"]
        print(f"sample_{other:03d}: off by more than a quarter: {row['off']}", flush=True)
        print(f"   of these as the patches are from each other: {row['off as the patches are from each other']}")
    if options.sheet:
        sheet(shown, options.sheet)
    write_results("phantom_realism", results)


if __name__ == "__main__":
    main()
