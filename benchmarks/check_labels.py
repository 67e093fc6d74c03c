"""Mistakes in labels that `keramos check` and `train` name, and right labels that they leave alone.

On phantoms of six materials at severities 0, 0.35 and 0.7, slices are annotated rightly (as imaged, and as a simulated
annotator draws them) and with one planted mistake each. `named` counts the planted mistakes for which a warning says
the right thing: for a label of another slice its number, for one that was moved or turned how it must be moved or
turned. Real pairs are labelled rightly: ba122, slices of lucchi, the train images of nasa; lucchi with mistakes, too.
Thresholds were chosen on phantoms of the seeds 100 to 117; the results are of other seeds.

    KERAMOS_DATA=... python benchmarks/check_labels.py [--seed 1000]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import tifffile
from measured import data_folder, on_one_core, write_results
from nasa import CLASSES, images_of
from numpy.typing import NDArray
from skimage.io import imread

from keramos.core import Finding, PhaseTable, Volume
from keramos.inspection import run_checks
from keramos.io import source_fingerprint
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.simulation import make_phantom

Codes = NDArray[np.uint8]
SHAPE, SLICES = (40, 192, 224), (8, 20, 32)
MATERIALS: tuple[dict[str, Any], ...] = (
    *({"preset": name} for name in ("ba122", "sofc", "battery")),
    *({"structure": name} for name in ("spheres", "fibres", "random-field")),
)
SEVERITIES = (0.0, 0.35, 0.7)


@dataclass(frozen=True)
class Stack:
    """Images and labels of each slice (Z Y X)."""

    name: str
    images: Volume
    labels: Codes
    phases: PhaseTable

    def check(self, z: int, codes: Codes, phases: PhaseTable | None = None) -> list[Finding]:
        """The warnings about these codes as the labels of slice z."""
        item = AnnotatedSlice(self.images.read()[z], codes, self.images.name, z, source_fingerprint(self.images))
        data = AnnotatedSlices((item,), phases or self.phases, None)
        return [one for one in run_checks("labels", data, [self.images]) if one.severity != "note"]


@dataclass(frozen=True)
class Mistake:
    """What is done to the codes of a slice, and the kind and the words of the finding that names it."""

    change: Callable[[Codes], Codes]
    kind: str
    words: str = ""


def _speckle(codes: Codes) -> Codes:
    return np.where(np.random.default_rng(0).random(codes.shape) < 0.02, codes.max() - codes, codes).astype(np.uint8)


MOVED = {
    "shifted by 1 pixel": Mistake(lambda codes: np.roll(codes, 1, 1), "misplaced-labels", "1 pixel to the left"),
    "shifted by 3 pixels": Mistake(lambda codes: np.roll(codes, 3, 0), "misplaced-labels", "3 pixels up"),
    "shifted by 20 pixels": Mistake(lambda codes: np.roll(codes, 20, 1), "misplaced-labels", "20 pixels to the left"),
    "mirrored top to bottom": Mistake(lambda codes: codes[::-1].copy(), "misplaced-labels", "mirrored top to bottom"),
    "mirrored left to right": Mistake(
        lambda codes: codes[:, ::-1].copy(), "misplaced-labels", "mirrored left to right"
    ),
    "turned by 180 degrees": Mistake(lambda codes: codes[::-1, ::-1].copy(), "misplaced-labels", "180 degrees"),
    "speckled": Mistake(_speckle, "noisy-labels"),
}
OFFSETS = (-30, -10, -3, -1, 1, 3, 10, 30)


def planted(stack: Stack, slices: Sequence[int]) -> Iterator[tuple[str, bool]]:
    """Each mistake by name, and whether it was named rightly."""
    for z, (name, mistake) in product(slices, MOVED.items()):
        yield name, _is_named(stack.check(z, mistake.change(stack.labels[z])), mistake.kind, mistake.words)
    for z, offset in product(slices, OFFSETS):
        if 0 <= z + offset < len(stack.labels):
            made = stack.check(z, stack.labels[z + offset])
            yield f"of the slice {abs(offset)} away", _is_named(made, "other-slice", f"fit slice {z + offset} better")
    for z in slices:
        if stack.phases.names[0] in ("void", "pore"):
            inverted = stack.check(z, ((stack.labels[z] + 1) % len(stack.phases)).astype(np.uint8))
            yield "void exchanged with another phase", _is_named(inverted, "inverted-labels")
        table = PhaseTable.from_names([f"phase-{value}" for value in (0, 128, 255)])
        part = np.ones_like(stack.labels[z])
        part[40:70, 60:110] = np.where(stack.labels[z, 40:70, 60:110] == 0, 0, 2)
        yield "mostly a nameless value", _is_named(stack.check(z, part, table), "unlabelled-value")


def _is_named(findings: Sequence[Finding], kind: str, words: str = "") -> bool:
    return any(finding.kind == kind and words in finding.message for finding in findings)


def phantoms(seed: int) -> Iterator[tuple[Stack, Stack]]:
    """Phantoms labelled as they are imaged, and by a simulated annotator (in `SLICES` alone)."""
    for number, (severity, material) in enumerate(product(SEVERITIES, MATERIALS)):
        made = make_phantom(SHAPE, seed=seed + number, severity=severity, hand_labels=SLICES, **material)
        name = f"{next(iter(material.values()))}, severity {severity}"
        images = Volume.from_array(made.images.read(), made.images.voxel_size, name)
        yield tuple(Stack(name, images, labels.read(), labels.phases) for labels in (made.shown, made.hand))


def real() -> Iterator[tuple[Stack, Sequence[int]]]:
    """Real images with right labels, and the slices to look at."""
    for name in ("001", "002"):
        grey, mask = (imread(data_folder("ba122") / f"sample_{name}_{part}.bmp") for part in ("sem", "th"))
        phases = PhaseTable.from_names(["void", "solid"])
        yield Stack(f"ba122 {name}", Volume.from_array(grey), (mask > 127).astype(np.uint8)[None], phases), (0,)
    for kind, classes in CLASSES.items():
        for image, mask in images_of(data_folder("nasa") / kind, "train"):
            grey = imread(image)
            grey = grey if grey.ndim == 2 else grey[..., 0]
            yield Stack(kind, Volume.from_array(grey), imread(mask)[None], PhaseTable.from_names(classes)), (0,)
    yield lucchi(), range(0, 96, 8)


def lucchi() -> Stack:
    images, labels = (tifffile.imread(data_folder("lucchi") / f"{name}.tif") for name in ("images", "labels"))
    return Stack("lucchi", Volume.from_array(images), labels, PhaseTable.from_names(["background", "mitochondrion"]))


def count(results: Iterator[tuple[str, bool]]) -> dict[str, dict[str, int]]:
    """Named and planted, by mistake."""
    planted_ones, named = Counter[str](), Counter[str]()
    for name, is_named in results:
        planted_ones[name] += 1
        named[name] += is_named
    return {name: {"named": named[name], "planted": number} for name, number in sorted(planted_ones.items())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1000)
    options = parser.parse_args()
    on_one_core()
    began, alarms, right, results = time.perf_counter(), list[dict[str, str]](), 0, list[tuple[str, bool]]()

    def look(stack: Stack, slices: Sequence[int], labelled: str) -> None:
        nonlocal right
        for z in slices:
            right += 1
            alarms.extend(
                {"stack": stack.name, "labels": labelled, "text": one.text} for one in stack.check(z, stack.labels[z])
            )

    for imaged, hand in phantoms(options.seed):
        look(imaged, SLICES, "as imaged")
        look(hand, SLICES, "simulated annotator")
        results += planted(imaged, SLICES[1:2])
        print(
            f"{imaged.name}: {sum(ok for _, ok in results)} of {len(results)} named, {len(alarms)} false alarms",
            flush=True,
        )
    on_phantoms = {"right": right, "false_alarms": list(alarms), "mistakes": count(iter(results))}
    alarms.clear()
    right = 0
    for stack, slices in real():
        look(stack, slices, "by hand")
    mistakes = count(planted(lucchi(), (12, 36, 60, 84)))
    write_results(
        "check_labels",
        {
            "seed": options.seed,
            "phantoms": on_phantoms,
            "real": {"right": right, "false_alarms": list(alarms), "mistakes_in_lucchi": mistakes},
            "seconds": round(time.perf_counter() - began),
        },
    )


if __name__ == "__main__":
    main()
