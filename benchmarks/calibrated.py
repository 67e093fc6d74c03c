"""Do scores mean what they say on material that nobody has seen? Expected calibration errors, in 15 equal-mass bins.

    bundled weights                      -> phantoms drawn like those they learned from, and phantoms of other bodies
    one slice drawn by the simulated     -> the other slices of the same phantom: the default network from scratch, with
    annotator of a phantom                  a share held out to calibrate on, and from the bundled weights

Scores are scored against what the images show. Every training has one core, its time is that of the processor.

    KERAMOS_DATA=... python benchmarks/calibrated.py --work DIR [--budget 60] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from depth import SHAPE, Test, held_out, one_slice
from measured import data_folder, interval, on_one_core, write_results
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent / "pretraining"))
from phantoms import Stack, training_stacks

from keramos.blocks import Block
from keramos.core import Box
from keramos.learning import TrainSettings, train_model
from keramos.networks import Checkpoint, load_bundled, load_checkpoint
from keramos.scoring import measure_calibration
from keramos.segmenters import planes_of, segmenter_of

UNSEEN = range(950, 958)
"""Numbers of phantoms that neither a training nor a temperature has seen."""
ONE_SLICE = (0, 3)
"""The sandstone and the polycrystal, of which one slice is drawn."""
WAYS: dict[str, dict[str, Any]] = {
    "from scratch": {},
    "from scratch, 15 % held out": {"hold_out": 0.15},
    "from porous-solid": {"start": True},
    "from porous-solid, 15 % held out": {"start": True, "hold_out": 0.15},
    "from porous-solid, as `train` does": {"start": True, "rival": True},
}


def scored(checkpoint: Checkpoint, stack: Stack, without: int | None = None) -> tuple[NDArray[Any], NDArray[Any]]:
    """The score of what was decided, and whether it is right, of every voxel; `without` leaves a slice out."""
    volume = stack.volume("phantom")
    whole = Box.whole(volume.shape)
    scores = segmenter_of(checkpoint).fit_to(volume, lambda *_: None).scores(stack.grey, Block(0, whole, whole))
    kept = [z for z in range(len(stack.truth)) if z != without]
    return scores[:, kept].max(axis=0), (scores.argmax(axis=0) == stack.truth)[kept]


def ece(parts: list[tuple[NDArray[Any], NDArray[Any]]]) -> dict[str, float]:
    """Of all these voxels together."""
    scores, right = (np.concatenate([part[i].ravel() for part in parts]) for i in range(2))
    found = measure_calibration(scores, right)
    return {"ece": found.ece, "mean_score": found.mean_score, "share_right": found.share_right}


def tuned(job: tuple[str, int, int], *, work: Path, budget: float, found: list[Test]) -> dict[str, float]:
    """One training on the drawn slice of a phantom, and the calibration error on its other slices."""
    way, seed, number = job
    test, options = found[number], dict(WAYS[way])
    start = load_bundled("porous-solid", SHAPE[0]) if options.pop("start", False) else None
    rival = start if options.pop("rival", False) else None
    model = start.card.architecture if start else "compact"
    rate = {"learning_rate": 5e-4} if start else {}
    settings = TrainSettings(model=model, budget=budget, seed=seed, fresh=True, **options, **rate)
    out = work / f"{way}-{seed}-{number}.keramos"
    train_model(one_slice(test, planes_of(model)), settings, out, half_range=128, start=start, rival=rival)
    made = load_checkpoint(out)
    return {**ece([scored(made, test.stack, SHAPE[0] // 2)]), "temperature": made.card.temperature, **made.card.scores}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training on one slice, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    found = held_out(data_folder("geometry"))
    results: dict[str, Any] = {"budget_s": options.budget, "seeds": options.seeds, "bundled": {}, "one_slice": {}}
    alike = training_stacks(UNSEEN, options.work / "phantoms")
    for name, depth in (("porous-solid", SHAPE[0]), ("porous-solid (single images)", 1)):
        weights = load_bundled("porous-solid", depth)
        assert weights is not None
        rows = {"unseen phantoms like those of the training": ece([scored(weights, stack) for stack in alike])}
        rows |= {test.name: ece([scored(weights, test.stack)]) for test in found}
        results["bundled"][name] = rows
        print(name, {key: round(row["ece"], 4) for key, row in rows.items()}, flush=True)
    jobs = [(way, seed, number) for way in WAYS for seed in options.seeds for number in ONE_SLICE]
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        work = partial(tuned, work=options.work, budget=options.budget, found=found)
        for (way, seed, number), values in zip(jobs, pool.map(work, jobs), strict=True):
            runs = results["one_slice"].setdefault(way, {}).setdefault(found[number].name, {"runs": []})
            runs["runs"].append({"seed": seed, **values})
    for way, rows in results["one_slice"].items():
        for name, values in rows.items():
            values["ece"] = interval([run["ece"] for run in values["runs"]])
            print(f"{way}, {name}: {values['ece']['mean']:.4f}", flush=True)
    write_results("calibrated", results)


if __name__ == "__main__":
    main()
