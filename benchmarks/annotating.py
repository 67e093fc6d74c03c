"""How much drawing does an accurate segmentation take? A simulated annotator with four ways of working.

Every way starts from the bundled weights, draws with the studio's tools, and lets the studio's assistant learn after
each round; the IoU is that of the positive phase (of three phases: their mean) on slices that nobody drew in.

a  whole slices   each round one slice, spread evenly, is painted whole
b  scribbles      each round strokes in one slice, first where the proposal is wrong
c  corrections    each round the proposal of one slice is corrected and accepted
d  suggestions    as c, but only in the region that the assistant suggests

With --longer the last labels are learnt on for so many seconds more: that is what waiting gains, without drawing.

    python benchmarks/annotating.py [--rounds 8] [--slices 5] [--stacks NAME ...] [--ways a b c d] [--longer 60 120]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from measured import data_folder, on_one_core, write_results
from numpy.typing import NDArray
from simulated_hand import COSTS, Codes, Hand

from keramos.annotation.drawing import Drawing, VolumeScene, view_accepted, view_as_labels
from keramos.core import PhaseTable, Volume, VoxelSize, parse_box
from keramos.core.errors import SettingsError
from keramos.project.assist import Assistant
from keramos.scoring import phase_ratios
from keramos.simulation import make_phantom

WAYS = "abcd"
AIMS = (0.90, 0.93, 0.95)
PHANTOMS: dict[str, dict[str, Any]] = {
    "ba122": {"preset": "ba122", "severity": 0.8},
    "battery": {"preset": "battery", "severity": 0.5},
    "sofc": {"preset": "sofc", "severity": 0.5},
}
SHAPE = (40, 384, 384)
_SCORED = 8
_STROKES, _CORRECTIONS, _EDGE = 12, 25, 192


@dataclass(frozen=True)
class Stack:
    """Images with the labels that a person would give (Z Y X), and the truth that is shown."""

    images: Volume
    seen: Codes
    truth: Codes
    phases: PhaseTable


def phantom_stack(name: str, seed: int) -> Stack:
    """A phantom; its person errs as the simulator's annotator does."""
    made = make_phantom(SHAPE, seed=seed, hand_labels=tuple(range(SHAPE[0])), **PHANTOMS[name])
    return Stack(made.images, made.hand.read(), made.shown.read(), made.truth.phases)


def lucchi_stack(_: str, __: int) -> Stack:
    """A part of the crop of Lucchi++, whose labels are taken for the truth and for what a person sees."""
    folder = data_folder("lucchi")
    images = tifffile.imread(folder / "images.tif")[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    labels = (tifffile.imread(folder / "labels.tif")[: SHAPE[0], : SHAPE[1], : SHAPE[2]] > 0).astype(np.uint8)
    phases = PhaseTable.from_names(["rest", "mitochondria"])
    return Stack(Volume.from_array(images, VoxelSize(5, 5, 5), "lucchi"), labels, labels, phases)


STACKS: dict[str, Callable[[str, int], Stack]] = {**dict.fromkeys(PHANTOMS, phantom_stack), "lucchi": lucchi_stack}


class Session:
    """One way of working on one stack."""

    def __init__(self, stack: Stack, way: str, folder: Path, options: argparse.Namespace) -> None:
        self.stack, self.way, self.options = stack, way, options
        self.drawing = Drawing(stack.images.shape, stack.phases)
        self.assistant = Assistant(stack.images, stack.phases, folder / "models", folder / "proposal.ome.zarr")
        scene = VolumeScene(stack.images, self.drawing, self._proposal)
        self.hand = Hand(self.drawing, scene, stack.seen)
        depth = stack.images.shape[0]
        self.spread = [int(z) for z in np.argsort(np.argsort(_van_der_corput(depth)))[: options.rounds]]

    def _proposal(self, z: int) -> Codes | None:
        codes = self.assistant.proposals.codes(z)
        return None if (codes == 255).all() else codes

    def work(self) -> list[dict[str, Any]]:
        """A row for each round: strokes, minutes of the person, minutes of waiting, IoU."""
        rows = [self._row(0)]
        for number in range(self.options.slices if self.way == "a" else self.options.rounds):
            if rows[-1]["iou"] is not None and rows[-1]["iou"] >= AIMS[-1]:
                break
            self._draw(number)
            self._learn(self.options.seconds)
            rows.append(self._row(number + 1))
            print(self.stack.images.name, self.way, rows[-1], flush=True)
        return rows

    def learn_on(self) -> list[dict[str, float | None]]:
        """IoU after learning the same labels for each of the times that --longer gives, one after the other."""
        rows = []
        for seconds in self.options.longer:
            self._learn(seconds)
            rows.append({"seconds_more": seconds, "iou": self._score()})
        return rows

    def _learn(self, seconds: float) -> None:
        labels, accepted = view_as_labels(self.drawing), view_accepted(self.drawing)
        if self.assistant.learn(labels, accepted=accepted, seconds=seconds) is None:
            raise RuntimeError("the assistant was stopped")

    def _draw(self, number: int) -> None:
        whole = (slice(0, SHAPE[1]), slice(0, SHAPE[2]))
        z = self.spread[number]
        if self.way == "a":
            self.hand.paint_slice(z)
            return
        box = whole
        if self.way == "d":
            z, box = self._suggested(z)
        proposal = self._propose(z)
        if self.way == "b" or proposal is None:
            self.hand.scribble(z, box, proposal, _STROKES)
        else:
            self.hand.correct(z, box, proposal, _CORRECTIONS)

    def _suggested(self, otherwise: int) -> tuple[int, tuple[slice, slice]]:
        try:
            found = self.assistant.suggest(self.drawing.annotated_slices(), count=1, edge=_EDGE).suggestions
        except SettingsError:
            found = ()
        if not found:  # nothing is learnt yet, and the bundled weights do not know these phases
            corner = (SHAPE[1] - _EDGE) // 2
            return otherwise, (slice(corner, corner + _EDGE), slice(corner, corner + _EDGE))
        box = parse_box(found[0].box, SHAPE)
        return box.start[0], (slice(box.start[1], box.stop[1]), slice(box.start[2], box.stop[2]))

    def _propose(self, z: int) -> Codes | None:
        try:
            self.assistant.propose(z)
        except SettingsError:
            return None
        return self._proposal(z)

    def _row(self, learnt: int) -> dict[str, Any]:
        return {
            "round": learnt,
            "strokes": self.hand.strokes,
            "minutes": round(self.hand.seconds / 60, 2),
            "minutes_waiting": round(learnt * self.options.seconds / 60, 2),
            "iou": self._score(),
        }

    def _score(self) -> float | None:
        """IoU on evenly spread slices without labels."""
        drawn, confusion = set(self.drawing.annotated_slices()), np.zeros((len(self.stack.phases),) * 2, np.int64)
        for z in np.linspace(2, SHAPE[0] - 3, _SCORED).round().astype(int).tolist():
            z = next(near for near in sorted(range(SHAPE[0]), key=lambda n, z=z: abs(n - z)) if near not in drawn)
            proposal = self._propose(z)
            if proposal is None:
                return None
            truth = self.stack.truth[z]
            pairs = truth.astype(np.int64) * len(self.stack.phases) + proposal
            confusion += np.bincount(pairs.ravel(), minlength=confusion.size).reshape(confusion.shape)
        each = phase_ratios(confusion)["iou"]
        two = len(self.stack.phases) == 2
        return round(float(each[self.stack.phases.positive] if two else np.mean(each)), 4)


def _van_der_corput(count: int) -> NDArray[np.float64]:
    """The first `count` numbers of the sequence of base 2, which fill 0 ... 1 evenly at each length."""
    return np.array([sum((n >> bit & 1) / 2 ** (bit + 1) for bit in range(16)) for n in range(1, count + 1)])


def reach(rows: list[dict[str, Any]], aim: float) -> dict[str, Any] | None:
    """Strokes and minutes of the first round that reaches an IoU; None where none does."""
    row = next((row for row in rows if row["iou"] is not None and row["iou"] >= aim), None)
    return row and {name: row[name] for name in ("round", "strokes", "minutes", "minutes_waiting")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8, help="at most, of the ways b, c and d")
    parser.add_argument("--slices", type=int, default=5, help="painted whole at most")
    parser.add_argument("--seconds", type=float, default=18.0, help="of a processor, from the key press to a proposal")
    parser.add_argument("--stacks", nargs="+", default=list(STACKS))
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[21])
    parser.add_argument("--longer", nargs="*", type=float, default=[], help="seconds to learn the last labels on")
    parser.add_argument("--name", default="annotating")
    options = parser.parse_args()
    on_one_core()
    sessions, began = [], time.monotonic()
    for name in options.stacks:
        for seed in options.seeds if name in PHANTOMS else [0]:
            stack = STACKS[name](name, seed)
            for way in options.ways:
                with tempfile.TemporaryDirectory() as folder:
                    session = Session(stack, way, Path(folder), options)
                    rows, longer = session.work(), session.learn_on()
                reached = {f"{aim:.2f}": reach(rows, aim) for aim in AIMS}
                sessions.append(
                    {"stack": name, "seed": seed, "way": way, "rounds": rows, "longer": longer, "reached": reached}
                )
                write_results(
                    options.name,
                    {
                        "costs": COSTS,
                        "settings": {**vars(options), "shape": SHAPE, "strokes": _STROKES, "edge": _EDGE},
                        "sessions": sessions,
                        "seconds": round(time.monotonic() - began),
                    },
                )


if __name__ == "__main__":
    main()
