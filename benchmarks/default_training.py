"""Does annotating ever make it worse? What `keramos train` keeps by default, beside the weights that it begins with.

one annotated slice of a phantom -> bundled weights, fine-tuned as before (15 % held out) -> what the default keeps
                                 -> with --scratch: fresh weights, the whole slice, equal time

The slice is labelled exactly, and by the simulated annotator; bodies and imaging are none that the bundled weights have
seen. IoU of the solid on other slices, against what the images show. Beside them the real patches of the paper, learnt
from one and scored on the other, by the commands of a user; nothing is chosen on them. Every training has one core, its
time is that of the processor; what DIR holds already is not trained again.

    KERAMOS_DATA=... python benchmarks/default_training.py --work DIR [--budget 60] [--seeds 0 1 2]
        [--bodies NAME ...] [--labels KIND ...] [--scratch] [--patches]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from ba122 import READING, VOXELS, patch
from depth import SHAPE, Test, held_out
from measured import RESULTS, data_folder, interval, on_one_core, write_results
from numpy.typing import NDArray
from phantoms import PHASES, Stack

from keramos import evaluate, segment, train
from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Volume
from keramos.learning import AnnotatedSlices, TrainSettings, collect_annotated, split, train_model
from keramos.learning.choice import choose, list_candidates
from keramos.networks import Checkpoint, load_bundled, load_checkpoint
from keramos.segmenters import planes_of, segmenter_of
from keramos.simulation import make_phantom

BODIES = ("berea", "electrode, median 3 x 3 x 3", "polycrystal", "battery")
LABELS = ("exact", "annotator")
DRAWN = SHAPE[0] // 2
SCORED = range(2, SHAPE[0], 6)
HELD_OUT = 0.15


def all_tests() -> list[Test]:
    """The phantoms; of the battery, whose voxels are 50 nm wide, as if they were of the weights' size."""
    made = make_phantom(SHAPE, seed=0, hand_labels=(DRAWN,), preset="battery", severity=0.5)
    drawn, solid = made.hand.read(), np.minimum(made.shown.read(), 1).astype(np.uint8)
    hand = np.where(drawn == NOT_ANNOTATED, NOT_ANNOTATED, np.minimum(drawn, 1)).astype(np.uint8)
    battery = Test("battery", Stack(made.images.read(), solid, made.regions), hand)
    return [*(test for test in held_out(data_folder("geometry")) if test.name in BODIES), battery]


def annotated(test: Test, kind: str, planes: int) -> AnnotatedSlices:
    codes = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
    codes[DRAWN] = (test.hand if kind == "annotator" else test.stack.truth)[DRAWN]
    labels = LabelVolume.from_array(codes, PHASES, VOXELS, test.name)
    return collect_annotated([(test.stack.volume(test.name), labels)], planes=planes)


def scores_elsewhere(model: Checkpoint, test: Test) -> NDArray[np.float32]:
    """Scores (phases, Z, Y, X) of some of the other slices."""
    volume: Volume = test.stack.volume(test.name)
    segmenter = segmenter_of(model).fit_to(volume, lambda *_: None)
    reach, found = segmenter.signature.halo[0], []
    for z in SCORED:
        low, high = max(0, z - reach), min(SHAPE[0], z + reach + 1)
        core, outer = Box((z, 0, 0), (z + 1, *SHAPE[1:])), Box((low, 0, 0), (high, *SHAPE[1:]))
        found.append(segmenter.scores(test.stack.grey[low:high], Block(0, core, outer)))
    return np.concatenate(found, axis=1)


def iou_elsewhere(model: Checkpoint, test: Test) -> float:
    """IoU of the solid on some of the other slices."""
    scores, true = scores_elsewhere(model, test), test.stack.truth[list(SCORED)] == 1
    predicted = scores[1] > scores[0]
    return float(np.sum(predicted & true) / np.sum(predicted | true))


def fit(out: Path, data: AnnotatedSlices, start: Checkpoint | None, **settings: Any) -> Checkpoint:
    if not out.is_file():
        chosen = TrainSettings(fresh=True, device="cpu", scored_slices=0, **settings)
        train_model(data, chosen, out, half_range=128, start=start)
    return load_checkpoint(out)


def compared(
    job: tuple[int, str, int], *, work: Path, budget: float, scratch: bool, tests: Sequence[Test]
) -> dict[str, Any]:
    """IoU elsewhere of all ways for one annotated slice and one seed."""
    number, kind, seed = job
    test, start = tests[number], load_bundled("porous-solid", SHAPE[0])
    assert start is not None
    data, name = annotated(test, kind, planes_of(start.card.architecture)), f"{number}-{kind}-{seed}-{budget:g}"
    tuning = {"learning_rate": 5e-4, "adapts": True, "hold_out": HELD_OUT, "model": start.card.architecture}
    tuned = fit(work / f"{name}-tuned.keramos", data, start, budget=budget, seed=seed, **tuning)
    candidates = list_candidates(start, tuned, is_start=True)
    choice = choose(candidates, split(data, HELD_OUT, seed).held_out)
    row = {
        "untouched": iou_elsewhere(start, test),
        "default": iou_elsewhere(choice.model, test),
        "fine-tuned": iou_elsewhere(tuned, test),
        "kept": next(trial.name for trial in choice.trials if trial.kept),
        "on held-out squares": {trial.name: trial.iou for trial in choice.trials},
        "elsewhere": {one.name: iou_elsewhere(one.model, test) for one in candidates},
    }
    if scratch:
        out, settings = work / f"{name}-fresh.keramos", {"model": "compact", "budget": budget, "seed": seed}
        row["from scratch"] = iou_elsewhere(fit(out, data.with_planes(1), None, **settings), test)
    shown = {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}
    print(f"{test.name}, {kind}, seed {seed}: {shown}", flush=True)
    return row


def on_patches(job: tuple[int, str, int], *, budget: float) -> dict[str, Any]:
    """The public commands: learnt from one patch of the paper's material, scored on the other."""
    learn, begin, seed = job
    one, other = (patch(data_folder("ba122"), number) for number in (learn, 3 - learn))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        fitted = train(
            str(one.image), str(one.labels), out=out / "m.keramos", from_=begin, budget=budget, seed=seed, **READING
        )
        found = segment(str(other.image), fitted, out=out / "s.ome.zarr", voxel_size=VOXELS)
        iou = evaluate(found, str(other.labels), **READING).positive_scores.iou
    print(
        f"ba122 {learn} -> {3 - learn}, --from {begin}, seed {seed}: {iou:.4f} {fitted.card.training.choice}",
        flush=True,
    )
    return {"iou": iou, "choice": fitted.card.training.choice}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of each training, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--bodies", nargs="+", choices=BODIES, default=list(BODIES))
    parser.add_argument("--labels", nargs="+", choices=LABELS, default=list(LABELS))
    parser.add_argument("--scratch", action="store_true", help="train with fresh weights, too")
    parser.add_argument("--patches", action="store_true", help="ba122, too")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    tests = all_tests()
    numbers = [number for number, test in enumerate(tests) if test.name in options.bodies]
    jobs = list(product(numbers, options.labels, options.seeds))
    # Rows of earlier runs stay: all at once take hours.
    file = RESULTS / "default_training.json"
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    results |= {"budget_s": options.budget, "seeds": options.seeds}
    run = partial(compared, work=options.work, budget=options.budget, scratch=options.scratch, tests=tests)
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        rows = dict(zip(jobs, pool.map(run, jobs), strict=True))
        patches = list(product((1, 2), ("auto", "none"), options.seeds)) if options.patches else []
        real = dict(zip(patches, pool.map(partial(on_patches, budget=options.budget), patches), strict=True))
    for number, kind in product(numbers, options.labels):
        runs = [rows[number, kind, seed] for seed in options.seeds]
        gain = interval([row["default"] - row["untouched"] for row in runs])
        results[f"{tests[number].name}, {kind}"] = {"runs": runs, "gain_of_default": gain}
    for learn, begin in product((1, 2), ("auto", "none")) if real else ():
        runs = [real[learn, begin, seed] for seed in options.seeds]
        results[f"ba122 {learn} -> {3 - learn}, --from {begin}"] = {
            "iou": interval([run["iou"] for run in runs]),
            "runs": runs,
        }
    results.pop("machine", None)
    write_results("default_training", results)


if __name__ == "__main__":
    main()
