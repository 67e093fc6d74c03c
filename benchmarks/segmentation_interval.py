"""Does the interval of the segmentation hold what a perfect segmentation would have measured?

Phantoms of five bodies, imaged with severities from 0.2 to 0.9, are segmented by the bundled network, which keeps its
scores. The truth of one slice, at a random place, is all that is known; each interval (`Quantity.segmentation`, nominal
95 %) holds what is measured of the whole truth or does not. Truth is what the images show: no segmentation can know how
far slices were moved or cut off their places. How often the body itself is held is counted, too.

Quantities that get no interval are tried with the percentiles of what is measured of the draws: why they get none.

    python benchmarks/segmentation_interval.py --work DIR [--phantoms 60] [--first 100] [--tries 12] [--workers 2]
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measured import on_one_core, write_results
from numpy.typing import NDArray
from scipy.stats import beta

from keramos.blocks import Block, Plan
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume, Volume, VoxelSize
from keramos.measurements import MEASUREMENTS, MeasuredVolume, Measurements, quantify_volume, with_segmentation
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.uncertainty.segmentation_intervals import collect_evidence, measure_realizations
from keramos.networks import load_bundled
from keramos.segmenters import segmenter_of
from keramos.settings.quantify import MeasurementOptions
from keramos.simulation import PhantomSettings, PhantomStack, collect_slabs

SHAPE = (32, 192, 192)
VOXELS = VoxelSize(20, 26.4, 20.8)
BODIES = (None, "random-field", "spheres", "fibres", "platelets")
SEVERITY = (0.2, 0.9)
TRIED = ("percolating-fraction", "euler-number-density", "mean-curvature", "components", "mean-intercept-length")
SETTINGS = MeasurementOptions(transport=False, threads=1)


class Kept:
    """Stored scores (phases, Z Y X) in memory."""

    def __init__(self, stored: NDArray[np.uint8]) -> None:
        self.stored = stored

    def read(self, box: Box) -> NDArray[np.uint8]:
        return self.stored[(slice(None), *box.slices)]


def segmented(number: int, folder: Path) -> dict[str, Any]:
    """Stored scores, what the images show and the body (void and solid) of the phantom of that number; kept."""
    file = folder / f"{number:04d}.npz"
    if not file.is_file():
        rng = np.random.default_rng([20261125, number])
        severity, fraction = float(rng.uniform(*SEVERITY)), float(rng.uniform(0.6, 0.9))
        body = BODIES[number % len(BODIES)]
        made = collect_slabs(
            PhantomStack(
                PhantomSettings(
                    SHAPE,
                    VOXELS,
                    severity=severity,
                    seed=55_000 + number,
                    solid_fraction=fraction,
                    structure=body,
                )
            )
        )
        grey, whole = made.images.read(), Box.whole(SHAPE)
        weights = load_bundled("porous-solid", SHAPE[0])
        assert weights is not None
        network = segmenter_of(weights).fit_to(Volume.from_array(grey, VOXELS, "phantom"), lambda *_: None)
        stored = np.round(255 * network.scores(grey, Block(0, whole, whole))).astype(np.uint8)
        shown, body_codes = ((part.read() > 0).astype(np.uint8) for part in (made.shown, made.truth))
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            file, stored=stored, shown=shown, body=body_codes, severity=severity, place=rng.integers(2, SHAPE[0] - 2)
        )
    with np.load(file) as arrays:
        return dict(arrays)


def labels_of(codes: NDArray[np.uint8], name: str) -> LabelVolume:
    return LabelVolume.from_array(codes, VOID_SOLID, VOXELS, name)


def tested(number: int, folder: Path, tried: range) -> list[dict[str, Any]]:
    """One row for each quantity of the solid: measured, true, of the body, and its interval."""
    given = segmented(number, folder)
    labels = labels_of((given["stored"][1] > 127).astype(np.uint8), "labels")
    place = int(given["place"])
    annotated = np.full_like(given["shown"], NOT_ANNOTATED)
    annotated[place] = given["shown"][place]
    truth, scores = labels_of(annotated, "truth"), Kept(given["stored"])
    found = with_segmentation(quantify_volume(labels, SETTINGS), labels, scores, truth, SETTINGS)
    true, body = (quantify_volume(labels_of(given[part], part), SETTINGS) for part in ("shown", "body"))
    material = BODIES[number % len(BODIES)] or "polycrystal"
    rows = []
    for row in found.quantities:
        if row.phase != "solid" or (row.quantity.segmentation is None and row.id not in TRIED):
            continue
        key = (row.id, row.phase, row.axis)
        numbers = {"measured": row.quantity.value, "true": true.find(*key).value, "body": body.find(*key).value}
        rows.append(
            {
                "phantom": number,
                "material": material,
                "severity": float(given["severity"]),
                "quantity": f"{row.name} {row.axis}".strip(),
                "key": key,
                **numbers,
                "interval": row.quantity.segmentation,
            }
        )
    return [*rows, *(_by_draws(labels, scores, truth, rows) if number in tried else [])]


def _by_draws(
    labels: LabelVolume, scores: Kept, truth: LabelVolume, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The same rows of quantities without an interval, with the percentiles of all that is measured of the draws."""
    evidence = collect_evidence(labels, scores, truth)
    if evidence is None:
        return []
    certain = evidence.recalibration.apply(scores.stored)
    realizations = measure_realizations(certain, evidence.correlation, labels, SETTINGS, measure=_tried)
    more = []
    for row in rows:
        if row["interval"] is None:
            values = [each.find(*row["key"]).value for each in realizations]
            low, high = (float(bound) for bound in np.percentile(values, (2.5, 97.5)))
            more.append({**row, "quantity": f"{row['quantity']}, by draws alone", "interval": [low, high]})
    return more


def _tried(codes: LabelVolume) -> Measurements:
    volume = MeasuredVolume.of_annotated(codes, MeasurementOptions(phase=("solid",)))
    bodies = [MEASUREMENTS[name].in_blocks(volume) for name in ("interface", "components", "chords")]
    return measure_in_blocks(codes, bodies, Plan(SHAPE, SHAPE))


def share(held: int, of: int) -> dict[str, Any]:
    """With its 95 % interval (Clopper and Pearson)."""
    low, high = beta.ppf([0.025, 0.975], [max(held, 1e-9), held + 1], [of - held + 1, max(of - held, 1e-9)])
    return {"held": held, "of": of, "share": held / of, "interval": [float(low), float(high)]}


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each quantity: how often the interval holds the truth and the body, its width, the error it is to cover."""
    found = {}
    for name in dict.fromkeys(row["quantity"] for row in rows if row["interval"]):
        own = [row for row in rows if row["quantity"] == name and row["interval"]]
        held, of_body = (sum(r["interval"][0] <= r[key] <= r["interval"][1] for r in own) for key in ("true", "body"))
        wide = [(r["interval"][1] - r["interval"][0]) / 2 / abs(r["true"]) for r in own if r["true"]]
        off = [abs(r["measured"] - r["true"]) / abs(r["true"]) for r in own if r["true"]]
        found[name] = {
            **share(held, len(own)),
            "of_the_body": share(of_body, len(own)),
            "half_width": float(np.median(wide)),
            "error_of_the_value": float(np.median(off)),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder in which segmented phantoms are kept")
    parser.add_argument("--phantoms", type=int, default=60)
    parser.add_argument(
        "--first", type=int, default=100, help="number of the first phantom; the method has seen 0 to 24"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tries", type=int, default=12, help="phantoms on which quantities without interval are tried")
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.phantoms)
    rows: list[dict[str, Any]] = []
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        for number, more in zip(
            numbers,
            pool.map(partial(tested, folder=options.work, tried=numbers[: options.tries]), numbers),
            strict=True,
        ):
            rows += more
            print(number, json.dumps({r["quantity"]: [r["true"], r["interval"]] for r in more[:2]}), flush=True)
    totals = summary(rows)
    for name, total in totals.items():
        print(
            f"{name}: {total['held']} of {total['of']} ({total['share']:.3f}), half-width {total['half_width']:.3f}, "
            f"value off by {total['error_of_the_value']:.3f}, body {total['of_the_body']['share']:.3f}"
        )
    write_results(
        "segmentation_interval",
        {"shape": SHAPE, "first": options.first, "draws": SETTINGS.draws, "totals": totals, "rows": rows},
    )


if __name__ == "__main__":
    main()
