"""A real FIB-SEM stack with truth on every slice: learn from slice 48 alone, segment all, score the other 95 in 3-D.

Runs the commands that a user would type, and shows them.

    KERAMOS_DATA=... python benchmarks/lucchi.py [--budget 300] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from measured import data_folder, write_results

from keramos.cli.main import run

SLICE = "48"
VOXEL = ("5", "5", "5")


def keramos(*arguments: str | Path) -> float:
    """Run one command; give its seconds."""
    texts = [str(argument) for argument in arguments]
    print("keramos", *texts, flush=True)
    began = time.monotonic()
    if status := run(texts):
        raise SystemExit(status)
    return time.monotonic() - began


def method(model: str, folder: Path, out: Path, budget: float, seed: int) -> dict[str, Any]:
    images, labels = folder / "images.tif", folder / "labels.tif"
    file, result, scores = out / f"{model}-{seed}.keramos", out / f"{model}-{seed}.ome.zarr", out / "scores.json"
    phases = ("--phases", "background=0,mitochondrion=1")
    keramos(
        "train", "--images", images, "--labels", labels, "--slices", SLICE, *phases, "--voxel-size", *VOXEL,
        "--model", model, "--budget", str(budget), "--seed", str(seed), "--out", file,
    )  # fmt: skip
    seconds = keramos("segment", images, "--voxel-size", *VOXEL, "--model", file, "--out", result)
    keramos("evaluate", result, labels, *phases, "--leave-out", SLICE, "--json", scores)
    found = json.loads(scores.read_text(encoding="utf-8"))
    return {"seed": seed, "seconds_segment": seconds, "voxels": found["voxels"], **found["phases"]["mitochondrion"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    folder = data_folder("lucchi")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        results: dict[str, Any] = {model: method(model, folder, out, 1.0, 0) for model in ("otsu", "sauvola")}
        runs = [method("compact", folder, out, options.budget, seed) for seed in options.seeds]
    results["compact"] = {"median_iou": median(row["iou"] for row in runs), "runs": runs}
    write_results("lucchi", {"budget_s": options.budget, "annotated_slice": int(SLICE), **results})


if __name__ == "__main__":
    main()
