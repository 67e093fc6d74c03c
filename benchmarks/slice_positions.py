"""Recovery of uneven slices from the likeness of neighbours, over bodies, seeds and sizes; and what uneven slices do to
the specific surface and to the tortuosity along z, before and after they are put where they lie.

    python benchmarks/slice_positions.py [--parts recovery,bias] [--seeds N]

No data needed. Rows that are in benchmarks/results/slice_positions.json already are not made again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import keramos
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.preparation import (
    FloorLightObserver,
    RawStack,
    observe_likeness,
    observe_shifts,
    place_by_likeness,
    place_on_grid,
)
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.random_field import RandomField
from keramos.simulation.bodies.spheres import Spheres
from keramos.simulation.body import Body
from keramos.simulation.raw import RawSettings, make_raw_phantom

RESULT = Path(__file__).parent / "results" / "slice_positions.json"
BODIES = ("preset", "field", "spheres", "fibres", "platelets")
SIZES = (256, 512)
SIZE = VoxelSize(20, 10, 10)
COUNT = 60


def make_body(name: str, seed: int) -> Body | None:
    if name == "field":
        return RandomField(seed)
    if name == "spheres":
        return Spheres(seed)
    if name == "fibres":
        return Fibres(seed)
    if name == "platelets":
        return Fibres(seed, long_nm=250, thick_nm=1500, axis=(0, 1, 0))
    return None  # that of the preset


def describe_error(pictures: NDArray[Any], z_nm: NDArray[np.float64]) -> dict[str, float]:
    """The error of steps and of positions (rms, in nominal steps) by the likeness of slices, aligned by themselves."""
    shape = pictures.shape
    shifts = observe_shifts(RawStack((shape[0], shape[1], shape[2])))
    likeness, light = observe_likeness((shape[1], shape[2]), shifts, 560), FloorLightObserver(shifts)
    for z, picture in enumerate(pictures):
        grey = picture.astype(np.float32)
        shifts.add(z, grey)
        likeness.add(z, grey)
        light.add(z, grey)
    even = SIZE.z_nm * np.arange(shape[0])
    placed = place_by_likeness(likeness.finish(), even, SIZE.z_nm, light.finish())
    if placed is None or placed.step_sd_nm is None or placed.sd_nm is None:
        return {}
    true = z_nm * even[-1] / z_nm[-1]
    steps, told = np.diff(true) / SIZE.z_nm, np.diff(placed.nm) / SIZE.z_nm
    error, drift = told - steps, (placed.nm - true) / SIZE.z_nm
    neighbours = (np.diff(told) - np.diff(steps)) / np.sqrt(2)
    numbers = {
        "true_step_sd": steps.std(),
        "step_error": error.std(),
        "neighbouring_step_error": neighbours.std(),
        "stated_step_sd": np.sqrt(np.mean((placed.step_sd_nm / SIZE.z_nm) ** 2)),
        "position_error": np.sqrt(np.mean(drift**2)),
        "even_position_error": np.sqrt(np.mean(((even - true) / SIZE.z_nm) ** 2)),
        "stated_position_sd": np.sqrt(np.mean((placed.sd_nm / SIZE.z_nm) ** 2)),
        "stated_spread": placed.spread,
    }
    return {name: round(float(value), 4) for name, value in numbers.items()}


def recover(row: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each size, cut from the same phantom."""
    settings = RawSettings(
        (COUNT, max(SIZES), max(SIZES)),
        raw="zeiss",
        voxel_size=SIZE,
        seed=row["seed"],
        severity=0.5,
        thickness_error=row["thickness_error"],
        bad_slices=False,
    )
    phantom = make_raw_phantom(settings, body=make_body(row["body"], row["seed"]))
    return [{**row, "size": size, **describe_error(phantom.pictures[:, :size, :size], phantom.z_nm)} for size in SIZES]


def measure(labels: NDArray[np.uint8]) -> dict[str, float]:
    """Specific surface of the solid (per um), and the tortuosity factor of the void along z."""
    volume = LabelVolume.from_array(labels, PhaseTable.from_names(["void", "solid"]), VoxelSize(20, 20, 20))
    wanted = {"specific-surface-area": "solid", "tortuosity-factor": "void"}
    numbers = {}
    for quantity in keramos.quantify(volume).quantities:
        if wanted.get(quantity.id) == quantity.phase and quantity.axis in ("", "z"):
            numbers[quantity.id] = float(quantity.quantity.value)
    return numbers


def show_bias(row: dict[str, Any]) -> dict[str, Any]:
    """The numbers of one body on an even grid, cut at uneven places and taken as even, resampled linearly by the true
    places, and an even stack resampled by half a slice, which is what resampling itself does."""
    rng = np.random.default_rng(row["seed"])
    nm = np.arange(128) * 20.0
    body = make_body(row["body"], row["seed"])
    assert body is not None
    fine = np.asarray(body.sample((np.arange(0, nm[-1] + 20, 2.0), nm[:96], nm[:96])).solidness)
    level = np.quantile(fine, 0.4)
    steps = np.clip(1 + 0.2 * rng.standard_normal(len(nm) - 1), 0.4, 1.6)
    places = np.concatenate([[0.0], np.cumsum(steps / steps.mean())]) * 20.0

    def cut(z: NDArray[np.float64]) -> NDArray[np.uint8]:
        return (fine[np.rint(z / 2).astype(int)] > level).astype(np.uint8)

    def resample(slices: NDArray[np.uint8], z: NDArray[np.float64]) -> NDArray[np.uint8]:
        grid = place_on_grid(z, 20.0)
        weight = grid.weight[:, None, None]
        mixed = (1 - weight) * slices[grid.below] + weight * slices[grid.above]
        return (mixed > 0.5).astype(np.uint8)

    uneven = cut(places)
    half = np.concatenate([[0.0], nm[1:-1] + 10.0])
    told = places + np.concatenate([[0.0], np.cumsum(0.07 * 20 * rng.standard_normal(len(nm) - 1))])
    told *= places[-1] / told[-1]
    return {
        **row,
        "even": measure(cut(nm)),
        "uneven_taken_as_even": measure(uneven),
        "resampled_by_true_places": measure(resample(uneven, places)),
        "resampled_by_places_with_step_error_0.07": measure(resample(uneven, told)),
        "even_resampled_by_half_a_slice": measure(resample(cut(half), half)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default="recovery,bias")
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    content: dict[str, list[dict[str, Any]]] = {"recovery": [], "bias": []}
    if RESULT.exists():
        content.update(json.loads(RESULT.read_text(encoding="utf-8")))
    parts = given.parts.split(",")
    rows = [
        ("recovery", {"body": body, "seed": seed, "thickness_error": error})
        for seed in range(1, given.seeds + 1)
        for body in BODIES
        for error in ((0.2, 0.0) if body == "preset" else (0.2,))
    ]
    rows += [
        ("bias", {"body": body, "seed": seed}) for seed in range(1, given.seeds + 1) for body in ("field", "fibres")
    ]
    for part, row in rows:
        if part not in parts or any(row.items() <= old.items() for old in content[part]):
            continue
        content[part] += recover(row) if part == "recovery" else [show_bias(row)]
        RESULT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        print(part, content[part][-1], flush=True)


if __name__ == "__main__":
    main()
