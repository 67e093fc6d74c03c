"""What `keramos check` names: defects planted one at a time in phantoms, and false alarms where there is none.

40 clean phantoms (noise and shine-through only; bodies and voxels vary) -> findings graver than a note are false alarms
the same, each kind of defect planted by code of this file at a stated strength -> found if a finding of the kind
    that is asked for names the right slices
phantoms at severity 0.5, which hold drift and jumps by design; real stacks and images -> listed
a gigavoxel -> seconds, by format

Thresholds were chosen on the seeds from 1000, 5000 and 9000 on (`--seeds 1000`); the seeds from 17000 on are reported.

    KERAMOS_DATA=... python benchmarks/check_stacks.py --work DIR [--parts clean ...] [--only KIND ...] [--seeds 1000]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import tifffile
from check_phantoms import SHAPE, Stack, clean_stack, material_of, usual_stack, voxels_of
from measured import RESULTS, data_folder, machine, write_results
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import Box, Finding, Volume, VoxelSize, rank_findings
from keramos.inspection import run_checks, survey_stack
from keramos.io import create_image, open_volume

Grey = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """A stack to plant a defect in, to be changed in place: with and without noise."""

    grey: Grey
    quiet: Grey


Planted = tuple[Grey, set[int] | None]
"""The images, and the slices to be named; None where it is about the whole stack."""


@dataclass(frozen=True)
class Plant:
    """A kind of defect: how strong, how it is planted, the kinds of finding that name it, and the gravity asked for."""

    strength: str
    plant: Callable[[Case, np.random.Generator], Planted]
    kinds: tuple[str, ...]
    note: bool = False


def add_noise(quiet: Grey, rng: np.random.Generator) -> Grey:
    """The images with the usual noise: a variance of 24 + 1.1 x grey value."""
    return quiet + rng.normal(size=quiet.shape) * np.sqrt(24 + 1.1 * np.maximum(quiet, 0))


def pick(rng: np.random.Generator, number: int = 1) -> list[int]:
    return sorted(rng.choice(np.arange(3, SHAPE[0] - 3), number, replace=False).tolist())


def blank(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    slices = pick(rng)
    grey[slices] = rng.choice([0, 17, 255])
    return grey, set(slices)


def noise_alone(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z] = add_noise(np.full_like(grey[z], np.median(grey)), rng)
    return grey, {z}


def half_blank(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z, int(rng.uniform(0.2, 0.8) * grey.shape[1]) :] = 0
    return grey, {z}


def dark(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z] *= 0.6
    return grey, {z}


def overexposed(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z] = grey[z] * 2.5
    return grey, {z}


def repeated(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z] = grey[z - 1]
    return grey, {z}


def repeated_thrice(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z : z + 2] = grey[z - 1]
    return grey, {z, z + 1}


def nearly_repeated(case: Case, rng: np.random.Generator) -> Planted:
    """The slice before, as the microscope would image it again, with other noise."""
    grey, quiet = case.grey, case.quiet
    (z,) = pick(rng)
    grey[z] = add_noise(quiet[z - 1], rng)
    return grey, {z}


def defocused(case: Case, rng: np.random.Generator) -> Planted:
    """A Gaussian blur, to which the noise of the detector is added afterwards."""
    grey, quiet = case.grey, case.quiet
    (z,) = pick(rng)
    grey[z] = add_noise(ndimage.gaussian_filter(quiet[z], 2.0), rng)
    return grey, {z}


def jump(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z:] *= 1 + 0.12 * rng.choice([-1, 1])
    return grey, {z}


def flicker(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    (z,) = pick(rng)
    grey[z] *= 1.12
    return grey, {z}


def brightness_drift(case: Case, rng: np.random.Generator) -> Planted:
    grey = case.grey
    gains = np.linspace(0.85, 1.15, len(grey))[:: rng.choice([-1, 1])]
    return grey * gains[:, None, None], None


def move(quiet: Grey, shifts: Grey, rng: np.random.Generator) -> Grey:
    """Each slice moved by so many pixels (y, x), by cubic splines, then with noise."""
    moved = [ndimage.shift(one, by, order=3, mode="mirror") for one, by in zip(quiet, shifts, strict=True)]
    return add_noise(np.stack(moved), rng)


def jitter(case: Case, rng: np.random.Generator) -> Planted:
    """Steps between slices of exactly 0.3 px standard deviation, along one axis."""
    grey, quiet = case.grey, case.quiet
    steps = rng.normal(size=len(grey) - 1)
    steps = 0.3 * (steps - steps.mean()) / steps.std()
    shifts = np.zeros((len(grey), 2))
    shifts[1:, rng.integers(2)] = np.cumsum(steps)
    return move(quiet, shifts, rng), None


def displaced(case: Case, rng: np.random.Generator) -> Planted:
    """All slices from one on lie 3 px to one side."""
    grey, quiet = case.grey, case.quiet
    (z,) = pick(rng)
    shifts = np.zeros((len(grey), 2))
    shifts[z:, rng.integers(2)] = 3.0 * rng.choice([-1, 1])
    return move(quiet, shifts, rng), {z}


def shaded(case: Case, rng: np.random.Generator) -> Planted:
    """Gains from 0.8 to 1.2 along one axis."""
    axis = int(rng.integers(1, 3))
    gains = np.linspace(0.8, 1.2, case.grey.shape[axis])[:: rng.choice([-1, 1])]
    return case.grey * np.expand_dims(gains, [other for other in range(3) if other != axis]), None


def information_bar(case: Case, rng: np.random.Generator) -> Planted:
    """16 to 40 rows of black at the bottom with white blocks for letters, some of which change from slice to slice."""
    grey, rows = case.grey, int(rng.integers(16, 41))
    grey[:, -rows:] = 0
    for slices in (slice(None), *range(len(grey))):
        for _ in range(12 if isinstance(slices, slice) else 2):
            y, x = int(rng.integers(2, rows - 9)), int(rng.integers(0, grey.shape[2] - 6))
            grey[slices, grey.shape[1] - rows + y : grey.shape[1] - rows + y + 7, x : x + 4] = 255
    return grey, None


def border(case: Case, rng: np.random.Generator) -> Planted:
    """Where an alignment that moved slices by up to 6 px left no image: 0 or 255, of another width in each slice."""
    grey, value = case.grey, rng.choice([0.0, 255.0])
    path = np.clip(np.cumsum(rng.integers(-2, 3, (len(grey), 2)), axis=0), -6, 6)
    for one, (down, across) in zip(grey, path.tolist(), strict=True):
        one[: max(down, 0)] = one[len(one) + min(down, 0) :] = value
        one[:, : max(across, 0)] = one[:, one.shape[1] + min(across, 0) :] = value
    return grey, None


def wedge(case: Case, rng: np.random.Generator) -> Planted:
    """All slices turned by 2 to 5 degrees, the corners 0."""
    angle = rng.uniform(2, 5) * rng.choice([-1, 1])
    return ndimage.rotate(case.grey, angle, (1, 2), reshape=False, order=0, cval=0.0), None


def clipped(case: Case, _: np.random.Generator) -> Planted:
    """Contrast stretched until a tenth of the pixels are 255."""
    return case.grey * (256 / np.percentile(case.grey, 90)), None


def curtains(case: Case, rng: np.random.Generator) -> Planted:
    """Gains of columns with a standard deviation of 0.04, which change over about 15 slices."""
    noise = ndimage.gaussian_filter1d(rng.normal(size=(len(case.grey), case.grey.shape[2])), 15, axis=0)
    return case.grey * (1 + 0.04 * noise / noise.std())[:, None, :], None


def wrong_pitch(case: Case, _: np.random.Generator) -> Planted:
    """Every third slice alone, by the voxel size of all."""
    return case.grey[::3], None


PLANTS: dict[str, Plant] = {
    "blank": Plant("one grey value: 0, 17 or 255", blank, ("blank-slice",)),
    "noise alone": Plant("noise of the usual strength without an image", noise_alone, ("blank-slice",)),
    "half blank": Plant("the lower 20 to 80 % of the rows are 0", half_blank, ("blank-slice",)),
    "dark": Plant("grey values x 0.6", dark, ("dark-slice",)),
    "overexposed": Plant("grey values x 2.5, cut off at 255", overexposed, ("clipping",)),
    "repeated": Plant("equal to the slice before", repeated, ("repeated-slice",)),
    "repeated thrice": Plant("two equal to the slice before", repeated_thrice, ("repeated-slice",)),
    "nearly repeated": Plant("the slice before with other noise", nearly_repeated, ("repeated-slice",)),
    "defocused": Plant("blurred by 2 px (standard deviation), with the usual noise", defocused, ("defocused-slice",)),
    "jump": Plant("grey values x 1.12 or x 0.88 from one slice on", jump, ("brightness-jump",)),
    "flicker": Plant("one slice x 1.12", flicker, ("brightness-jump",)),
    "brightness drift": Plant("x 0.85 to x 1.15 along z", brightness_drift, ("brightness-jump",)),
    "jitter": Plant("steps of 0.3 px standard deviation along one axis", jitter, ("drift",)),
    "displaced": Plant("3 px from one slice on", displaced, ("drift",)),
    "shaded": Plant("x 0.8 to x 1.2 along y or x", shaded, ("shading",)),
    "information bar": Plant("16 to 40 rows with text", information_bar, ("information-bar",)),
    "border": Plant("up to 6 px of 0 or 255 that an alignment left", border, ("empty-border",)),
    "wedge": Plant("black corners of slices turned by 2 to 5 degrees", wedge, ("empty-border",)),
    "clipped": Plant("a tenth of the pixels are 255", clipped, ("clipping",)),
    "curtains": Plant("gains of columns with a standard deviation of 0.04", curtains, ("curtains",)),
    "wrong pitch": Plant(
        "a third of the slices, by the voxel size of all", wrong_pitch, ("slice-thickness",), note=True
    ),
}


def check(stack: Stack, grey: Grey) -> list[Finding]:
    pixels = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return run_checks("stack", survey_stack(Volume.from_array(pixels, stack.voxels, stack.material)))


def is_found(plant: Plant, findings: list[Finding], slices: set[int] | None) -> bool:
    named = [one for one in findings if one.kind in plant.kinds and (plant.note or one.severity != "note")]
    return any(slices is None or set(one.slices) == slices for one in named)


def count_found(work: Path, first: int, number: int, only: list[str] | None) -> dict[str, Any]:
    """For each kind how many were found, and what the others gave."""
    counts: dict[str, Any] = {}
    for at, (name, plant) in enumerate(PLANTS.items()):
        if only and name not in only:
            continue
        found, missed, others = 0, [], 0
        for seed in range(first, first + number):
            stack = clean_stack(seed, work)
            case = Case(stack.grey.astype(np.float64), stack.quiet.astype(np.float64))
            grey, slices = plant.plant(case, np.random.default_rng((seed, at)))
            findings = check(stack, grey)
            if is_found(plant, findings, slices):
                found += 1
            else:
                seen = [(one.kind, one.severity, list(one.slices)) for one in findings]
                missed.append({"seed": seed, "material": stack.material, "planted": sorted(slices or ()), "seen": seen})
            others += any(one.kind not in plant.kinds and one.severity != "note" for one in findings)
        counts[name] = {"strength": plant.strength, "found": found, "planted": number, "missed": missed}
        counts[name]["seeds"] = [first, first + number - 1]
        counts[name]["with_other_findings"] = others
        print(name, found, "of", number, "others", others, missed[:6], flush=True)
    return counts


def rows_of(findings: list[Finding]) -> list[dict[str, Any]]:
    """What a finding is, without what it does and what to do."""
    return [
        {"kind": one.kind, "severity": one.severity, "slices": list(one.slices), "message": one.message}
        for one in rank_findings(findings)
    ]


def count_alarms(work: Path, first: int, number: int) -> dict[str, Any]:
    """Findings about clean phantoms: those graver than a note, and the notes."""
    alarms, notes = [], []
    for seed in range(first, first + number):
        stack = clean_stack(seed, work)
        for row in rows_of(check(stack, stack.grey.astype(np.float64))):
            (notes if row["severity"] == "note" else alarms).append({"seed": seed, "material": stack.material, **row})
    print(len(alarms), "false alarms", alarms, len(notes), "notes", flush=True)
    return {"stacks": number, "alarms": alarms, "notes": notes}


def list_usual(work: Path, first: int, number: int) -> list[dict[str, Any]]:
    """Findings about phantoms at severity 0.5, which have the defects of a usual microscope, drift among them."""
    listed = []
    for seed in range(first, first + number):
        volume = Volume.from_array(usual_stack(seed, work), voxels_of(seed), material_of(seed))
        findings = run_checks("stack", survey_stack(volume))
        listed.append({"seed": seed, "material": volume.name, "findings": rows_of(findings)})
        print(listed[-1], flush=True)
    return listed


def list_real() -> dict[str, Any]:
    """Findings about real data: a stack, and single images."""
    root = data_folder("lucchi").parent
    paths = [root / "lucchi" / "images.tif", *sorted((root / "ba122").glob("*_sem.bmp"))]
    paths += sorted(
        path for path in (root / "nasa").rglob("*.*") if path.suffix in (".png", ".tif") and "mask" not in path.stem
    )
    listed = {}
    for path in paths:
        volume = open_volume(path)
        if len(np.unique(volume.read(Box((0, 0, 0), (1, *volume.shape[1:]))))) <= 3:
            continue  # labels
        listed[path.relative_to(root).as_posix()] = rows_of(run_checks("stack", survey_stack(volume)))
        print(path.name, listed[path.relative_to(root).as_posix()], flush=True)
    return listed


GIGAVOXEL = (1000, 1000, 1000)


def time_gigavoxel(work: Path, rounds: int = 3) -> dict[str, Any]:
    """Seconds to check a stack of 1000 x 1000 x 1000 bytes on two threads, by format, the file read before; and those
    of the quick look before a training or a segmentation."""
    seconds: dict[str, Any] = {}
    for name, path in make_gigavoxel(work).items():
        for kind, quick in (("check", False), ("quick", True)):
            each = []
            for _ in range(rounds):
                start = time.perf_counter()
                survey = survey_stack(open_volume(path), quick=quick)
                findings = run_checks("stack", survey)
                each.append(time.perf_counter() - start)
            seconds[f"{name}, {kind}"] = {"median_s": median(each), "each_s": each, "findings": len(findings)}
            print(name, kind, seconds[f"{name}, {kind}"], flush=True)
    seconds["load_average_of_two_cores"] = os.getloadavg()[0]
    return seconds


def make_gigavoxel(work: Path) -> dict[str, Path]:
    """A blocky material with noise, as an OME-Zarr, one TIFF, and a folder of compressed TIFFs."""
    paths = {"OME-Zarr": work / "giga.ome.zarr", "one TIFF": work / "giga.tif", "folder of TIFFs": work / "giga"}
    if all(path.exists() for path in paths.values()):
        return paths
    rng = np.random.default_rng(0)
    field = ndimage.gaussian_filter(rng.normal(size=(126, 126, 126)).astype(np.float32), 2.0, mode="wrap")
    level = np.quantile(field, 0.35)
    noise = rng.normal(0, 9, (4, *GIGAVOXEL[1:])).astype(np.float32)
    shutil.rmtree(paths["folder of TIFFs"], ignore_errors=True)
    paths["folder of TIFFs"].mkdir(parents=True)
    writer = create_image(paths["OME-Zarr"], GIGAVOXEL, np.dtype(np.uint8), voxel_size=VoxelSize(10, 10, 10))
    with tifffile.TiffWriter(paths["one TIFF"], bigtiff=True) as stack:
        for first in range(0, GIGAVOXEL[0], 16):
            slab = []
            for z in range(first, min(first + 16, GIGAVOXEL[0])):
                plane = ndimage.zoom(_between(field, z / 8), 8, order=1)[: GIGAVOXEL[1], : GIGAVOXEL[2]]
                grey = np.where(plane > level, 130, 40)
                grey = grey + np.roll(noise[z % 4], (37 * z, 91 * z), (0, 1))
                slab.append(np.clip(np.rint(grey), 0, 255).astype(np.uint8))
                stack.write(slab[-1], contiguous=True)
                tifffile.imwrite(paths["folder of TIFFs"] / f"s{z:04d}.tif", slab[-1], compression="zlib")
            writer.write(Box((first, 0, 0), (first + len(slab), *GIGAVOXEL[1:])), np.stack(slab))
    writer.finish()
    return paths


def _between(field: NDArray[np.float32], place: float) -> NDArray[np.float32]:
    """A plane between two of a field, by a straight line."""
    low = int(place)
    share = np.float32(place - low)
    return (1 - share) * field[low] + share * field[min(low + 1, len(field) - 1)]


PARTS = ("clean", "planted", "usual", "real", "gigavoxel")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=17000)
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--name", default="check_stacks")
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS)
    options = parser.parse_args()
    work, first, number = options.work, options.seeds, options.number
    path = RESULTS / f"{options.name}.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    run = {
        "clean": lambda: count_alarms(work, first, number),
        "planted": lambda: results.get("planted", {}) | count_found(work, first, number, options.only),
        "usual": lambda: list_usual(work, first, min(number, 10)),
        "real": list_real,
        "gigavoxel": lambda: time_gigavoxel(work),
    }
    for part in options.parts:
        results |= {"machine": machine(), "shape": SHAPE, part: run[part]()}
        results |= {"seeds": [first, first + number - 1]}
        write_results(options.name, results)


if __name__ == "__main__":
    main()
