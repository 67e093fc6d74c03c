"""What does a second image of the same sections add, by a detector in the lens or at a lower voltage?

    phantom -> three annotated slices -> network of the first image, of the second, and of both: equal time
    another specimen before the same microscope -> error of each: wrong voxels / all voxels

Three materials, three seeds, void against solid. Every network starts from the bundled weights (`--scratch`: from
random ones) and has one core; its time is that of the processor. The labels are those of the sections as imaged, so
that what is left is what the images do not tell and what was not learnt in the time. All of it rests on how the second
image is simulated (`keramos/simulation/second_image.py`): nobody has measured how deep such detectors see. `--same`
therefore also images the sections twice by the same detector, with noise of its own: what is gained then is what a
longer dwell time gains, and no physics.

    python benchmarks/two_detectors.py [--budget 60] [--seeds 0 1 2] [--models compact] [--same]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from measured import interval, on_one_core, write_results
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable, Volume
from keramos.learning import TrainSettings, collect_annotated, train_model
from keramos.networks import load_bundled, load_checkpoint
from keramos.project.initial_weights import SMALL_STEPS
from keramos.segmenters import decide, planes_of, segmenter_of
from keramos.simulation import REGIONS, Phantom, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.imaging import Imaging

MATERIALS = ("ba122", "sofc", "battery")
SHAPE, SLICES = (24, 256, 256), (4, 12, 20)
TESTED = (16, 256, 256)
HELD_OUT = 1000
"""Added to the seed of what is learnt, for the specimen that is tested."""
HARD = ("valleys", "ridges", "islands")


@dataclass(frozen=True)
class Job:
    """One network: its architecture, the second image, which images it reads, and what it learns from."""

    model: str
    second: str
    reads: str
    material: str
    seed: int
    budget: float
    scratch: bool


def elsewhere(imaging: Imaging, seed: int) -> Imaging:
    """The same microscope at another place of the specimen: all that is random is drawn anew."""
    rng, defects = np.random.default_rng((seed, 1)), {}
    for name, values in imaging.defects.items():
        keys = {one.name: int(rng.integers(2**53)) for one in fields(values) if one.name in ("key", "seed")}
        defects[name] = replace(values, **keys)
    return replace(imaging, defects=defects)


def make_stack(job: Job, seed: int, shape: tuple[int, int, int]) -> PhantomStack:
    also = "in-lens" if job.second == "same" else job.second
    stack = PhantomStack(PhantomSettings(shape=shape, preset=job.material, seed=seed, also=also))
    if job.second == "same":
        stack.second = elsewhere(stack.microscope, seed)
        shared = ("stage_drift", "slice_thickness", "curtains", "channelling", "charging", "redeposition")
        stack.second = stack.second.with_defects(**{name: stack.microscope.defects[name] for name in shared})
    return stack


def make_pair(job: Job) -> tuple[Phantom, Phantom]:
    """What is learnt from, and another specimen before the same microscope."""
    learnt, tested = make_stack(job, job.seed, SHAPE), make_stack(job, job.seed + HELD_OUT, TESTED)
    shared = ("curtains", "charging", "stage_drift", "slice_thickness", "redeposition")
    tested.microscope = elsewhere(learnt.microscope, job.seed + HELD_OUT)
    second = elsewhere(learnt.second, job.seed + 2 * HELD_OUT)
    tested.second = second.with_defects(
        **{
            name: replace(second.defects[name], **keys_of(tested.microscope.defects[name]))
            for name in shared
            if name in second.defects
        }
    )
    return collect_slabs(learnt), collect_slabs(tested)


def keys_of(values: Any) -> dict[str, int]:
    return {one.name: getattr(values, one.name) for one in fields(values) if one.name in ("key", "seed")}


def solid_of(phantom: Phantom) -> NDArray[np.uint8]:
    """1 where the images show solid of any kind (Z Y X)."""
    return np.minimum(phantom.shown.read(), 1)


def read_of(images: Volume, reads: str) -> Volume:
    """The images that a network reads, without their voxel size: the bundled weights are for that of one material."""
    images = replace(images, voxel_size=None)
    return images if reads == "both" else images.channels[("first", "second").index(reads)]


def measure(job: Job) -> dict[str, Any]:
    learnt, tested = make_pair(job)
    codes = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
    codes[list(SLICES)] = solid_of(learnt)[list(SLICES)]
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]))
    planes = planes_of(job.model)
    data = collect_annotated([(read_of(learnt.images, job.reads), labels)], planes=planes)
    start = None if job.scratch else load_bundled("porous-solid", planes)
    rate = None if job.scratch else SMALL_STEPS
    with TemporaryDirectory() as folder:
        out = Path(folder) / "model.keramos"
        settings = TrainSettings(
            model=job.model,
            budget=job.budget,
            seed=job.seed,
            learning_rate=rate,
            adapts=not job.scratch,
            scored_slices=0,
            device="cpu",
        )
        steps = train_model(data, settings, out, half_range=128.0, start=start).card.training.steps
        predicted = segment(out, read_of(tested.images, job.reads))
    true = solid_of(tested)
    wrong = predicted != true
    regions = {
        name: float(wrong[where].mean()) if (where := tested.regions & 1 << REGIONS.index(name) > 0).any() else None
        for name in HARD
    }
    return {**vars(job), "steps": steps, "error": float(wrong.mean()), "iou": iou(predicted, true), **regions}


def segment(model: Path, volume: Volume) -> NDArray[np.uint8]:
    segmenter = segmenter_of(load_checkpoint(model)).fit_to(volume)
    reach, planes = segmenter.signature.halo[0], []
    for z in range(volume.shape[0]):
        core = Box((z, 0, 0), (z + 1, *volume.shape[1:]))
        read = core.grow((reach, 0, 0)).clip(volume.box)
        block = Block(0, core.shift((-read.start[0], 0, 0)), read.shift((-read.start[0], 0, 0)))
        planes.append(decide(segmenter.scores(volume.read_channels(read), block))[0])
    return np.stack(planes)


def iou(predicted: NDArray[np.uint8], true: NDArray[np.uint8]) -> float:
    """Of the solid."""
    return float((predicted & true).sum() / (predicted | true).sum())


def summarise(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Errors by architecture, second image and material, and their ratio to the better single image, seed by seed."""
    summary = []
    for model, second in dict.fromkeys((row["model"], row["second"]) for row in rows):
        for material in (*MATERIALS, "all"):
            chosen = [
                row
                for row in rows
                if (row["model"], row["second"]) == (model, second) and material in ("all", row["material"])
            ]
            groups: dict[tuple[str, int], dict[str, float]] = {}
            for row in chosen:
                groups.setdefault((row["material"], row["seed"]), {})[row["reads"]] = row["error"]
            whole = [one for one in groups.values() if len(one) == 3]
            if not whole:
                continue
            ratios = [one["both"] / min(one["first"], one["second"]) for one in whole]
            errors = {reads: mean(one[reads] for one in whole) for reads in ("first", "second", "both")}
            summary.append(
                {"model": model, "second": second, "material": material, "error": errors, "ratio": interval(ratios)}
            )
    return summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--materials", nargs="+", default=list(MATERIALS))
    parser.add_argument("--models", nargs="+", default=["compact"])
    parser.add_argument("--seconds", nargs="+", default=["in-lens", "low-voltage"])
    parser.add_argument("--same", action="store_true")
    parser.add_argument("--scratch", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--name", default="two_detectors")
    args = parser.parse_args()
    seconds = [*args.seconds, *(["same"] if args.same else [])]
    jobs = [
        Job(model, second, reads, material, seed, args.budget, args.scratch)
        for seed, material, model, second in product(args.seeds, args.materials, args.models, seconds)
        for reads in ("first", "second", "both")
    ]
    rows = []
    with ProcessPoolExecutor(args.workers, get_context("spawn"), on_one_core) as workers:
        for row in workers.map(measure, jobs):
            rows.append(row)
            print(
                *(f"{key} {value:.4g}" if isinstance(value, float) else value for key, value in row.items()), flush=True
            )
            write_results(args.name, {"budget_s": args.budget, "summary": summarise(rows), "rows": rows})


if __name__ == "__main__":
    main()
