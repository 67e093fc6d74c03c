"""Do slices that nobody annotated help? Trained on them with the network's own sure answers as labels, equal time.

    one slice drawn by the simulated annotator -> network (the whole time)
                                               -> network (half the time) -> its answers of at least a score, elsewhere
                                                  not annotated -> trained on (the other half) on both, half the crops
                                                  from the drawn slice, all of them augmented

Scored on the other slices of the same phantom, of bodies and with imaging that the bundled weights have not seen; from
scratch and from the bundled weights, which are scored as they are, too. Every training has one core, its time is that
of the processor; what DIR holds already is not trained again.

    KERAMOS_DATA=... python benchmarks/unannotated.py --work DIR [--budget 60] [--sure 0.9] [--seeds 0 1 2]
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
from depth import SHAPE, Test, held_out, one_slice
from measured import data_folder, interval, on_one_core, write_results
from numpy.typing import NDArray
from phantoms import PHASES, VOXELS

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, LabelVolume
from keramos.learning import AnnotatedSlices, TrainSettings, collect_annotated, train_model
from keramos.networks import Checkpoint, load_bundled, load_checkpoint
from keramos.segmenters import planes_of, segmenter_of

DRAWN = SHAPE[0] // 2
EVERY = 3
"""Of the slices that nobody annotated, one in so many is learnt from: neighbours say much the same."""
STARTS = ("from scratch", "from porous-solid")
WAYS = ("drawn slice, half the time", "drawn slice alone", "with its own answers")


def scores_of(model: Checkpoint, test: Test) -> NDArray[np.float32]:
    """Scores (phase, Z, Y, X) of the whole phantom."""
    volume, whole = test.stack.volume(test.name), Box.whole(SHAPE)
    return segmenter_of(model).fit_to(volume, lambda *_: None).scores(test.stack.grey, Block(0, whole, whole))


def elsewhere(model: Checkpoint, test: Test) -> dict[str, float]:
    """Error and IoU of the solid on the slices that nobody annotated."""
    others = np.arange(SHAPE[0]) != DRAWN
    found, true = scores_of(model, test).argmax(axis=0)[others] == 1, test.stack.truth[others] == 1
    return {"error": float(np.mean(found != true)), "iou": float(np.sum(found & true) / np.sum(found | true))}


def with_own_answers(test: Test, planes: int, model: Checkpoint, sure: float) -> AnnotatedSlices:
    """Some of the other slices where the network is sure, and the drawn slice as often as all of them."""
    scores = scores_of(model, test)
    codes = np.where(scores.max(axis=0) >= sure, scores.argmax(axis=0), NOT_ANNOTATED).astype(np.uint8)
    codes[DRAWN] = test.hand[DRAWN]
    labels = LabelVolume.from_array(codes, PHASES, VOXELS, test.name)
    known = [z for z in range(SHAPE[0]) if z == DRAWN or (z % EVERY == 0 and np.any(codes[z] != NOT_ANNOTATED))]
    data = collect_annotated([(test.stack.volume(test.name), labels)], only=known, planes=planes)
    drawn = [item for item in data.slices if item.z == DRAWN]
    return replace(data, slices=(*data.slices, *drawn * (len(data.slices) - 2)))


def trained(
    job: tuple[int, str, int], *, work: Path, budget: float, sure: float, found: list[Test]
) -> dict[str, dict[str, float]]:
    """The trainings of one seed, and their errors on the slices that nobody annotated."""
    number, begun, seed = job
    test, planes = found[number], planes_of("compact-7")
    start, rate = (load_bundled("porous-solid", SHAPE[0]), 5e-4) if begun == STARTS[1] else (None, 2e-3)

    def fit(way: str, data: AnnotatedSlices, start: Checkpoint | None, seconds: float, rate: float) -> Checkpoint:
        out = work / f"{number}-{begun}-{way}-{seed}.keramos"
        if not out.is_file():
            settings = TrainSettings(model="compact-7", budget=seconds, seed=seed, learning_rate=rate, fresh=True)
            train_model(data, settings, out, half_range=128, start=start)
        return load_checkpoint(out)

    drawn = one_slice(test, planes)
    half = fit(WAYS[0], drawn, start, budget / 2, rate)
    whole = fit(WAYS[1], drawn, start, budget, rate)
    own = fit(WAYS[2], with_own_answers(test, planes, half, sure), half, budget / 2, rate / 2)
    rows = {way: elsewhere(model, test) for way, model in zip(WAYS, (half, whole, own), strict=True)}
    shown = ", ".join(f"{way} {row['iou']:.4f}" for way, row in rows.items())
    print(f"{test.name}, {begun}, seed {seed}: IoU {shown}", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training in all, on one core")
    parser.add_argument("--sure", type=float, default=0.9, help="least score of an answer that becomes a label")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    found = [test for test in held_out(data_folder("geometry")) if test.name != "electrode"]
    jobs = list(product(range(len(found)), STARTS, options.seeds))
    run = partial(trained, work=options.work, budget=options.budget, sure=options.sure, found=found)
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        rows = dict(zip(jobs, pool.map(run, jobs), strict=True))
    bundled = load_bundled("porous-solid", SHAPE[0])
    results: dict[str, Any] = {
        "budget_s": options.budget,
        "sure": options.sure,
        "seeds": options.seeds,
        "porous-solid as it is": {test.name: elsewhere(bundled, test) for test in found},
    }
    for begun in STARTS:
        for number, test in enumerate(found):
            runs = [rows[number, begun, seed] for seed in options.seeds]
            gain = interval([row[WAYS[2]]["iou"] - row[WAYS[1]]["iou"] for row in runs])
            results[f"{begun}: {test.name}"] = {"runs": runs, "gain_in_iou": gain}
            print(f"{begun}, {test.name}: gain in IoU {gain['mean']:+.4f}", flush=True)
    write_results("unannotated", results)


if __name__ == "__main__":
    main()
