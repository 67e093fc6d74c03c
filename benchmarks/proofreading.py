"""Does the order of places pay? A simulated proofreader, who knows the truth, on segmentations of phantoms.

Three phantoms are segmented by the bundled weights as they are. The proofreader takes the places of the queue one
by one and gives each the phase that most of its voxels truly have: accept or flip, nothing is redrawn. After some
numbers of decisions the share of wrong voxels and the errors of phase fraction, specific surface area and percolating
fraction (mean over phases and axes) are measured against the truth. The same places in three random orders are the
comparison. Intervals are over seeds of the phantoms.

    python benchmarks/proofreading.py [--seeds 0 1 2] [--shape 64 160 160] [--name proofreading]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from measured import interval, write_results
from numpy.typing import NDArray

from keramos import segment
from keramos.annotation.proofreading import Evidence, Place, find_places
from keramos.core import LabelVolume
from keramos.io import open_labels, open_uncertainty
from keramos.measurements import quantify_with
from keramos.settings.proofread import ProofreadingOptions
from keramos.simulation import make_phantom

QUANTITIES = {"phase-fraction": 1.0, "specific-surface-area": None, "percolating-fraction": 1.0}
"""Quantities, and what their errors are given in: shares of one, or (None) relative to the truth."""
PHANTOMS: dict[str, dict[str, Any]] = {
    "porous ceramic": {"preset": "ba122", "severity": 0.5},
    "porous ceramic, poor images": {"preset": "ba122", "severity": 0.8},
    "half solid": {"preset": "ba122", "severity": 0.5, "solid_fraction": 0.5},
}
WRONG = "wrong voxels"
ALL = "all phantoms"
WAYS = ("ordered", "random")
DECISIONS = (0, 10, 20, 50, 100, 200)
RANDOM_ORDERS = 3


def measure(codes: NDArray[np.uint8], like: LabelVolume) -> dict[tuple[str, str, str], float]:
    labels = LabelVolume.from_array(codes, like.phases, like.voxel_size)
    rows = quantify_with(["phase-fraction", "interface", "components"], labels).quantities
    return {(row.id, row.phase, row.axis): row.quantity.value for row in rows if row.id in QUANTITIES}


def errors(codes: NDArray[np.uint8], truth: LabelVolume) -> dict[str, float]:
    """Mean absolute error of each quantity over phases and axes."""
    now, right = measure(codes, truth), measure(truth.read(), truth)
    out = {WRONG: float(np.mean(codes != truth.read()))}
    for name, unit in QUANTITIES.items():
        keys = [key for key in right if key[0] == name]
        out[name] = float(np.mean([abs(now.get(key, 0.0) - right[key]) / (unit or right[key]) for key in keys]))
    return out


def decide(place: Place, truth: NDArray[np.uint8], names: Sequence[str]) -> int:
    """The phase that most voxels of a place truly have."""
    return int(np.argmax(np.bincount(truth[place.box.slices][place.mask], minlength=len(names))))


def proofread(
    codes: NDArray[np.uint8], places: Sequence[Place], truth: LabelVolume
) -> tuple[list[dict[str, float]], int]:
    """The errors after each number of decisions, and how many of the places were flipped."""
    right, names, now = truth.read(), truth.phases.names, codes.copy()
    rows, flipped = [errors(now, truth)], 0
    for first, last in pairwise(DECISIONS):
        for place in places[first:last]:
            code = decide(place, right, names)
            flipped += names[code] != place.phase
            now[place.box.slices][place.mask] = code
        rows.append(errors(now, truth))
    return rows, flipped


def run(name: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    phantom = make_phantom(options.shape, seed=seed, **PHANTOMS[name])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segmentation.ome.zarr"
        segment(phantom.images, model="porous-solid", out=path, uncertainty=True)
        labels, codes, unsure = open_labels(path), open_labels(path).read(), open_uncertainty(path)
        began = time.monotonic()
        places = find_places(Evidence(labels, unsure, options=ProofreadingOptions(count=1000)))
        seconds = time.monotonic() - began
        ordered, flipped = proofread(codes, places, phantom.shown)
    shuffled = []
    for number in range(RANDOM_ORDERS):
        order = np.random.default_rng([seed, number]).permutation(len(places))
        shuffled.append(proofread(codes, [places[i] for i in order], phantom.shown)[0])
    random = [
        {name: float(np.mean([rows[i][name] for rows in shuffled])) for name in (WRONG, *QUANTITIES)}
        for i in range(len(DECISIONS))
    ]
    kinds = {kind: sum(place.kind == kind for place in places) for kind in sorted({place.kind for place in places})}
    return {
        "places": len(places),
        "kinds": kinds,
        "flipped_of_the_first": {"places": min(len(places), DECISIONS[-1]), "flipped": flipped},
        "seconds_to_find": seconds,
        "ordered": ordered,
        "random": random,
    }


def summarise(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """For each phantom, quantity and number of decisions, over seeds: the error left in each order, also as a share of
    the first one, and how much less it is in the order of the queue."""
    out: dict[str, Any] = {}
    for phantom in [*dict.fromkeys(key.split("/")[0] for key in runs), ALL]:
        mine = [row for key, row in runs.items() if phantom in (key.split("/")[0], ALL)]
        for name in (WRONG, *QUANTITIES):
            out.setdefault(phantom, {})[name] = [
                {
                    "decisions": count,
                    **{way: interval([row[way][i][name] for row in mine]) for way in WAYS},
                    **{
                        f"share_left_{way}": interval(
                            [row[way][i][name] / max(row[way][0][name], 1e-12) for row in mine]
                        )
                        for way in WAYS
                    },
                    "ordered_less_random": interval([row["ordered"][i][name] - row["random"][i][name] for row in mine]),
                }
                for i, count in enumerate(DECISIONS)
            ]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phantoms", nargs="+", choices=PHANTOMS, default=list(PHANTOMS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--shape", type=int, nargs=3, default=[64, 160, 160], help="of the phantoms, z y x")
    parser.add_argument("--name", default="proofreading", help="of the file in benchmarks/results")
    options = parser.parse_args()
    runs: dict[str, dict[str, Any]] = {}
    for name in options.phantoms:
        for seed in options.seeds:
            row = runs[f"{name}/{seed}"] = run(name, seed, options)
            first, last = row["ordered"][0], row["ordered"][-1]
            print(name, seed, row["places"], row["kinds"], row["flipped_of_the_first"])
            for key in (WRONG, *QUANTITIES):
                print(f"  {key}: {first[key]:.5f} -> {last[key]:.5f}, random {row['random'][-1][key]:.5f}", flush=True)
            settings = {
                **{key: value for key, value in vars(options).items() if key != "name"},
                "of_phantoms": PHANTOMS,
            }
            write_results(options.name, {"settings": settings, "summary": summarise(runs), "runs": runs})


if __name__ == "__main__":
    main()
