"""Is the physics right? A network that has only ever seen phantoms, scored on the paper's real patches.

Phantoms differ in body, microscope, severity and solid fraction; their truth is exact. Beside the network stands, for
each patch, the best that Sauvola can do with its parameters tuned on the answer.

    KERAMOS_DATA=... python benchmarks/sim_to_real.py [--phantoms 24] [--budget 300] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from ba122 import READING, VOXELS, patch
from measured import data_folder, write_results

from keramos import evaluate, segment, train
from keramos.simulation import Phantom, PhantomSettings, PhantomStack, collect_slabs

SHAPE = (2, 384, 384)


def phantoms(count: int, seed: int) -> list[Phantom]:
    """Stacks of two slices, each of another material under another microscope."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        settings = PhantomSettings(
            SHAPE,
            severity=float(rng.uniform(0.35, 0.65)),
            seed=1000 * seed + number,
            solid_fraction=float(rng.uniform(0.65, 0.9)),
        )
        made.append(collect_slabs(PhantomStack(settings)))
        print(f"  phantom {number + 1} of {count}", end="\r", flush=True)
    return made


def scored(model: Any, number: int, folder: Path, out: Path) -> dict[str, Any]:
    test = patch(folder, number)
    found = segment(str(test.image), model, out=out / f"{number}.ome.zarr", voxel_size=VOXELS)
    scores = evaluate(found, str(test.labels), **READING).positive_scores
    names = ("iou", "iou_without_boundary", "precision", "recall")
    return {**{name: getattr(scores, name) for name in names}, "iou_interval": scores.interval["iou"]}


def sauvola_oracle(number: int, folder: Path, out: Path) -> float | None:
    test = patch(folder, number)
    fitted = train(str(test.image), str(test.labels), out=out / "s.keramos", model="sauvola", **READING)
    found = segment(str(test.image), fitted, out=out / f"s{number}.ome.zarr", voxel_size=VOXELS)
    return evaluate(found, str(test.labels), **READING).positive_scores.iou


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phantoms", type=int, default=24)
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    folder = data_folder("ba122")
    runs: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as name:
            out = Path(name)
            made = phantoms(options.phantoms, seed + 1)
            images, truths = [item.images for item in made], [item.shown for item in made]
            model = train(images, truths, out=out / "m.keramos", budget=options.budget, seed=seed)
            for number, rows in runs.items():
                rows.append(scored(model, number, folder, out))
            print(f"seed {seed}: " + ", ".join(f"sample_{n:03d} {rows[-1]['iou']:.4f}" for n, rows in runs.items()))
    results: dict[str, Any] = {"phantoms": options.phantoms, "budget_s": options.budget, "seeds": options.seeds}
    for number, rows in runs.items():
        ious = [row["iou"] for row in rows]
        with tempfile.TemporaryDirectory() as name:
            oracle = sauvola_oracle(number, folder, Path(name))
        spread = stdev(ious) if len(ious) > 1 else None
        results[f"sample_{number:03d}"] = {
            "mean_iou": mean(ious),
            "spread_over_seeds": spread,
            "sauvola_oracle": oracle,
            "runs": rows,
        }
    write_results("sim_to_real", results)


if __name__ == "__main__":
    main()
