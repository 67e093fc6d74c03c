"""Does it pay to annotate what `keramos suggest` names? A simulated annotator, round by round, on phantoms.

Of each phantom one region of one slice is annotated from its exact truth; each later round adds one more region: the
one that is suggested, one at a random place, or one of evenly spaced slices. After each round the network goes on from
the last one's weights for a fixed number of steps, so that nothing depends on the machine's speed, and is scored on the
whole stack without what is annotated. The first round is the same for all three. Seeds that the results hold already,
with the same settings, are taken from there unless `--fresh`.

    python benchmarks/suggest.py [--rounds 5] [--seeds 0 1 2 3 4] [--epochs 1] [--name suggest]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from measured import RESULTS, processor, write_results
from numpy.typing import NDArray
from scipy import stats

from keramos import suggest, train
from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, parse_box
from keramos.core.progress import Reporter
from keramos.learning import CROPS_PER_EPOCH
from keramos.networks import load_checkpoint
from keramos.segmenters import decide, segmenter_of
from keramos.simulation import Phantom, make_phantom

WAYS = ("suggest", "random", "even")
SLAB = 16


@dataclass
class Annotator:
    """One way of choosing regions on one phantom: what is annotated so far, the model, and IoU after each round."""

    way: str
    phantom: Phantom
    options: argparse.Namespace
    rng: np.random.Generator
    boxes: list[Box] = field(default_factory=list)
    model: Path | None = None
    iou: list[float] = field(default_factory=list)

    def next_box(self) -> Box:
        """The region that this way annotates next."""
        depth, number = self.phantom.images.shape[0], len(self.boxes)
        if self.way == "suggest" and self.model is not None:
            options = {"edge": self.options.edge, "every": self.options.every}
            known = [box.start[0] for box in self.boxes]
            found = suggest(self.phantom.images, self.model, annotated=known, **options)
            return parse_box(found.suggestions[0].box, self.phantom.images.shape)
        if self.way == "even":
            later = self.options.rounds - 1
            return self.anywhere(round((number - 0.5) * depth / later) % depth)
        return self.anywhere(int(self.rng.integers(depth)))

    def anywhere(self, z: int) -> Box:
        """A region at a random place of slice z."""
        edge = self.options.edge
        y, x = (int(self.rng.integers(length - edge + 1)) for length in self.phantom.images.shape[1:])
        return Box((z, y, x), (z + 1, y + edge, x + edge))

    def annotate_and_train(self, box: Box, folder: Path, seed: int) -> None:
        """Add a region and go on training; the first training is longer."""
        self.boxes.append(box)
        epochs = self.options.epochs if self.model else self.options.first_epochs
        out = folder / f"{self.way}-{len(self.boxes)}.keramos"
        fitted = train(
            self.phantom.images,
            self.labels(),
            out=out,
            epochs=epochs,
            seed=seed + len(self.boxes),
            from_=self.model,
            **{name: getattr(self.options, name) for name in ("crop", "batch", "learning_rate")},
        )
        self.model = fitted.path
        self.iou.append(self.scored())

    def labels(self) -> LabelVolume:
        truth = self.phantom.shown
        codes = np.full(truth.shape, NOT_ANNOTATED, np.uint8)
        for box in self.boxes:
            codes[box.slices] = truth.read(box)
        return LabelVolume.from_array(codes, truth.phases, truth.voxel_size, "annotated regions")

    def scored(self) -> float:
        """IoU of the positive phase over the whole stack, annotated voxels left out."""
        truth, codes = self.phantom.shown.read(), segmented(self.phantom, self.model)
        unseen = self.labels().read() == NOT_ANNOTATED
        positive = self.phantom.shown.phases.positive
        found, true = (codes == positive) & unseen, (truth == positive) & unseen
        return float(np.sum(found & true) / np.sum(found | true))


def segmented(phantom: Phantom, model: Path | None) -> NDArray[np.uint8]:
    """Codes (Z Y X) of the whole stack, slab by slab."""
    if model is None:
        raise ValueError("expected a trained model")
    (depth, height, width), silent = phantom.images.shape, Reporter().progress("survey")
    predictor = segmenter_of(load_checkpoint(model)).fit_to(phantom.images, silent)
    parts = []
    for z in range(0, depth, SLAB):
        slab = Box((z, 0, 0), (min(z + SLAB, depth), height, width))
        parts.append(decide(predictor.scores(phantom.images.read(slab), Block(0, slab, slab))))
    return np.concatenate(parts)


def loop(seed: int, options: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    """All rounds of all ways on the phantom of this seed."""
    phantom = make_phantom(options.shape, severity=options.severity, seed=seed)
    ways = [Annotator(way, phantom, options, np.random.default_rng([seed, i])) for i, way in enumerate(WAYS)]
    with tempfile.TemporaryDirectory() as name:
        first = ways[1].anywhere(int(ways[1].rng.integers(options.shape[0])))
        ways[0].annotate_and_train(first, Path(name), 100 * seed)
        say(f"seed {seed} round 1: IoU {ways[0].iou[-1]:.4f}")
        for other in ways[1:]:
            other.boxes, other.model, other.iou = [first], ways[0].model, list(ways[0].iou)
        for number in range(2, options.rounds + 1):
            for way in ways:
                way.annotate_and_train(way.next_box(), Path(name), 100 * seed)
                say(f"seed {seed} round {number} {way.way}: slice {way.boxes[-1].start[0]}, IoU {way.iou[-1]:.4f}")
    return {way.way: {"iou": way.iou, "boxes": [str(box) for box in way.boxes]} for way in ways}


def summary(rows: NDArray[np.float64]) -> list[dict[str, Any]]:
    """For each round (column) the mean over seeds (rows) with its 95 % interval (Student's t; none for one seed)."""
    seeds, means = len(rows), rows.mean(axis=0)
    if seeds < 2:
        return [{"mean": float(mean), "interval": None} for mean in means]
    halves = stats.t.ppf(0.975, seeds - 1) * rows.std(axis=0, ddof=1) / seeds**0.5
    return [
        {"mean": float(mean), "interval": [float(mean - half), float(mean + half)]}
        for mean, half in zip(means, halves, strict=True)
    ]


def differences(suggested: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, Any]:
    """Of the IoU (seeds, rounds) of two ways on the same phantoms: after each round, and the mean of the later ones."""
    gain = suggested - other
    return {
        "after_each_round": summary(gain),
        "mean_over_later_rounds": summary(gain[:, 1:].mean(axis=1, keepdims=True))[0],
    }


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """What decides the result of one seed."""
    chosen = {key: value for key, value in vars(options).items() if key not in ("name", "seeds", "fresh")}
    return {**chosen, "crops_per_epoch": CROPS_PER_EPOCH}


def known(options: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """Seeds that the last run wrote, with these settings."""
    path = RESULTS / f"{options.name}.json"
    if options.fresh or not path.is_file():
        return {}
    last = json.loads(path.read_text(encoding="utf-8"))
    same = {key: value for key, value in last["settings"].items() if key != "seeds"} == settings_of(options)
    return {int(seed): run for seed, run in last["runs"].items() if int(seed) in options.seeds} if same else {}


def results_of(runs: dict[int, dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    iou = {way: np.array([run[way]["iou"] for run in runs.values()]) for way in WAYS}
    return {
        "settings": {**settings_of(options), "seeds": list(runs)},
        "iou_after_each_round": {way: summary(values) for way, values in iou.items()},
        "paired_difference": {f"suggest - {way}": differences(iou["suggest"], iou[way]) for way in WAYS[1:]},
        "runs": {str(seed): run for seed, run in runs.items()},
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="of phantoms and trainings")
    parser.add_argument("--shape", type=int, nargs=3, default=[48, 256, 256], help="of the phantom, z y x")
    parser.add_argument("--severity", type=float, default=0.6)
    parser.add_argument("--edge", type=int, default=128, help="of an annotated region, pixels")
    parser.add_argument("--every", type=int, default=1, help="suggest looks at every Nth slice")
    parser.add_argument("--crop", type=int, default=64, help="edge of training crops, pixels")
    parser.add_argument(
        "--batch", type=int, default=4, help="crops a step: many small steps learn fastest on so little"
    )
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--first-epochs", type=int, default=2, help="of the first training, of 1,000 crops each")
    parser.add_argument("--epochs", type=int, default=1, help="of each later training")
    parser.add_argument("--fresh", action="store_true", help="run seeds again that the results hold already")
    parser.add_argument("--name", default="suggest", help="of the file in benchmarks/results")
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error(f"expected at least 2 rounds, found {options.rounds}")
    return options


def main() -> None:
    options, began, done = arguments(), time.monotonic(), 0
    runs = known(options)
    left = [seed for seed in options.seeds if seed not in runs]
    trainings = len(left) * (1 + (options.rounds - 1) * len(WAYS))

    def say(text: str) -> None:
        nonlocal done
        done += 1
        spent = time.monotonic() - began
        print(f"{text} ({done} of {trainings}, about {spent * (trainings - done) / done:.0f} s left)", flush=True)

    for seed in left:
        runs[seed] = {"processor": processor(), "date": date.today().isoformat(), **loop(seed, options, say)}
        write_results(options.name, results_of(runs, options))


if __name__ == "__main__":
    main()
