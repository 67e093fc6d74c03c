"""Real images of the paper's material: learn from one patch, score on the other, both ways round.

Beside the network stand Otsu, Sauvola with parameters chosen on the training patch, and as an upper bound for any
Sauvola the oracle: the same search on the answer.

    KERAMOS_DATA=... python benchmarks/ba122.py [--budget 300] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from measured import data_folder, write_results

from keramos import VoxelSize, evaluate, segment, train

# The cutting pitch of these single patches is not stated; 20 nm as in the paper's stacks.
VOXELS = VoxelSize(20, 26.4, 20.8)
READING: dict[str, Any] = {"voxel_size": VOXELS, "phases": "void=0-127,solid=128-255"}


@dataclass(frozen=True)
class Patch:
    image: Path
    labels: Path


def patch(folder: Path, number: int) -> Patch:
    return Patch(folder / f"sample_{number:03d}_sem.bmp", folder / f"sample_{number:03d}_th.bmp")


def scored(learn: Patch, test: Patch, out: Path, *, average_views: bool = False, **training: Any) -> dict[str, Any]:
    """Fit on one patch, segment and score another; both through the public steps."""
    fitted = train(str(learn.image), str(learn.labels), out=out / "m.keramos", **READING, **training)
    name = (
        f"{training['model']}-{learn.image.stem}-{test.image.stem}-{average_views}-{training.get('seed', 0)}.ome.zarr"
    )
    found = segment(str(test.image), fitted, out=out / name, average_views=average_views, voxel_size=VOXELS)
    scores = evaluate(found, str(test.labels), **READING).positive_scores
    return {
        "iou": scores.iou,
        "iou_without_boundary": scores.iou_without_boundary,
        "precision": scores.precision,
        "recall": scores.recall,
        "iou_interval": scores.interval["iou"],
        "parameters": fitted.card.architecture_settings,
        "steps": fitted.card.training.steps,
    }


def direction(learn: Patch, test: Patch, budget: float, seeds: list[int], out: Path) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "otsu": scored(learn, test, out, model="otsu"),
        "sauvola": scored(learn, test, out, model="sauvola"),
        "sauvola oracle": scored(test, test, out, model="sauvola"),
    }
    runs = [scored(learn, test, out, model="compact", budget=budget, seed=seed) for seed in seeds]
    rows["compact"] = {"seeds": seeds, "runs": runs, "median_iou": median(run["iou"] for run in runs)}
    for name, row in rows.items():
        print(f"  {name:15s} {row.get('iou', row.get('median_iou')):.4f}", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    folder = data_folder("ba122")
    one, two = patch(folder, 1), patch(folder, 2)
    results: dict[str, Any] = {"budget_s": options.budget}
    for name, learn, test in [("sample_001 -> sample_002", one, two), ("sample_002 -> sample_001", two, one)]:
        print(name, flush=True)
        with tempfile.TemporaryDirectory() as out:
            results[name] = direction(learn, test, options.budget, options.seeds, Path(out))
    write_results("ba122", results)


if __name__ == "__main__":
    main()
