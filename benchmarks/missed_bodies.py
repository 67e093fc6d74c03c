"""Small pores that annotators miss: how many of those that `train` names are there, and does it name others?

phantoms of six materials, labelled by the simulated annotator, by the same with all true void added, and exactly; the
real patches with their hand labels -> the number of bodies in the note `missed-bodies` of `keramos train`

A body that is named no more once the true void is added to the labels is there.

    KERAMOS_DATA=... python benchmarks/missed_bodies.py [--seeds 0 1]
"""

from __future__ import annotations

import argparse
import re
from typing import Any

import numpy as np
from ba122 import READING, patch
from depth import body_of
from measured import data_folder, write_results
from microstructure import MATERIALS, MEASURED, SEVERITY, VOXELS, of_two_phases
from numpy.typing import NDArray

from keramos import open_labels, open_volume
from keramos.core import VOID_SOLID, LabelVolume, Volume
from keramos.inspection import report_missed_bodies
from keramos.learning import collect_annotated
from keramos.networks import load_bundled
from keramos.project.initial_weights import fit_to_labels
from keramos.segmenters import planes_of
from keramos.simulation import make_phantom

_SHAPE, _SLICE = (24, 256, 256), 12


def count_named(images: Volume, codes: NDArray[np.uint8]) -> int:
    """The bodies that are named on the only slice that is labelled, or on the middle one; codes (Z Y X)."""
    start = load_bundled("porous-solid", images.shape[0], VOXELS)
    labels = LabelVolume.from_array(codes, VOID_SOLID, VOXELS)
    data = collect_annotated([(images, labels)], only=(len(codes) // 2,), planes=planes_of(start.card.architecture))
    fit = fit_to_labels(start, data)
    findings = report_missed_bodies(data, fit.scores, fit.bright)
    return sum(int(re.search(r"sure of (\d+)", finding.message)[1]) for finding in findings)


def of_phantom(name: str, seed: int) -> dict[str, int]:
    """Of one slice of a phantom."""
    body = body_of(name, data_folder("geometry")) if name in MEASURED else None
    chosen = {"severity": SEVERITY, "seed": 7_770_000 + seed, "hand_labels": (_SLICE,), **MATERIALS[name]}
    made = make_phantom(_SHAPE, body=body, voxel_size=VOXELS, **chosen)
    hand, truth = (of_two_phases(labels).read() for labels in (made.hand, made.shown))
    named, left = (count_named(made.images, codes) for codes in (hand, np.where(truth == 0, 0, hand).astype(np.uint8)))
    return {"named": named, "there": named - left, "named of exact labels": count_named(made.images, truth)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    rows: dict[str, Any] = {}
    for name in MATERIALS:
        rows[name] = [of_phantom(name, seed) for seed in options.seeds]
        print(name, rows[name], flush=True)
    patches = {}
    for number in (1, 2):
        one = patch(data_folder("ba122"), number)
        images = open_volume(one.image, voxel_size=VOXELS)
        patches[f"ba122 {number:03d}"] = count_named(images, open_labels(one.labels, phases=READING["phases"]).read())
    print(patches)
    write_results("missed_bodies", {"seeds": options.seeds, "phantoms": rows, "hand labels, named": patches})


if __name__ == "__main__":
    main()
