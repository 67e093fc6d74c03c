"""What removal of flicker between slices does to segmentations by the bundled weights, on phantoms of unseen materials.

Each phantom of `microstructure.py` is segmented without a label, with flicker kept and removed, and `keramos evaluate`
scores both. Small pieces are told apart: false ones of 1 to 3 voxels, and true ones of 4 to 200 voxels of which half
is found. Times are of the processor, both ways in turn.

    KERAMOS_DATA=... python benchmarks/flicker.py [--seeds 0 1] [--pairs 5]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import cc3d
import numpy as np
from depth import body_of
from measured import data_folder, on_one_core, write_results
from microstructure import MATERIALS, MEASURED, SEVERITY, SHAPE, VOXELS, of_two_phases, summarise
from numpy.typing import NDArray

import keramos
from keramos.segmenters.flicker import UNSURE
from keramos.simulation import make_phantom

WAYS = ("keep", "remove")
TIMED = (48, 512, 512)
SURFACE, CHORD = "specific-surface-area solid", "mean-intercept-length"


def count_pieces(codes: NDArray[np.uint8], truth: NDArray[np.uint8], phase: int) -> dict[str, int]:
    """False small pieces of a phase, and how many of the true ones are found."""
    found, sizes = _pieces(codes == phase)
    hit = np.bincount(found.ravel(), (truth == phase).ravel())[1:]
    true, true_sizes = _pieces(truth == phase)
    part = np.bincount(true.ravel(), (codes == phase).ravel())[1:]
    small = (true_sizes >= 4) & (true_sizes <= 200)
    return {
        "false_of_1_to_3": int(np.sum((sizes <= 3) & (hit == 0))),
        "true_of_4_to_200": int(small.sum()),
        "of_these_found": int(np.sum(small & (part >= true_sizes / 2))),
    }


def _pieces(mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Components through faces, and their sizes."""
    found = cc3d.connected_components(mask.astype(np.uint8), connectivity=6)
    return found, np.bincount(found.ravel())[1:]


def score(name: str, seed: int) -> dict[str, Any]:
    """Both ways on one phantom."""
    body = body_of(name, data_folder("geometry")) if name in MEASURED else None
    chosen = {"severity": SEVERITY, "seed": 6_660_000 + seed, "hand_labels": (SHAPE[0] // 2,), **MATERIALS[name]}
    made = make_phantom(SHAPE, body=body, voxel_size=VOXELS, **chosen)
    truth, rows = of_two_phases(made.shown), {}
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "labels.ome.zarr"
            labels = keramos.segment(made.images, model="porous-solid", out=out, flicker=way, backend="torch")
            codes = labels.read()
            pieces = {phase: count_pieces(codes, truth.read(), code) for code, phase in enumerate(("void", "solid"))}
            rows[way] = {**summarise(keramos.evaluate(labels, truth)), "pieces": pieces}
    return rows


def measure_time(pairs: int) -> dict[str, Any]:
    """Seconds of the processor to segment a larger phantom, both ways in turn, and their ratios."""
    images = make_phantom(TIMED, voxel_size=VOXELS, severity=SEVERITY, seed=1).images
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(pairs + 1):
        for way in WAYS:
            with tempfile.TemporaryDirectory() as folder:
                began = time.process_time()
                keramos.segment(images, model="porous-solid", out=Path(folder) / "l.zarr", flicker=way, backend="torch")
                if turn:  # the first is not counted
                    seconds[way].append(time.process_time() - began)
    ratios = [remove / keep for keep, remove in zip(seconds["keep"], seconds["remove"], strict=True)]
    medians = {way: float(np.median(values)) for way, values in seconds.items()}
    return {"shape": TIMED, "seconds": seconds, "medians": medians, "ratio": float(np.median(ratios)), "ratios": ratios}


def summary_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean sizes of errors, shares within 5 %, mean IoU and sums of pieces, over phantoms."""
    errors: dict[str, Any] = {}
    for key in rows[0]["errors"]:
        sizes = [
            abs(row["errors"][key]["error"]) for row in rows if row["errors"].get(key, {}).get("error") is not None
        ]
        if sizes:
            errors[key] = {"mean": float(np.mean(sizes)), "within_5_percent": float(np.mean(np.array(sizes) <= 0.05))}
    ratios = [row["errors"]["components void"]["error"] for row in rows]
    doubled = float(np.mean([0.5 <= 1 + ratio <= 2 for ratio in ratios if ratio is not None]))
    pieces = {
        phase: {key: sum(row["pieces"][phase][key] for row in rows) for key in rows[0]["pieces"][phase]}
        for phase in ("void", "solid")
    }
    iou = {phase: float(np.mean([row["iou"][phase] for row in rows])) for phase in rows[0]["iou"]}
    return {"errors": errors, "void_components_within_factor_2": doubled, "iou": iou, "pieces": pieces}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--materials", nargs="+", choices=tuple(MATERIALS), default=list(MATERIALS))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--name", default="flicker")
    options = parser.parse_args()
    on_one_core()
    rows: dict[str, dict[int, Any]] = {name: {} for name in options.materials}
    for name in options.materials:
        for seed in options.seeds:
            rows[name][seed] = found = score(name, seed)
            for way in WAYS:
                errors = {key: found[way]["errors"][key]["error"] for key in (SURFACE, f"{CHORD} void z")}
                print(name, seed, way, found[way]["iou"], errors, found[way]["pieces"], flush=True)
    each = {way: [row[way] for seeds in rows.values() for row in seeds.values()] for way in WAYS}
    by_material = {
        name: {way: summary_of([row[way] for row in seeds.values()]) for way in WAYS} for name, seeds in rows.items()
    }
    facts = {"severity": SEVERITY, "seeds": options.seeds, "unsure_below": UNSURE}
    timed = measure_time(options.pairs) if options.pairs else None
    summary = {way: summary_of(found) for way, found in each.items()}
    write_results(options.name, {**facts, "summary": summary, "time": timed, "by_material": by_material, "rows": rows})


if __name__ == "__main__":
    main()
