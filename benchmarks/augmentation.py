"""What does each random change of the training crops bring? All of them against all but one, equal time.

The default for stacks (seven slices, from scratch) learns from the one slice of a phantom that the simulated annotator
drew, and is scored on the phantom's other slices. The changes of grey values and of
neighbouring slices are those that the phantoms' microscope makes. Every training has one core, its time is that of the
processor.

    KERAMOS_DATA=... python benchmarks/augmentation.py --work DIR [--budget 45] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from depth import Test, held_out, one_slice
from measured import data_folder, interval, on_one_core, write_results
from unannotated import elsewhere

from keramos.data import Ranges, usual_ranges
from keramos.models import load_checkpoint, planes_of
from keramos.train import TrainSettings, train_model

USUAL = usual_ranges(planes_of("compact-7"))
WITHOUT: dict[str, Ranges] = {
    "nothing": USUAL,
    "rotation and zoom": replace(USUAL, rotation=0.0, zoom=1.0),
    "contrast and brightness": replace(USUAL, contrast=0.0, brightness=0.0, flicker=0.0),
    "shading": replace(USUAL, gradient=0.0),
    "noise": replace(USUAL, noise=0.0),
    "jitter": replace(USUAL, jitter=0.0),
    "missing neighbours": replace(USUAL, missing=0.0),
}
"""What is left out, and what is left."""
TESTED = ("electrode, median 3 x 3 x 3", "polycrystal")


def trained(job: tuple[str, int, int], *, work: Path, budget: float, found: list[Test]) -> dict[str, float]:
    """One training without one of the changes, and its errors on the slices that nobody annotated."""
    without, number, seed = job
    test, out = found[number], work / f"{without}-{number}-{seed}.keramos"
    settings = TrainSettings("compact-7", budget, seed=seed, augmentation=WITHOUT[without], fresh=True)
    train_model(one_slice(test, planes_of("compact-7")), settings, out, half_range=128)
    row = elsewhere(load_checkpoint(out), test)
    print(f"without {without}, {test.name}, seed {seed}: IoU {row['iou']:.4f}", flush=True)
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
    jobs = list(product(WITHOUT, range(len(found)), options.seeds))
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        run = partial(trained, work=options.work, budget=options.budget, found=found)
        rows = dict(zip(jobs, pool.map(run, jobs), strict=True))
    results: dict[str, Any] = {"budget_s": options.budget, "seeds": options.seeds, "tested": TESTED}
    for without in WITHOUT:
        runs = {test.name: [rows[without, n, seed] for seed in options.seeds] for n, test in enumerate(found)}
        # Per seed, over both phantoms: what the network loses when the change is left out.
        lost = [
            float(np.mean([rows["nothing", n, seed]["iou"] - rows[without, n, seed]["iou"] for n in range(len(found))]))
            for seed in options.seeds
        ]
        results[f"without {without}"] = {"runs": runs, "loss_in_iou": interval(lost)}
        print(f"without {without}: loss in IoU {interval(lost)['mean']:+.4f}", flush=True)
    write_results("augmentation", results)


if __name__ == "__main__":
    main()
