"""A real FIB-SEM stack with truth on every slice: learn from one slice or from many, segment, score others in 3-D.

Runs the commands that a user would type, and shows them. Learnt from: slice 48 alone, scored on the other 95; slice 32
alone, and slices 0 to 63, both scored on 72 to 95. With the network of one slice, and with that of seven. Every
training has one core, and its time is that of the processor.

    KERAMOS_DATA=... python benchmarks/lucchi.py [--budget 300] [--seeds 0 1 2] [--cases 48 32 0-63]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from measured import data_folder, interval, on_one_core, write_results

from keramos.apps.cli.main import run

LEFT_OUT = {"48": "48", "32": "0-71", "0-63": "0-71"}
"""What is learned from, and what is not scored."""
NETWORKS = ("compact", "compact-7")
VOXEL = ("5", "5", "5")
PHASES = ("--phases", "background=0,mitochondrion=1")


def keramos(*arguments: str | Path) -> None:
    """Run one command."""
    texts = [str(argument) for argument in arguments]
    print("keramos", *texts, flush=True)
    if status := run(texts):
        raise SystemExit(status)


def scored(job: tuple[str, str, int], *, budget: float) -> dict[str, Any]:
    """One training and its scores on slices that it has not seen."""
    slices, model, seed = job
    folder = data_folder("lucchi")
    images, labels = folder / "images.tif", folder / "labels.tif"
    with tempfile.TemporaryDirectory() as place:
        file, result, scores = (Path(place) / name for name in ("m.keramos", "found.ome.zarr", "scores.json"))
        keramos(
            "train",
            "--images",
            images,
            "--labels",
            labels,
            "--slices",
            slices,
            *PHASES,
            "--voxel-size",
            *VOXEL,
            "--model",
            model,
            "--budget",
            str(budget),
            "--seed",
            str(seed),
            "--out",
            file,
        )
        keramos("segment", images, "--voxel-size", *VOXEL, "--model", file, "--out", result)
        keramos("evaluate", result, labels, *PHASES, "--leave-out", LEFT_OUT[slices], "--json", scores)
        found = json.loads(scores.read_text(encoding="utf-8"))
    print(f"{slices}, {model}, seed {seed}: {found['phases']['mitochondrion']['iou']:.4f}", flush=True)
    return {"seed": seed, "voxels": found["voxels"], **found["phases"]["mitochondrion"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of training, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cases", nargs="+", choices=tuple(LEFT_OUT), default=list(LEFT_OUT))
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    results: dict[str, Any] = {"budget_s": options.budget}
    jobs = [(case, model, seed) for case in options.cases for model in NETWORKS for seed in options.seeds]
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        rows = list(pool.map(partial(scored, budget=options.budget), jobs))
        thresholds = list(pool.map(partial(scored, budget=1.0), [("48", name, 0) for name in ("otsu", "sauvola")]))
    for case in options.cases:
        results[f"slices {case}"] = found = {}
        for model in NETWORKS:
            runs = [row for job, row in zip(jobs, rows, strict=True) if job[:2] == (case, model)]
            found[model] = {"iou": interval([row["iou"] for row in runs]), "runs": runs}
    results |= dict(zip(("otsu, slice 48", "sauvola, slice 48"), thresholds, strict=True))
    write_results("lucchi", results)


if __name__ == "__main__":
    main()
