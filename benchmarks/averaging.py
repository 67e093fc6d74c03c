"""Trainings with three seeds, their weights averaged into one network beside an ensemble of three: IoU and calibration.

the fine-tuned weights of `default_training.py --work DIR`, as they were trained and a quarter of the way to them
-> each seed, the mean of the seeds' weights, the mean of their scores -> IoU of the solid and expected calibration
error on other slices of the phantom, with the temperature fitted to held-out squares and with that of bundled weights

    KERAMOS_DATA=... python benchmarks/averaging.py --work DIR --budget 60
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from default_training import LABELS, SCORED, all_tests, scores_elsewhere
from depth import SHAPE, Test
from measured import interval, on_one_core, write_results
from numpy.typing import NDArray

from keramos.learning.blending import blend
from keramos.learning.choice import SMALL_STEP
from keramos.networks import Checkpoint, load_bundled, load_checkpoint
from keramos.scoring import measure_calibration


def judge(scores: NDArray[np.float32], test: Test) -> dict[str, float]:
    truth, solid = test.stack.truth[list(SCORED)], scores[1] > scores[0]
    iou = np.sum(solid & (truth == 1)) / np.sum(solid | (truth == 1))
    calibration = measure_calibration(scores.max(axis=0).ravel(), (solid == (truth == 1)).ravel())
    return {"iou": float(iou), "ece": float(calibration.ece)}


def warm(scores: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """The scores with a temperature so many times as high."""
    powers = np.maximum(scores, 1e-12) ** (1 / factor)
    return np.asarray(powers / powers.sum(axis=0), np.float32)


def average(models: Sequence[Checkpoint]) -> Checkpoint:
    """The network whose weights are the means of theirs."""
    weights = {
        name: sum((model.weights[name] for model in models[1:]), first) / len(models)
        if first.is_floating_point()
        else first
        for name, first in models[0].weights.items()
    }
    return replace(models[0], weights=weights)


def compare(models: Sequence[Checkpoint], test: Test, temperature: float) -> dict[str, Any]:
    """Each model, as it was calibrated and at this temperature, their weights averaged, and their scores averaged."""
    scores = [scores_elsewhere(model, test) for model in models]
    factors = [temperature / model.card.temperature for model in models]
    kept = [warm(one, factor) for one, factor in zip(scores, factors, strict=True)]
    return {
        "fitted": [
            judge(one, test) | {"temperature": model.card.temperature}
            for one, model in zip(scores, models, strict=True)
        ],
        "each": [judge(one, test) for one in kept],
        "weights averaged": judge(warm(scores_elsewhere(average(models), test), factors[0]), test),
        "ensemble": judge(np.mean(kept, axis=0), test),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="that of default_training.py")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds that its trainings had")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    on_one_core()
    start = load_bundled("porous-solid", SHAPE[0])
    if start is None:
        raise RuntimeError("the bundled weights are missing")
    gains: dict[tuple[str, str, str], list[float]] = {}
    results: dict[str, Any] = {"budget_s": options.budget, "seeds": options.seeds}
    for (number, test), labels in product(enumerate(all_tests()), LABELS):
        files = [options.work / f"{number}-{labels}-{seed}-{options.budget:g}-tuned.keramos" for seed in options.seeds]
        trained = [load_checkpoint(file) for file in files]
        small = [blend(start, model, SMALL_STEP) for model in trained]
        own = start.card.temperature
        row = {"trained": compare(trained, test, own), "a quarter of the way": compare(small, test, own)}
        for step, way, score in product(row, ("fitted", "weights averaged", "ensemble"), ("iou", "ece")):
            mean = np.mean([one[score] for one in row[step]["each"]])
            made = row[step][way]
            found = np.mean([one[score] for one in (made if isinstance(made, list) else [made])])
            gains.setdefault((step, way, score), []).append(float(found - mean))
        results[f"{test.name}, {labels}"] = row
        print(test.name, labels, row, flush=True)
    results["over the mean of each"] = {", ".join(key): interval(values) for key, values in gains.items()}
    print(results["over the mean of each"])
    write_results("averaging", results)


if __name__ == "__main__":
    main()
