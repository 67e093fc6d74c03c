"""What do neighbouring slices add? Networks of one and of seven slices, equal pretraining, equal time, other materials.

    phantoms -> one-slice network (half the time) -> itself, trained on (the other half)
                                                  -> inflated to seven slices, trained on (the other half)
    other networks, such as the paper's U-Net: the whole time at once

They are tested on phantoms of bodies and with imaging beyond what they learnt from: a measured sandstone and a measured
electrode ($KERAMOS_DATA/geometry) and another polycrystal, at severity 0.8 (training: 0.15 to 0.65). Every network has
one core, and its time is that of the processor, so that what else the machine does is left out; with `--device cuda`
all are trained at once on one GPU, and their time is that of the clock. Errors are wrong voxels / all voxels of a
region.
Also the user's case: each network trained on for some seconds on one slice that the simulated annotator drew.

    KERAMOS_DATA=... python benchmarks/depth.py --work DIR [--budget 480] [--seeds 0 1 2] [--others unet]
    KERAMOS_DATA=... python benchmarks/depth.py --work DIR --device cuda --name depth_gpu --workers 12 --tuning 0 \
        --others unet "compact-7 M" "compact-7 L" "compact-3d L"
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import tifffile
from measured import beside_a_gpu, data_folder, on_one_core, write_results
from numpy.typing import NDArray
from scipy.ndimage import label, median_filter

sys.path.insert(0, str(Path(__file__).parent.parent / "pretraining"))
from phantoms import PHASES, VOXELS, Stack, training_stack, training_stacks
from porous_solid import RANGES, annotated

from keramos.blocks import Block
from keramos.core import Box, LabelVolume, PhaseTable
from keramos.learning import AnnotatedSlices, TrainSettings, collect_annotated, train_model
from keramos.networks import ARCHITECTURES, Checkpoint, load_checkpoint
from keramos.scoring import compute_region_scores, count_regions
from keramos.segmenters import decide, planes_of, segmenter_of
from keramos.settings.resources import Device
from keramos.simulation import REGIONS, Geometry, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.regions import ISLAND_UM2

SEVERITY = 0.8
SHAPE = (48, 256, 256)
HARD = ("valleys", "ridges", "islands")
"""(II), (V) and (VII): where depth should tell."""
SIZES = (1, 10, 30, 100, 300)
"""Of islands, in pixels: classes from one of these to the next."""
NETWORKS = {"one slice": "compact", "seven slices": "compact-7"}


@dataclass(frozen=True, eq=False)
class Test:
    """A phantom to be tested on, and its middle slice as the simulated annotator drew it."""

    name: str
    stack: Stack
    hand: NDArray[np.uint8]


def body_of(name: str, folder: Path) -> Geometry | None:
    """The measured body of that name; None for the preset's own."""
    if name == "polycrystal":
        return None
    file = name.split(",")[0]
    codes = np.minimum(tifffile.imread(folder / f"{file}.tif") // 85, 2).astype(np.uint8)
    codes = np.minimum(codes, 1) if file == "berea" else codes
    if "median" in name:
        codes = median_filter(codes, 3)
    phases = PhaseTable.from_names(("void", "solid", "binder")[: int(codes.max()) + 1])
    return Geometry(LabelVolume.from_array(codes, phases, VOXELS, name), name)


def held_out(folder: Path, noise: float = 1.0) -> list[Test]:
    """The phantoms to be tested on. `noise` scales the variance of their images' noise, nothing else.

    The electrode also with a median filter: its binder is single voxels at random, which no microscope resolves.
    """
    made = []
    for seed, name in enumerate(("berea", "electrode", "electrode, median 3 x 3 x 3", "polycrystal"), 7_770_000):
        settings = PhantomSettings(SHAPE, VOXELS, severity=SEVERITY, seed=seed, hand_labels=(SHAPE[0] // 2,))
        body = body_of(name, folder)
        usual = PhantomStack(settings, body).microscope
        found = collect_slabs(PhantomStack(settings, body, usual.scale(noise=noise)))
        solid = (found.shown.read() > 0).astype(np.uint8)
        drawn = found.hand.read()
        hand = np.where(drawn == 255, 255, np.minimum(drawn, 1)).astype(np.uint8)
        made.append(Test(name, Stack(found.images.read(), solid, found.regions), hand))
    return made


@dataclass(frozen=True)
class Setup:
    """What all trainings share: `budget` seconds on `count` phantoms, compact networks of a `size`."""

    work: Path
    budget: float
    count: int
    size: str
    device: Device

    def file(self, name: str, seed: int) -> Path:
        return self.work / f"{name}-{seed}.keramos"

    def fit(self, name: str, seed: int, start: Checkpoint | None = None, **settings: Any) -> None:
        """Train the network of that name, unless it was done already."""
        out = self.file(name, seed)
        if not out.is_file():
            chosen = TrainSettings(seed=seed, device=self.device, fresh=True, **settings)
            stacks = [training_stack(number, self.work / "phantoms") for number in range(self.count)]
            train_model(annotated(stacks, planes_of(chosen.model)), chosen, out, half_range=128, start=start)


COMPACT: dict[str, Any] = {"augmentation": RANGES, "adapts": True}
"""How compact networks learn from phantoms."""


def first_half(seed: int, *, setup: Setup) -> None:
    """The one-slice network that both begin with."""
    settings = {"model": "compact", "network": ARCHITECTURES["compact"].size(setup.size), **COMPACT}
    setup.fit("first", seed, budget=setup.budget / 2, **settings)


def second_half(job: tuple[str, int], *, setup: Setup) -> None:
    """That network trained on, or grown to seven slices and trained on."""
    name, seed = job
    start = load_checkpoint(setup.file("first", seed))
    setup.fit(name, seed, start, model=NETWORKS[name], budget=setup.budget / 2, learning_rate=1e-3, **COMPACT)


def at_once(job: tuple[str, int], *, setup: Setup) -> None:
    """A network of the paper, or a compact one and its size, the whole time."""
    name, seed = job
    model, _, size = name.partition(" ")
    settings = {"network": ARCHITECTURES[model].size(size), **COMPACT} if size else {}
    setup.fit(name, seed, model=model, budget=setup.budget, **settings)


def train_all(pool: Executor, setup: Setup, seeds: list[int], others: list[tuple[str, int]]) -> None:
    whole = [pool.submit(at_once, job, setup=setup) for job in others]
    list(pool.map(partial(first_half, setup=setup), seeds))
    list(pool.map(partial(second_half, setup=setup), [(name, seed) for seed in seeds for name in NETWORKS]))
    for future in whole:
        future.result()


def one_slice(test: Test, planes: int) -> AnnotatedSlices:
    """The slice that the simulated annotator drew, with its neighbours."""
    labels = LabelVolume.from_array(test.hand, PHASES, VOXELS, test.name)
    return collect_annotated([(test.stack.volume(test.name), labels)], planes=planes)


def tune(job: tuple[str, int, int], *, work: Path, seconds: float, found: list[Test]) -> Path:
    """A network trained on for a minute on the annotated slice of one test phantom."""
    name, seed, number = job
    out = work / f"{name}-{seed}-tuned-{number}.keramos"
    if not out.is_file():
        start, test = load_checkpoint(work / f"{name}-{seed}.keramos"), found[number]
        data = one_slice(test, planes_of(start.card.architecture))
        settings = TrainSettings(
            model=start.card.architecture, budget=seconds, seed=seed, learning_rate=5e-4, fresh=True
        )
        train_model(data, settings, out, half_range=128, start=start)
    return out


def scored(model: Path, test: Test, device: str = "cpu") -> dict[str, Any]:
    """Errors of one network on one phantom, and how long it was trained."""
    volume, checkpoint = test.stack.volume(test.name), load_checkpoint(model)
    predictor = segmenter_of(checkpoint, device=device).fit_to(volume, lambda *_: None)
    whole = Box.whole(volume.shape)
    found, truth = decide(predictor.scores(test.stack.grey, Block(0, whole, whole))), test.stack.truth
    regions = compute_region_scores(count_regions(found, truth, test.stack.regions, len(REGIONS)), REGIONS)
    return {
        "steps": checkpoint.card.training.steps,
        "error": float(np.mean(found != truth)),
        "iou": float(np.sum((found & truth) == 1) / np.sum((found | truth) == 1)),
        "regions": {region.name: region.error for region in regions},
        **islands(found, truth, test.stack.regions),
    }


def islands(found: NDArray[np.uint8], truth: NDArray[np.uint8], regions: NDArray[np.uint8]) -> dict[str, Any]:
    """True islands, those that are found (half of their voxels or more are solid), and those seen where less than half
    is solid; of islands of different sizes (from so many pixels on) how many there are and are found."""
    bit = np.uint8(REGIONS.index("islands"))
    true = hits = false = 0
    by_size = {least: [0, 0] for least in SIZES}
    for predicted, solid, bits in zip(found, truth, regions, strict=True):
        numbers, count = label(bits >> bit & 1)
        shares = _shares(numbers, count, predicted)
        true, hits = true + count, hits + int(np.sum(shares >= 0.5))
        pixels = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
        for least, most in zip(SIZES, (*SIZES[1:], np.inf), strict=True):
            here = (pixels >= least) & (pixels < most)
            by_size[least][0] += int(here.sum())
            by_size[least][1] += int(np.sum(here & (shares >= 0.5)))
        numbers, count = label(predicted)
        small = np.bincount(numbers.ravel(), minlength=count + 1)[1:] * VOXELS.y_nm * VOXELS.x_nm <= ISLAND_UM2 * 1e6
        edge = np.unique(np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]]))
        small[edge[edge > 0] - 1] = False
        false += int(np.sum(small & (_shares(numbers, count, solid) < 0.5)))
    return {"islands": true, "islands_found": hits, "islands_false": false, "there_and_found_by_pixels": by_size}


def _shares(numbers: NDArray[np.int32], count: int, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of each numbered patch that is solid."""
    size = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    return np.bincount(numbers[codes == 1], minlength=count + 1)[1:] / np.maximum(size, 1)


def ratios(one: list[dict[str, Any]], several: list[dict[str, Any]]) -> dict[str, Any]:
    """Error with seven slices / error with one, of each seed and their mean, overall and in the hard places."""
    rows: dict[str, Any] = {}
    for name in ("all", *HARD):
        each = [
            (b["error"] / a["error"]) if name == "all" else (b["regions"][name] or 0) / (a["regions"][name] or np.nan)
            for a, b in zip(one, several, strict=True)
        ]
        rows[name] = {"each": each, "mean": mean(each)}
    return rows


def table(
    pool: Executor,
    setup: Setup,
    seeds: list[int],
    others: list[tuple[str, int]],
    found: list[Test],
    tuned: bool = False,
) -> dict[str, Any]:
    """Errors of all networks on each phantom, and the ratios."""
    jobs = [(number, *job) for number in range(len(found)) for job in [*product(NETWORKS, seeds), *others]]
    ends = [f"-tuned-{number}" if tuned else "" for number, *_ in jobs]
    files = [setup.work / f"{name}-{seed}{end}.keramos" for (_, name, seed), end in zip(jobs, ends, strict=True)]
    tests = [found[number] for number, *_ in jobs]
    rows: dict[str, Any] = {test.name: {} for test in found}
    scores = pool.map(partial(scored, device=setup.device), files, tests)
    for test, (_, name, _), values in zip(tests, jobs, scores, strict=True):
        rows[test.name].setdefault(name, []).append(values)
    for name, row in rows.items():
        row["seven / one"] = ratios(row["one slice"], row["seven slices"])
        shown = ", ".join(f"{place} {value['mean']:.2f}" for place, value in row["seven / one"].items())
        print(f"{name}{' (one annotated slice)' if tuned else ''}: seven / one: {shown}", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=480.0, help="seconds of training of each network, on one core")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--phantoms", type=int, default=96)
    parser.add_argument("--size", default="S")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--others", nargs="*", default=["unet"], help="trained at once, with the first seed")
    parser.add_argument("--tuning", type=float, default=30.0, help="seconds on one annotated slice; 0 leaves it out")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--name", default="depth", help="of the results")
    options = parser.parse_args()
    folder = data_folder("geometry")
    options.work.mkdir(parents=True, exist_ok=True)
    training_stacks(range(options.phantoms), options.work / "phantoms", workers=options.workers)
    seeds, others = options.seeds, [(name, options.seeds[0]) for name in options.others]
    setup = Setup(options.work, options.budget, options.phantoms, options.size, options.device)
    results: dict[str, Any] = {
        "device": options.device,
        "budget_s": options.budget,
        "phantoms": options.phantoms,
        "size": options.size,
        "seeds": seeds,
        "severity": SEVERITY,
        "shape": SHAPE,
    }
    with workers(options.workers, options.device) as pool:
        found, clean = pool.map(partial(held_out, folder), (1.0, 0.0))
        train_all(pool, setup, seeds, others)
        results["phantoms_only"] = table(pool, setup, seeds, others, found)
        # What is left of the gain where there is nothing to average away.
        results["phantoms_only_without_noise"] = table(pool, setup, seeds, others, clean)
        if options.tuning:
            jobs = [(name, seed, n) for n in range(len(found)) for seed in seeds for name in NETWORKS]
            list(pool.map(partial(tune, work=options.work, seconds=options.tuning, found=found), jobs))
            results["one_annotated_slice"] = table(pool, setup, seeds, [], found, tuned=True)
    write_results(options.name, results)


def workers(count: int, device: Device) -> Executor:
    """Processes of one thread each. A forked one could not use the GPU."""
    if device == "cpu":
        return ProcessPoolExecutor(count, initializer=on_one_core)
    return ProcessPoolExecutor(count, get_context("spawn"), beside_a_gpu)


if __name__ == "__main__":
    main()
