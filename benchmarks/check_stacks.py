"""What `keramos check` names: defects planted one at a time in phantoms, and false alarms where there is none.

40 clean phantoms (noise and shine-through only; bodies and voxels vary) -> findings graver than a note are false alarms
the same, each kind of defect planted by code of this file at a stated strength -> found if a finding of the kind
    that is asked for names the right slices
phantoms at severity 0.5, which hold drift and jumps by design; real stacks and images -> listed
a gigavoxel -> seconds, by format

Thresholds were chosen on the seeds from 1000 on (`--seeds 1000`); the seeds from 5000 on are reported.

    KERAMOS_DATA=... python benchmarks/check_stacks.py --work DIR [--seeds 5000] [--only KIND ...] [--gigavoxel]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from check_phantoms import SHAPE, Stack, clean_stack
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import Finding, Volume
from keramos.inspection import run_checks, survey_stack

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
            grey, slices = plant.plant(
                stack.grey.astype(np.float64), stack.quiet.astype(np.float64), np.random.default_rng((seed, at))
            )
            findings = check(stack, grey)
            if is_found(plant, findings, slices):
                found += 1
            else:
                seen = [(one.kind, one.severity, list(one.slices)) for one in findings]
                missed.append({"seed": seed, "material": stack.material, "planted": sorted(slices or ()), "seen": seen})
            others += any(one.kind not in plant.kinds and one.severity != "note" for one in findings)
        counts[name] = {"strength": plant.strength, "found": found, "planted": number, "missed": missed}
        counts[name]["with_other_findings"] = others
        print(
            name,
            found,
            "of",
            number,
            "others",
            others,
            [(m["seed"], m["material"], m["planted"], m["seen"]) for m in missed][:6],
            flush=True,
        )
    return counts


def count_alarms(work: Path, first: int, number: int) -> dict[str, Any]:
    alarms, notes = [], []
    for seed in range(first, first + number):
        stack = clean_stack(seed, work)
        for one in check(stack, stack.grey.astype(np.float64)):
            row = {"seed": seed, "material": stack.material, "kind": one.kind, "message": one.message}
            (notes if one.severity == "note" else alarms).append(row)
    for row in alarms + notes:
        print("ALARM" if row in alarms else "note", row, flush=True)
    return {"stacks": number, "alarms": alarms, "notes": notes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    if not options.only:
        count_alarms(options.work, options.seeds, options.number)
    count_found(options.work, options.seeds, options.number, options.only)


if __name__ == "__main__":
    main()
