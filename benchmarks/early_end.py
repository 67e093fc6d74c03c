"""Trainings that stop early when they gain hardly anything, beside those that use their whole budget.

The bundled weights, one annotated slice of a phantom as the simulated annotator drew it, or one real patch; seconds of
training, and IoU of the solid on other slices or on the other patch, with and without `--full-budget`.

    KERAMOS_DATA=... python benchmarks/early_end.py --work DIR --budget 450 --seeds 0
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from ba122 import READING, VOXELS, patch
from default_training import all_tests, annotated, iou_elsewhere
from depth import Test
from measured import data_folder, interval, on_one_core, write_results

from keramos import evaluate, segment, train
from keramos.learning import TrainSettings, train_model
from keramos.networks import ModelCard, load_bundled, load_checkpoint
from keramos.segmenters import planes_of

WAYS = ("early end", "full budget")
BODIES = ("battery", "electrode, median 3 x 3 x 3")
PATCHES = ("ba122 1 -> 2", "ba122 2 -> 1")
CASES = (*PATCHES, *BODIES)


def on_patch(out: Path, case: str, budget: float, seed: int, *, full: bool) -> tuple[ModelCard, float]:
    """The public commands: learnt from one patch of the paper's material, scored on the other."""
    one, other = (patch(data_folder("ba122"), int(number)) for number in (case[6], case[-1]))
    training = {"budget": budget, "seed": seed, "full_budget": full, "fresh": True}
    fitted = train(str(one.image), str(one.labels), out=out, **training, **READING)
    found = segment(str(other.image), fitted, out=out.with_suffix(".ome.zarr"), voxel_size=VOXELS, fresh=True)
    return fitted.card, float(evaluate(found, str(other.labels), **READING).positive_scores.iou)


def on_phantom(out: Path, test: Test, budget: float, seed: int, *, full: bool) -> tuple[ModelCard, float]:
    """One slice of a phantom, scored on others."""
    start = load_bundled("porous-solid", test.stack.grey.shape[0])
    if start is None:
        raise RuntimeError("the bundled weights are missing")
    model = start.card.architecture
    data = annotated(test, "annotator", planes_of(model))
    settings = TrainSettings(
        model=model, budget=budget, seed=seed, full_budget=full, learning_rate=5e-4, adapts=True, fresh=True,
        device="cpu", scored_slices=0,
    )  # fmt: skip
    train_model(data, settings, out, half_range=128, start=start, rival=start)
    fitted = load_checkpoint(out)
    return fitted.card, iou_elsewhere(fitted, test)


def run(job: tuple[str, str, int], *, work: Path, budget: float, tests: Sequence[Test]) -> dict[str, Any]:
    case, way, seed = job
    out, full = work / f"{case.replace(' ', '')}-{way[0]}-{seed}.keramos", way == "full budget"
    test = next((one for one in tests if one.name == case), None)
    if test is None:
        card, iou = on_patch(out, case, budget, seed, full=full)
    else:
        card, iou = on_phantom(out, test, budget, seed, full=full)
    row = {"seconds": card.training.seconds, "iou": iou, "rounds": card.training.rounds, "kept": card.training.choice}
    print(case, way, seed, row, flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=450.0, help="seconds of each training, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    jobs = list(product(options.cases, WAYS, options.seeds))
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        rows = dict(
            zip(
                jobs,
                pool.map(partial(run, work=options.work, budget=options.budget, tests=all_tests()), jobs),
                strict=True,
            )
        )
    results: dict[str, Any] = {"budget_s": options.budget, "seeds": options.seeds}
    for case in options.cases:
        each = {way: [rows[case, way, seed] for seed in options.seeds] for way in WAYS}
        losses = [full["iou"] - early["iou"] for early, full in zip(*each.values(), strict=True)]
        results[case] = {**each, "gain_of_the_rest": interval(losses)}
    write_results("early_end", results)


if __name__ == "__main__":
    main()
