"""How near does local thickness come to the truth, before and now, beside PoreSpy?

    plates of 1 to 16 voxels along an axis      -> thickness over the truth
    balls of radius 3 to 30 at ten random places -> mean thickness over the diameter
    cylinders and plates askew, four directions -> the same
    a random field, of voxels 4, 2 and 1         -> mean thickness in units of the smallest
    200^3 of berea, both phases                  -> seconds of all processors' time

    KERAMOS_DATA=... python benchmarks/local_thickness.py

"before" is a copy of the rule up to then: the distance to the nearest centre outside less half a voxel, in steps of
half a voxel. PoreSpy (if it is installed) measures to that centre, half a voxel beyond the face: one voxel more by its
convention, which is not taken off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import edt
import numpy as np
import tifffile
from measured import data_folder, write_results
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import VoxelSize
from keramos.measurements import local_thickness

Mask = NDArray[np.bool_]
UNIT = VoxelSize(1, 1, 1)
FLAT = VoxelSize(20, 26.4, 20.8)
DIRECTIONS = ((1, 0, 0), (1, 0, 0.1), (1, 0.2, 0.3), (1, 0.5, 0), (1, 1, 0), (1, 1, 1), (3, 2, 1))
PLACES = 10


def before(mask: Mask, size: VoxelSize = UNIT) -> NDArray[np.float32]:
    diameters = np.zeros(mask.shape, np.float32)
    smallest = min(size.zyx) / 2
    depth = np.where(mask, np.maximum(_distance(mask, size) - smallest, 0), 0)
    for radius in np.linspace(smallest, depth.max(), min(48, max(1, int(np.ceil(depth.max() / smallest))))):
        reach = _distance(~(depth >= radius * (1 - 1e-6)), size)
        diameters[mask & (reach < radius)] = 2 * radius
    return diameters


def _distance(mask: Mask, size: VoxelSize) -> NDArray[np.float32]:
    return np.asarray(edt.edt(np.ascontiguousarray(mask), anisotropy=size.zyx, black_border=False, parallel=2))


def now(mask: Mask, size: VoxelSize = UNIT) -> NDArray[np.float32]:
    return local_thickness(mask, size)


def methods() -> dict[str, Callable[[Mask], Any]]:
    """Both rules, and PoreSpy's if it is installed; each gives diameters in voxels."""
    every: dict[str, Callable[[Mask], Any]] = {"before": before, "now": now}
    try:
        import porespy
    except ImportError:
        return every
    porespy.settings.tqdm["disable"] = True
    every[f"PoreSpy {porespy.__version__}"] = lambda mask: 2 * np.asarray(porespy.filters.local_thickness(mask))
    return every


def _points(edges: NDArray[np.float64], size: VoxelSize, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    counts = np.ceil(edges / size.zyx).astype(int) + 6
    lines = [(np.arange(n) - n // 2 - rng.random()) * d for n, d in zip(counts, size.zyx, strict=True)]
    return list(np.meshgrid(*lines, indexing="ij", sparse=True))


def ball(radius: float, rng: np.random.Generator, size: VoxelSize = UNIT) -> Mask:
    z, y, x = _points(np.full(3, 2 * radius), size, rng)
    return np.asarray(z**2 + y**2 + x**2 <= radius**2)


def askew(width: float, direction: tuple[float, ...], rng: np.random.Generator, *, round_: bool) -> Mask:
    """A cylinder along a direction, or a plate across it, 24 voxels longer than wide."""
    z, y, x = _points(np.full(3, width + 24), UNIT, rng)
    w, v, u = np.array(direction) / np.linalg.norm(direction)
    along = (z * w + y * v + x * u) ** 2
    return np.asarray((z**2 + y**2 + x**2 - along if round_ else along) <= (width / 2) ** 2)


def inner(mask: Mask, thickness: NDArray[np.float32]) -> float:
    """The mean away from the ends."""
    middle = (slice(9, -9),) * 3
    return float(thickness[middle][mask[middle]].mean())


def plates() -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for count in (1, 2, 3, 4, 5, 8, 16):
        mask = np.zeros((count + 8, 12, 12), bool)
        mask[4:-4] = True
        rows[str(count)] = {name: float(rule(mask)[mask].mean()) / count for name, rule in methods().items()}
    turned = np.moveaxis(mask, 0, 1)
    for name, rule in (("before", before), ("now", now)):
        rows.setdefault("16, voxels of 20 x 26.4 x 20.8, across y", {})[name] = float(
            rule(turned, FLAT)[turned].mean() / (16 * FLAT.y_nm)
        )
    return rows


def balls() -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for radius in (3, 5, 8, 12, 20, 30):
        masks = [ball(radius, np.random.default_rng(seed)) for seed in range(PLACES)]
        rows[str(radius)] = {
            name: _spread([rule(mask)[mask].mean() / (2 * radius) for mask in masks])
            for name, rule in methods().items()
        }
        rows[str(radius)]["now"]["1 - 0.36 / radius"] = 1 - 0.36 / radius
        rows[str(radius)]["now"]["off by, voxels of diameter"] = 2 * radius * (rows[str(radius)]["now"]["mean"] - 1)
    for radius in (5, 8, 12):
        masks = [ball(radius * FLAT.y_nm, np.random.default_rng(seed), FLAT) for seed in range(PLACES)]
        rows[f"{radius}, voxels of 20 x 26.4 x 20.8"] = {
            name: _spread([rule(mask, FLAT)[mask].mean() / (2 * radius * FLAT.y_nm) for mask in masks])
            for name, rule in (("before", before), ("now", now))
        }
    return rows


def _spread(values: list[Any]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "least": float(np.min(values)), "most": float(np.max(values))}


def slanted(*, round_: bool) -> dict[str, Any]:
    """Voxels by which the mean thickness is off, at four places each."""
    rows: dict[str, Any] = {}
    for width in (5, 10, 16) if round_ else (3, 5.3, 8, 12.3):
        for direction in DIRECTIONS[0 if round_ else 1 :]:
            masks = [askew(width, direction, np.random.default_rng(seed), round_=round_) for seed in range(4)]
            rows[f"{width} along {direction}" if round_ else f"{width} across {direction}"] = {
                name: float(np.mean([inner(mask, rule(mask)) for mask in masks])) - width
                for name, rule in methods().items()
            }
    return rows


def field() -> dict[str, Any]:
    noise = np.random.default_rng(0).standard_normal((160, 160, 160))
    body = ndimage.gaussian_filter(noise, 10, mode="wrap") > 0
    rows: dict[str, Any] = {}
    for edge in (4, 2, 1):
        mask = np.ascontiguousarray(body[::edge, ::edge, ::edge])
        rows[f"voxels of {edge}"] = {name: float(rule(mask)[mask].mean()) * edge for name, rule in methods().items()}
    return rows


def seconds() -> dict[str, Any]:
    pixels = tifffile.imread(data_folder("geometry") / "berea.tif")[:200, :200, :200]
    rows: dict[str, Any] = {}
    for phase, mask in (("pores", pixels == pixels.min()), ("solid", pixels == pixels.max())):
        for name, rule in methods().items():
            rule(mask[:20])  # compiled
            start = time.process_time()
            thickness = rule(mask)
            rows.setdefault(phase, {})[name] = {
                "seconds of processor": time.process_time() - start,
                "mean thickness, voxels": float(thickness[mask].mean()),
            }
    return rows


def main() -> None:
    results = {
        "plates, of the truth": plates(),
        "balls, of the diameter": balls(),
        "cylinders, voxels off": slanted(round_=True),
        "plates askew, voxels off": slanted(round_=False),
        "random field, mean thickness": field(),
        "berea, 200^3": seconds(),
    }
    write_results("local_thickness", results)


if __name__ == "__main__":
    main()
