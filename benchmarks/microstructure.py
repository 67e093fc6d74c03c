"""The microstructure of segmentations beside that of the truth, on phantoms of materials seen by no training.

Each stack is segmented by the bundled weights without a label, and by what `keramos train` makes of one slice that the
simulated annotator drew; of these weights also without what the training chose of the decision, every voxel of its
likelier phase. `keramos evaluate` scores both against what the images show: IoU, specific surface, mean
chords, Euler number, components and the percolating share, each with its noise floor. Every job has one core, and
budgets are in seconds of the processor. What the results hold already, at the same budget, is not run again.

    KERAMOS_DATA=... python benchmarks/microstructure.py [--seeds 0 1 2] [--budget 600] [--ways untouched trained]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from depth import body_of
from measured import RESULTS, data_folder, interval, on_one_core, write_results

import keramos
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.networks import load_checkpoint
from keramos.scoring import Evaluation
from keramos.simulation import make_phantom

SHAPE = (48, 256, 256)
VOXELS = VoxelSize(20, 26.4, 20.8)
SEVERITY = 0.6
MATERIALS: dict[str, dict[str, Any]] = {
    "berea": {},
    "electrode, median 3 x 3 x 3": {},
    "polycrystal": {},
    "fibres": {"structure": "fibres", "solid_fraction": 0.6},
    "fuel cell": {"preset": "sofc"},
    "battery": {"preset": "battery"},
}
MEASURED = ("berea", "electrode, median 3 x 3 x 3")
LIKELIER_PHASE = "likelier phase"
LIKELIER: dict[str, Any] = {"flicker": "keep", "threshold": 0.5, "remove_specks": 0, "fill_holes": 0}
PHASES = PhaseTable.from_names(("void", "solid"))


def of_two_phases(labels: LabelVolume) -> LabelVolume:
    """Void and solid, whatever the solid is."""
    codes = labels.read()
    codes[(codes > 0) & (codes < 255)] = 1
    return LabelVolume.from_array(codes, PHASES, labels.voxel_size, labels.name)


def score(job: tuple[str, int, str], *, budget: float, geometry: Path) -> dict[str, Any]:
    """The scores of one way on one phantom."""
    name, seed, way = job
    body = body_of(name, geometry) if name in MEASURED else None
    chosen = {"severity": SEVERITY, "seed": 6_660_000 + seed, "hand_labels": (SHAPE[0] // 2,), **MATERIALS[name]}
    made = make_phantom(SHAPE, body=body, voxel_size=VOXELS, **chosen)
    with tempfile.TemporaryDirectory() as folder:
        model: Any = "porous-solid"
        if way == "trained":
            model = Path(folder) / "model.keramos"
            keramos.train(made.images, of_two_phases(made.hand), out=model, budget=budget, seed=seed)
        labels = keramos.segment(made.images, model=model, out=Path(folder) / "labels.ome.zarr")
        truth = of_two_phases(made.shown)
        found = summarise(keramos.evaluate(labels, truth, leave_out=chosen["hand_labels"]))
        if way == "trained":
            training = load_checkpoint(model).card.training
            plain = keramos.segment(made.images, model=model, out=Path(folder) / "plain.ome.zarr", **LIKELIER)
            found[LIKELIER_PHASE] = summarise(keramos.evaluate(plain, truth, leave_out=chosen["hand_labels"]))
            found["kept"] = {
                name: getattr(training, name) for name in ("choice", "candidates", "decision", "decisions")
            }
    return found


def summarise(found: Evaluation) -> dict[str, Any]:
    """IoU of both phases, and by quantity, phase and axis the error and its noise floor."""
    rows = () if found.microstructure is None else found.microstructure.rows
    errors = {" ".join(filter(None, row.key)): {"error": row.error, "noise_floor": row.noise_floor} for row in rows}
    return {"iou": {phase.name: phase.iou for phase in found.phases}, "errors": errors}


def summary_of(scores: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Means over seeds with their intervals."""
    each = list(scores)
    iou = {name: interval([row["iou"][name] for row in each]) for name in each[0]["iou"]}
    errors = {}
    for name in each[0]["errors"]:
        values = [row["errors"][name]["error"] for row in each if name in row["errors"]]
        known = [value for value in values if value is not None]
        errors[name] = interval(known) if known else None
    return {"iou": iou, "errors": errors}


def summarise_rows(rows: dict[str, Any]) -> dict[str, Any]:
    """By material and way; of what was trained also by the likelier phase."""
    found = {name: {way: summary_of(seeds.values()) for way, seeds in ways.items()} for name, ways in rows.items()}
    for name, ways in rows.items():
        if "trained" in ways:
            found[name][LIKELIER_PHASE] = summary_of(row[LIKELIER_PHASE] for row in ways["trained"].values())
    return found


def known_rows(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """By material, way and seed: what the results hold already, where they were measured alike."""
    path = RESULTS / f"{name}.json"
    before = json.loads(path.read_text()) if path.is_file() else {}
    return before["rows"] if before and all(before[key] == value for key, value in facts.items()) else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--budget", type=float, default=600.0, help="seconds of one core of a training")
    parser.add_argument("--ways", nargs="+", choices=("untouched", "trained"), default=["untouched", "trained"])
    parser.add_argument("--materials", nargs="+", choices=tuple(MATERIALS), default=list(MATERIALS))
    parser.add_argument("--name", default="microstructure")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    facts = {"severity": SEVERITY, "budget_s": options.budget}
    rows = known_rows(options.name, facts)
    wanted = product(options.seeds, options.materials, options.ways)
    jobs = [(name, seed, way) for seed, name, way in wanted if str(seed) not in rows.get(name, {}).get(way, {})]
    run = partial(score, budget=options.budget, geometry=data_folder("geometry"))
    with ProcessPoolExecutor(options.workers, get_context("spawn"), on_one_core) as pool:
        for (name, seed, way), found in zip(jobs, pool.map(run, jobs), strict=True):
            rows.setdefault(name, {}).setdefault(way, {})[str(seed)] = found
            shown = {key: round(value["error"], 3) for key, value in found["errors"].items() if value["error"]}
            print(name, seed, way, found["iou"], shown, flush=True)
            write_results(options.name, {**facts, "summary": summarise_rows(rows), "rows": rows})


if __name__ == "__main__":
    main()
