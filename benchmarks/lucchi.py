"""A real FIB-SEM stack with truth on every slice: learn from one slice or from many, segment, score others in 3-D.

Runs the commands that a user would type, and shows them. Learnt from: slice 48 alone, scored on the other 95; slice 32
alone, and slices 0 to 63, both scored on 72 to 95. With the network of one slice, and with that of seven. Every
training has one core, and its time is that of the processor.

Split A is to choose on: slices 0 to 39 learnt, alone or in the middle (slice 20), and 48 to 63 scored, so that 72 to 95
stay unseen.

    KERAMOS_DATA=... python benchmarks/lucchi.py [--budget 300] [--seeds 0 1 2] [--cases 48 32 0-63 A A-20]
        [--models compact compact-7] [--options size=M one-slice-share=0.5] [--out lucchi]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from measured import data_folder, interval, on_one_core, write_results

from keramos.apps.cli.main import run

CASES = {
    "48": ("48", "48"),
    "32": ("32", "0-71"),
    "0-63": ("0-63", "0-71"),
    "A": ("0-39", "0-47 64-95"),
    "A-20": ("20", "0-47 64-95"),
}
"""The slices that are learned from, and those that are not scored."""
VOXEL = ("5", "5", "5")
PHASES = ("--phases", "background=0,mitochondrion=1")


def keramos(*arguments: str | Path) -> None:
    """Run one command."""
    texts = [str(argument) for argument in arguments]
    print("keramos", *texts, flush=True)
    if status := run(texts):
        raise SystemExit(status)


def scored(job: tuple[str, str, int], *, budget: float, options: Sequence[str] = ()) -> dict[str, Any]:
    """One training and its scores on slices that it has not seen; `options` of `train` are NAME=VALUE."""
    case, model, seed = job
    slices, left_out = CASES[case]
    further = [part for one in options for part in f"--{one}".split("=", 1)]
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
            *further,
            "--out",
            file,
        )
        keramos("segment", images, "--voxel-size", *VOXEL, "--model", file, "--out", result)
        keramos("evaluate", result, labels, *PHASES, "--leave-out", *left_out.split(), "--json", scores)
        found = json.loads(scores.read_text(encoding="utf-8"))
    print(f"{case}, {model}, seed {seed}: {found['phases']['mitochondrion']['iou']:.4f}", flush=True)
    return {"seed": seed, "voxels": found["voxels"], **found["phases"]["mitochondrion"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of training, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=["48", "32", "0-63"])
    parser.add_argument("--models", nargs="+", default=["compact", "compact-7"])
    parser.add_argument("--options", nargs="+", default=[], metavar="NAME=VALUE", help="further options of train")
    parser.add_argument(
        "--thresholds", action=argparse.BooleanOptionalAction, default=True, help="Otsu and Sauvola, too"
    )
    parser.add_argument("--out", default="lucchi", help="name of the file of results")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    results: dict[str, Any] = {"budget_s": options.budget, "options": options.options}
    jobs = [(case, model, seed) for case in options.cases for model in options.models for seed in options.seeds]
    grey = [("48", name, 0) for name in ("otsu", "sauvola") if options.thresholds]
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        rows = list(pool.map(partial(scored, budget=options.budget, options=options.options), jobs))
        thresholds = list(pool.map(partial(scored, budget=1.0), grey))
    for case in options.cases:
        results[f"slices {case}"] = found = {}
        for model in options.models:
            runs = [row for job, row in zip(jobs, rows, strict=True) if job[:2] == (case, model)]
            found[model] = {"iou": interval([row["iou"] for row in runs]), "runs": runs}
    results |= {f"{name}, slice {case}": row for (case, name, _), row in zip(grey, thresholds, strict=True)}
    write_results(options.out, results)


if __name__ == "__main__":
    main()
