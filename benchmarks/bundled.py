"""The bundled weights on the paper's real patches: as they are, and after a minute on one patch, scored on the other.

Beside them the default network from scratch; and both bundled networks, as they are, on the phantoms of `depth.py`,
which no training has seen ($KERAMOS_DATA/geometry). Every training has one core; its time is that of the processor.

    KERAMOS_DATA=... python benchmarks/bundled.py [--budget 60] [--scratch 300] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import depth
from ba122 import READING, VOXELS, Patch, patch, scored
from measured import data_folder, interval, on_one_core, write_results

from keramos import evaluate, segment
from keramos.networks import BUNDLED


def zero_shot(test: Patch, out: Path) -> dict[str, Any]:
    """Scores of the bundled weights without any annotation."""
    found = segment(str(test.image), "porous-solid", out=out / f"{test.image.stem}.ome.zarr", voxel_size=VOXELS)
    scores = evaluate(found, str(test.labels), **READING).positive_scores
    return {
        "iou": scores.iou,
        "precision": scores.precision,
        "recall": scores.recall,
        "iou_interval": scores.interval["iou"],
    }


def trained(job: tuple[float, str | None, int, int, int]) -> dict[str, Any]:
    """One training on a patch, scored on the other."""
    budget, start, learn, test, seed = job
    folder = data_folder("ba122")
    with tempfile.TemporaryDirectory() as out:
        row = scored(
            patch(folder, learn),
            patch(folder, test),
            Path(out),
            model="compact",
            from_=start,
            budget=budget,
            seed=seed,
        )
    print(f"{start or 'from scratch'}, {learn} -> {test}, seed {seed}: {row['iou']:.4f}", flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training on one patch, from the weights")
    parser.add_argument(
        "--scratch", type=float, default=300.0, help="seconds of training from scratch; 0 leaves it out"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    folder = data_folder("ba122")
    results: dict[str, Any] = {"budget_s": options.budget, "scratch_s": options.scratch, "seeds": options.seeds}
    with tempfile.TemporaryDirectory() as name:
        for number in (1, 2):
            results[f"zero-shot sample_{number:03d}"] = row = zero_shot(patch(folder, number), Path(name))
            print(f"zero-shot sample_{number:03d}: {row['iou']:.4f}", flush=True)
    files = {"one slice": BUNDLED["porous-solid"].slice, "seven slices": BUNDLED["porous-solid"].stack}
    tests = depth.held_out(data_folder("geometry"))
    results["phantoms"] = {
        test.name: {kind: depth.scored(file, test) for kind, file in files.items()} for test in tests
    }
    ways = [("porous-solid", options.budget), (None, options.scratch)]
    jobs = [
        (budget, start, learn, 3 - learn, seed)
        for start, budget in ways
        if budget
        for learn in (1, 2)
        for seed in options.seeds
    ]
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        rows = list(pool.map(trained, jobs))
    for start, _ in ways:
        for learn in (1, 2):
            runs = [row for job, row in zip(jobs, rows, strict=True) if job[1:3] == (start, learn)]
            if runs:
                name = f"{start or 'from scratch'}, sample_{learn:03d} -> sample_{3 - learn:03d}"
                results[name] = {"iou": interval([run["iou"] for run in runs]), "runs": runs}
    write_results("bundled", results)


if __name__ == "__main__":
    main()
