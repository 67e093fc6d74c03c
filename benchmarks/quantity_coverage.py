"""How often every interval of `keramos quantify` holds what volumes of its kind give on the mean.

    random bodies of three phases (overlapping balls, and others in what they leave) -> small volumes of a kind
        -> every quantity with an interval -> does it hold the mean over all volumes of the kind?

Phase fraction and surface of the first phase are known exactly and are held against that, too. The mean over volumes of
the same size knows no bias by that size, which an interval cannot know either. Sizes and paths, the means of eight
subvolumes, are tried in volumes of one phase of overlapping balls and what they leave (`subvolumes`), and means of
objects in volumes of overlapping balls, few and many, on cubic and flat voxels and in a thin stack (`objects ...`).
Each volume is a line of the file `--kept`; a run goes on where the last one stopped, and the figures are of what there
is.

    python benchmarks/quantity_coverage.py --kept FILE.jsonl [--samples 400] [--again MEASUREMENT ...]
        [--kinds cubic flat thin subvolumes "objects cubic" ...]

With `--again` only these measurements are made anew of the volumes that are kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measured import write_results
from scipy.stats import beta

from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.measurements import MEASUREMENTS, Measurements, quantify_volume, quantify_with, quantity_specs
from keramos.measurements.objects import measure_objects
from keramos.measurements.volume import find_measured_volume
from keramos.settings.quantify import MeasurementOptions

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "measurements"))
from shapes import boolean_balls, boolean_surface

KINDS = {
    "cubic": ((40, 40, 40), VoxelSize(10, 10, 10)),
    "flat": ((40, 30, 38), VoxelSize(10, 13.2, 10.4)),
    "thin": ((16, 64, 64), VoxelSize(10, 10, 10)),
    "subvolumes": ((56, 56, 56), VoxelSize(10, 10, 10)),
    "objects cubic": ((56, 56, 56), VoxelSize(10, 10, 10)),
    "objects dense": ((64, 64, 64), VoxelSize(10, 10, 10)),
    "objects flat": ((60, 44, 56), VoxelSize(10, 13.2, 10.4)),
    "objects thin": ((24, 96, 96), VoxelSize(10, 10, 10)),
}
OBJECTS = {"objects cubic": 0.25, "objects dense": 0.45, "objects flat": 0.25, "objects thin": 0.25}
"""Shares of the balls whose objects are measured."""
DOMAIN, SOLID = 22, 0.65
"""Of subvolumes: their edge, and the share of the balls, which have a path through any of them."""
RADIUS, SHARES = 40.0, (0.35, 0.5)
PHASES = PhaseTable.from_names(("void", "solid", "binder"))
OPTIONS = MeasurementOptions(transport=False, fabric=True, heterogeneity=True, threads=1)
KNOWN = {"phase-fraction": SHARES[0], "specific-surface-area": 1e3 * boolean_surface(RADIUS, SHARES[0])}
Row = tuple[str, str, str, float, float, float]


def measure(kind: str, sample: int) -> list[Row]:
    """Id, phase, axis, value and interval of each quantity that has one, of a volume of this kind."""
    if kind == "subvolumes":
        return measure_subvolumes(sample)
    if kind in OBJECTS:
        return measure_means_of_objects(kind, sample)
    return list_intervals(quantify_volume(make_volume(kind, sample), OPTIONS))


def make_volume(kind: str, sample: int) -> LabelVolume:
    """Balls of two phases in a third."""
    shape, size = KINDS[kind]
    rng = np.random.default_rng([sample, list(KINDS).index(kind)])
    solid, rest = (boolean_balls(shape, size, RADIUS, share, rng) for share in SHARES)
    codes = np.where(solid, 1, np.where(rest, 2, 0)).astype(np.uint8)
    return LabelVolume.from_array(codes, PHASES, size)


def measure_again(kind: str, sample: int, rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """The rows of a volume with those of some measurements made anew."""
    ids = {spec.id for name in names for spec in MEASUREMENTS[name].quantities}
    anew = list_intervals(quantify_with(names, make_volume(kind, sample), OPTIONS))
    return [*(row for row in rows if row[0] not in ids), *anew]


def measure_subvolumes(sample: int) -> list[Row]:
    """The same of sizes and paths of a phase."""
    shape, size = KINDS["subvolumes"]
    rng = np.random.default_rng([sample, list(KINDS).index("subvolumes")])
    solid = boolean_balls(shape, size, RADIUS, SOLID, rng)
    labels = LabelVolume.from_array(solid.astype(np.uint8), PhaseTable.from_names(("void", "solid")), size)
    options = MeasurementOptions(
        phase=("solid",), transport=False, thickness=True, paths=True, domain=DOMAIN, subvolumes=2, threads=1
    )
    return list_intervals(quantify_volume(labels, options), "subvolumes")


def measure_means_of_objects(kind: str, sample: int) -> list[Row]:
    """The same of means over objects."""
    shape, size = KINDS[kind]
    solid = boolean_balls(shape, size, RADIUS, OBJECTS[kind], np.random.default_rng([sample, list(KINDS).index(kind)]))
    labels = LabelVolume.from_array(solid.astype(np.uint8), PhaseTable.from_names(("void", "solid")), size)
    volume = find_measured_volume(labels, MeasurementOptions(objects="solid"))
    return list_intervals(measure_objects(volume, Reporter()))


def list_intervals(found: Measurements, domain: str = "") -> list[Row]:
    """Id, phase, axis, value and interval of each quantity that has one, of domains whose name holds this text."""
    return [
        (row.id, row.phase, row.axis, row.quantity.value, *row.quantity.interval)
        for row in found.quantities
        if row.quantity.interval is not None and domain in row.quantity.domain
    ]


def read_kept(file: Path) -> dict[tuple[str, int], list[Row]]:
    """The volumes that are there; a line that was cut off is left out."""
    kept: dict[tuple[str, int], list[Row]] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                continue
            kept[one["kind"], one["sample"]] = [tuple(row) for row in one["rows"]]
    return kept


def summarise(kept: dict[tuple[str, int], list[Row]], kind: str) -> dict[str, Any]:
    """By quantity, over all phases and axes: the intervals that were printed, the share that holds, its own interval,
    and the lowest share of one phase and axis."""
    volumes = [rows for (one, _), rows in kept.items() if one == kind]
    each: dict[tuple[str, str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for rows in volumes:
        for quantity, phase, axis, *numbers in rows:
            each[quantity, phase, axis].append(tuple(numbers))
    totals: dict[str, Any] = {}
    for quantity in dict.fromkeys(key[0] for key in each):
        parts = {key: np.array(numbers) for key, numbers in each.items() if key[0] == quantity and len(numbers) > 20}
        if parts:
            totals[quantity] = _share([_held(numbers, numbers[:, 0].mean()) for numbers in parts.values()])
        known = parts.get((quantity, "solid", ""))
        if quantity in KNOWN and known is not None:
            totals[f"{quantity}, known exactly"] = _share([_held(known, KNOWN[quantity])])
    return {"volumes": len(volumes), "held": totals}


def _held(numbers: np.ndarray, truth: float) -> tuple[int, int]:
    return int(((numbers[:, 1] <= truth) & (truth <= numbers[:, 2])).sum()), len(numbers)


def _share(parts: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Phases and axes of one volume are not independent of each other: the interval is as if there was one of them."""
    held, printed = (sum(column) for column in zip(*parts, strict=True))
    share, count = held / printed, max(part[1] for part in parts)
    low, high = beta.ppf(
        [0.025, 0.975], [share * count, share * count + 1], [count * (1 - share) + 1, count * (1 - share)]
    )
    return {
        "printed": printed,
        "share": share,
        "interval": [float(np.nan_to_num(low)), 1.0 if np.isnan(high) else float(high)],
        "lowest": min(one / all_ for one, all_ in parts),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kept", type=Path, required=True, help="file of what was measured, a volume a line")
    parser.add_argument("--samples", type=int, default=400, help="volumes of each kind")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--again", nargs="*", default=(), help="measurements to make anew of the volumes that are kept")
    options = parser.parse_args()
    kept = read_kept(options.kept)
    if options.again:
        for (kind, sample), rows in kept.items():
            if kind in options.kinds and kind in ("cubic", "flat", "thin"):
                kept[kind, sample] = measure_again(kind, sample, rows, options.again)
        lines = [json.dumps({"kind": kind, "sample": n, "rows": rows}) for (kind, n), rows in kept.items()]
        options.kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with options.kept.open("a", encoding="utf-8") as file:
        for sample in range(options.samples):
            for kind in options.kinds:
                if (kind, sample) not in kept:
                    kept[kind, sample] = measure(kind, sample)
                    file.write(json.dumps({"kind": kind, "sample": sample, "rows": kept[kind, sample]}) + "\n")
                    file.flush()
    results = {kind: summarise(kept, kind) for kind in KINDS}
    ids = [spec.id for spec in quantity_specs().values() if spec.has_interval]
    seen = {quantity for one in results.values() for quantity in one["held"]}
    print(json.dumps(results, indent=1))
    write_results(
        "quantity_coverage",
        {"radius_nm": RADIUS, "kinds": results, "not seen": [one for one in ids if one not in seen]},
    )


if __name__ == "__main__":
    main()
