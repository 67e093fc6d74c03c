"""The bundled weights on the paper's real patches: as they are, and after a minute on one patch, scored on the other.

KERAMOS_DATA=... python benchmarks/bundled.py [--budget 60] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

from ba122 import READING, Patch, patch, scored
from measured import data_folder, write_results

from keramos.workflow import evaluate, segment


def zero_shot(test: Patch, out: Path) -> dict[str, Any]:
    """Scores of the bundled weights without any annotation."""
    found = segment(str(test.image), "porous-solid", out=out / f"{test.image.stem}.ome.zarr", reading=READING)
    scores = evaluate(found, str(test.labels), reading=READING).positive_scores
    return {
        "iou": scores.iou,
        "precision": scores.precision,
        "recall": scores.recall,
        "iou_interval": scores.interval["iou"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training on one patch")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    folder = data_folder("ba122")
    patches = {number: patch(folder, number) for number in (1, 2)}
    results: dict[str, Any] = {"budget_s": options.budget, "seeds": options.seeds}
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        for number, test in patches.items():
            results[f"zero-shot sample_{number:03d}"] = row = zero_shot(test, out)
            print(f"zero-shot sample_{number:03d}: {row['iou']:.4f}", flush=True)
        for learn, test in ((1, 2), (2, 1)):
            runs = [
                scored(
                    patches[learn], patches[test], out, model="compact", start="porous-solid", budget_s=options.budget,
                    seed=seed,
                )
                for seed in options.seeds
            ]  # fmt: skip
            ious = [run["iou"] for run in runs]
            results[f"sample_{learn:03d} -> sample_{test:03d}"] = {"mean_iou": mean(ious), "runs": runs}
            print(f"sample_{learn:03d} -> sample_{test:03d}: {', '.join(f'{iou:.4f}' for iou in ious)}", flush=True)
    write_results("bundled", results)


if __name__ == "__main__":
    main()
