"""What does each random change of the training crops bring? The usual against others, equal time.

    seven slices, from scratch: all changes against all but one; those of grey values and of neighbouring slices are
    what the phantoms' microscope does
    one image, from the bundled weights: turned by any angle and mirrored in y, as from scratch, or upright, as the
    bundled weights learnt

Each learns from the one slice of a phantom that the simulated annotator drew, and is scored on the phantom's other
slices. Every training has one core, its time is that of the processor.

    KERAMOS_DATA=... python benchmarks/augmentation.py --work DIR [--budget 45] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

from depth import Test, held_out, one_slice
from measured import data_folder, interval, on_one_core, write_results
from unannotated import elsewhere

from keramos.learning import Ranges, TrainSettings, train_model, usual_ranges
from keramos.networks import load_bundled, load_checkpoint
from keramos.segmenters import planes_of


@dataclass(frozen=True)
class Case:
    """A network, the changes it is trained with, and whether it begins with the bundled weights."""

    model: str
    ranges: Ranges
    bundled: bool = False


DEEP, FLAT = usual_ranges(planes_of("compact-7")), usual_ranges(1)
GROUPS: dict[str, dict[str, Case]] = {
    "one image, from porous-solid": {
        "usual": Case("compact", FLAT, bundled=True),
        "upright": Case("compact", replace(FLAT, any_rotation=False), bundled=True),
    },
    "seven slices, from scratch": {
        "usual": Case("compact-7", DEEP),
        "without rotation and zoom": Case("compact-7", replace(DEEP, rotation=0.0, zoom=1.0)),
        "without contrast and brightness": Case("compact-7", replace(DEEP, contrast=0.0, brightness=0.0, flicker=0.0)),
        "without shading": Case("compact-7", replace(DEEP, gradient=0.0)),
        "without noise": Case("compact-7", replace(DEEP, noise=0.0)),
        "without jitter": Case("compact-7", replace(DEEP, jitter=0.0)),
        "without missing neighbours": Case("compact-7", replace(DEEP, missing=0.0)),
    },
}
TESTED = ("berea", "electrode, median 3 x 3 x 3", "polycrystal")


def trained(job: tuple[str, str, int, int], *, work: Path, budget: float, found: list[Test]) -> dict[str, float]:
    """One training, and its errors on the slices that nobody annotated."""
    group, name, number, seed = job
    case, test, out = GROUPS[group][name], found[number], work / f"{group}-{name}-{number}-{seed}.keramos"
    start = load_bundled("porous-solid", 1) if case.bundled else None
    rate = {"learning_rate": 5e-4, "adapts": True} if case.bundled else {}
    settings = TrainSettings(model=case.model, budget=budget, seed=seed, augmentation=case.ranges, fresh=True, **rate)
    train_model(one_slice(test, planes_of(case.model)), settings, out, half_range=128, start=start)
    row = elsewhere(load_checkpoint(out), test)
    print(f"{group}, {name}, {test.name}, seed {seed}: IoU {row['iou']:.4f}", flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=45.0, help="seconds of training on one slice, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    found = [test for test in held_out(data_folder("geometry")) if test.name in TESTED]
    tests = range(len(found))
    jobs = [
        (group, name, *rest)
        for group, cases in GROUPS.items()
        for name in cases
        for rest in product(tests, options.seeds)
    ]
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        run = partial(trained, work=options.work, budget=options.budget, found=found)
        rows = dict(zip(jobs, pool.map(run, jobs), strict=True))
    results: dict[str, Any] = {"budget_s": options.budget, "seeds": options.seeds, "tested": TESTED}
    for group, cases in GROUPS.items():
        results[group] = {}
        for name in cases:
            # Per seed, over the phantoms: what is gained over the usual.
            gains = [
                mean(rows[group, name, n, seed]["iou"] - rows[group, "usual", n, seed]["iou"] for n in tests)
                for seed in options.seeds
            ]
            runs = {found[n].name: [rows[group, name, n, seed] for seed in options.seeds] for n in tests}
            results[group][name] = {"runs": runs, "gain_in_iou": interval(gains)}
            print(f"{group}, {name}: gain in IoU {mean(gains):+.4f}", flush=True)
    write_results("augmentation", results)


if __name__ == "__main__":
    main()
