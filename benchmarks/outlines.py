"""Is a network nearer to the truth than the annotation that it learnt from? Annotators whose outlines are off.

one slice of a phantom, drawn exactly, with outlines that err by about a pixel or two to both sides (jitter, wobble),
all drawn a pixel outside or inside, or as the simulated person draws -> labels as drawn, and as `train` moves them
                                                                      -> with --budget: networks from the bundled and
                                                                         from fresh weights, of both

Errors are wrong voxels / all voxels against what the images show: of the annotation on its own slice, of a network on
others. Bodies and imaging are none that the bundled weights have seen. Every training has one core, its time is that of
the processor; what DIR holds already is not trained again, and rows of earlier runs stay.

    KERAMOS_DATA=... python benchmarks/outlines.py                        # offsets alone, a minute
    KERAMOS_DATA=... python benchmarks/outlines.py --work DIR --budget 60 [--seeds 0 1 2]
        [--bodies NAME ...] [--annotators NAME ...] [--starts bundled fresh] [--labels image drawn]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from default_training import DRAWN, SCORED
from depth import SHAPE, Test, held_out
from measured import RESULTS, data_folder, on_one_core, write_results
from numpy.typing import NDArray
from phantoms import PHASES, VOXELS

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, LabelVolume
from keramos.inspection import find_outline_offset
from keramos.learning import AnnotatedSlices, TrainSettings, collect_annotated, move_all_outlines, train_model
from keramos.networks import Checkpoint, load_bundled, load_checkpoint
from keramos.project.initial_weights import SMALL_STEPS, fit_to_labels
from keramos.segmenters import planes_of, segmenter_of
from keramos.simulation import Annotator, move_outlines

BODIES = ("berea", "electrode, median 3 x 3 x 3", "polycrystal")
NO_ERROR: dict[str, float] = {"jitter_pixels": 0.0, "inward_pixels": 0.0, "mistaken_floors": 0, "missed_voids": 0}
ANNOTATORS: dict[str, dict[str, float]] = {
    "exact": {},
    "jitter 1": {"jitter_pixels": 1.0},
    "wobble 2": {"jitter_pixels": 2.0, "wobble_nm": 600.0},
    "outside 1": {"inward_pixels": -1.0},
    "inside 1": {"inward_pixels": 1.0},
    "inside 1, jitter 1": {"inward_pixels": 1.0, "jitter_pixels": 1.0},
}
PERSON = "person"
"""The usual simulated annotator, who also takes bright floors for solid and misses small voids."""
Codes = NDArray[np.uint8]


def draw(test: Test, annotator: str, seed: int) -> Codes:
    """The annotated slice (Y X)."""
    if annotator == PERSON:
        return test.hand[DRAWN]
    errors = Annotator(1000 + seed, **{**NO_ERROR, **ANNOTATORS[annotator]})
    return move_outlines(test.stack.truth[DRAWN], errors, VOXELS, DRAWN)


def annotated(test: Test, drawn: Codes, planes: int) -> AnnotatedSlices:
    codes = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
    codes[DRAWN] = drawn
    labels = LabelVolume.from_array(codes, PHASES, VOXELS, test.name)
    return collect_annotated([(test.stack.volume(test.name), labels)], planes=planes)


def move_as_train_does(data: AnnotatedSlices) -> tuple[AnnotatedSlices, dict[str, Any] | None]:
    """The labels that `train` learns, and the offset that it found, if any."""
    start = load_bundled("porous-solid", SHAPE[0])
    assert start is not None
    fit = fit_to_labels(start, data)
    offset = find_outline_offset(data, fit.scores, fit.bright) if fit.knows else None
    return (data, None) if offset is None else (move_all_outlines(data, fit.bright, offset.pixels), asdict(offset))


def compare(solid: NDArray[np.bool_], truth: Codes) -> dict[str, float]:
    """The share of wrong voxels, the IoU of the solid, and by how much its fraction is too large."""
    true = truth == 1
    iou = float((solid & true).sum() / (solid | true).sum())
    return {"error": float((solid != true).mean()), "iou": iou, "fraction_off": float(solid.mean() - true.mean())}


def score_elsewhere(model: Checkpoint, test: Test) -> dict[str, float]:
    """A network on some of the other slices."""
    segmenter = segmenter_of(model).fit_to(test.stack.volume(test.name), lambda *_: None)
    reach, found = segmenter.signature.halo[0], []
    for z in SCORED:
        low, high = max(0, z - reach), min(SHAPE[0], z + reach + 1)
        core, outer = Box((z, 0, 0), (z + 1, *SHAPE[1:])), Box((low, 0, 0), (high, *SHAPE[1:]))
        scores = segmenter.scores(test.stack.grey[low:high], Block(0, core, outer))
        found.append(scores[1, 0] > scores[0, 0])
    return compare(np.stack(found), test.stack.truth[list(SCORED)])


def learn(test: Test, data: AnnotatedSlices, start: str, out: Path, budget: float, seed: int) -> dict[str, float]:
    """What the default keeps of a training, or a network with fresh weights."""
    bundled = load_bundled("porous-solid", SHAPE[0]) if start == "bundled" else None
    settings: dict[str, Any] = {"model": "compact"}
    if bundled is not None:
        settings = {"model": bundled.card.architecture, "learning_rate": SMALL_STEPS, "adapts": True}
    if not out.is_file():
        chosen = TrainSettings(budget=budget, seed=seed, fresh=True, device="cpu", scored_slices=0, **settings)
        seen = data.with_planes(planes_of(chosen.model))
        train_model(seen, chosen, out, half_range=128, start=bundled, rival=bundled)
    return score_elsewhere(load_checkpoint(out), test)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("outlines-work"))
    parser.add_argument("--budget", type=float, help="seconds of each training, on one core; default: none is trained")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--bodies", nargs="+", choices=BODIES, default=list(BODIES))
    parser.add_argument("--annotators", nargs="+", choices=[*ANNOTATORS, PERSON], default=[*ANNOTATORS, PERSON])
    parser.add_argument("--starts", nargs="+", choices=("bundled", "fresh"), default=["bundled", "fresh"])
    parser.add_argument("--labels", nargs="+", choices=("image", "drawn"), default=["image", "drawn"])
    options = parser.parse_args()
    on_one_core()
    file = RESULTS / "outlines.json"
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    results.pop("machine", None)
    tests = [test for test in held_out(data_folder("geometry")) if test.name in options.bodies]
    for test, annotator, seed in product(tests, options.annotators, options.seeds):
        row = results.setdefault(f"{test.name}, {annotator}, seed {seed}", {})
        data = annotated(test, draw(test, annotator, seed), 7)
        moved, offset = move_as_train_does(data)
        truth = test.stack.truth[DRAWN]
        row |= {name: compare(one.slices[0].codes == 1, truth) for name, one in (("drawn", data), ("moved", moved))}
        row["offset"] = offset
        row.setdefault("untouched", score_elsewhere(load_bundled("porous-solid", SHAPE[0]), test))
        print(
            f"{test.name}, {annotator}, seed {seed}: drawn {row['drawn']['error']:.4f}, moved "
            f"{row['moved']['error']:.4f}, untouched {row['untouched']['error']:.4f}",
            flush=True,
        )
        for start, labels in product(options.starts, options.labels) if options.budget else ():
            options.work.mkdir(parents=True, exist_ok=True)
            name = f"{start}, {labels}, {options.budget:g} s"
            if labels == "image" and offset is None and "drawn" in options.labels:
                continue  # the same labels
            out = options.work / f"{test.name}-{annotator}-{seed}-{name}.keramos"
            row[name] = learn(test, moved if labels == "image" else data, start, out, options.budget, seed)
            print(f"    {name}: {row[name]['error']:.4f}", flush=True)
            write_results("outlines", results)
    write_results("outlines", results)


if __name__ == "__main__":
    main()
