"""Does preparing help? Segmentations of phantoms as they are, and after each remedy and chains of them.

Phantoms of the paper's material with all defects half as strong again as usual, and the same with brightness x 0.5 to
1.3 along x and one slice 15 % darker. By Otsu's threshold, the bundled network as it is, and that network after 60 s of
one core on one annotated slice, which is left out of the scores. Intersection over union of the solid, and the error of
its specific surface.

    python benchmarks/remedies_help.py [--seeds 0 1 2] [--budget 60] [--shape 32 192 192]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from measured import RESULTS, interval, on_one_core, write_results
from numpy.typing import NDArray
from remedies import make

from keramos import LabelVolume, PhaseTable, Volume, VoxelSize, evaluate, quantify, segment, train
from keramos.preparation import REMEDIES, RawStack

VOXELS = VoxelSize(20, 26.4, 20.8)
PHASES = PhaseTable.from_names(["void", "solid"])
CHAINS: dict[str, tuple[str, ...]] = {
    "as they are": (),
    "brightness": ("brightness_drift",),
    "shading": ("shading",),
    "curtains": ("curtains",),
    "scan lines": ("scan_lines",),
    "brightness, shading": ("brightness_drift", "shading"),
    "brightness, curtains, shading": ("brightness_drift", "curtains", "shading"),
    "these and noise": ("brightness_drift", "curtains", "shading", "noise"),
}
TRAINED = ("as they are", "brightness, curtains, shading")


def spoil(grey: NDArray[np.float32], strong: bool) -> NDArray[np.uint8]:
    """Images of 8 bits, with shading along x and a dark slice if asked for."""
    if strong:
        grey = grey * np.linspace(0.5, 1.3, grey.shape[2], dtype=np.float32)
        grey[len(grey) // 3] *= np.float32(0.85)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def prepare(images: NDArray[np.uint8], chain: Sequence[str]) -> NDArray[np.uint8]:
    """The images after the remedies of a chain, all of which look at the images as they are."""
    grey = images.astype(np.float32)
    remedies = sorted((REMEDIES.find(name) for name in chain), key=lambda remedy: remedy.order)
    observers = [remedy.observe(RawStack(grey.shape, VOXELS, largest=255.0)) for remedy in remedies]
    for observer, (z, one) in product(observers, enumerate(grey)):
        observer.add(z, one)
    for remedy, observer in zip(remedies, observers, strict=True):
        grey = remedy.apply(grey, observer.finish(), 0)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def surface(labels: Any) -> float:
    table = quantify(labels, transport=False, realizations=2, threads=1)
    rows = [row for row in table.quantities if (row.id, row.phase) == ("specific-surface-area", "solid")]
    return float(rows[0].quantity.value)


def score(images: NDArray[np.uint8], truth: LabelVolume, model: Any, out: Path, leave_out: int) -> dict[str, float]:
    labels = segment(Volume.from_array(images, VOXELS), model, out=out, workers=1, fresh=True)
    iou = evaluate(labels, truth, leave_out=(leave_out,)).positive_scores.iou
    return {"iou": float(iou or 0), "surface error": surface(labels) / surface(truth) - 1}


def write(runs: dict[str, list[dict[str, float]]], options: dict[str, Any]) -> None:
    rows = {
        key: {part: interval([run[part] for run in each]) for part in ("iou", "surface error")}
        for key, each in runs.items()
    }
    path = RESULTS / "remedies_help.json"
    before: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    write_results("remedies_help", {**options, "rows": {**before.get("rows", {}), **rows}})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of one core")
    parser.add_argument("--methods", nargs="+", default=["otsu", "bundled", "trained"])
    parser.add_argument("--shape", type=int, nargs=3, default=[24, 192, 192])
    options = parser.parse_args()
    on_one_core()
    runs: dict[str, list[dict[str, float]]] = {}
    slices = options.shape[0] // 2
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "s.ome.zarr"
        for seed in options.seeds:
            grey, _, codes = make("ba122", 100 + seed, options.shape, severity=0.75)
            truth = LabelVolume.from_array(codes, PHASES, VOXELS)
            for strong, (name, chain) in product((False, True), CHAINS.items()):
                images = prepare(spoil(grey, strong), chain)
                models: dict[str, Any] = {"otsu": "otsu", "bundled": "porous-solid"}
                models = {method: model for method, model in models.items() if method in options.methods}
                if "trained" in options.methods and name in TRAINED:
                    models["trained"] = train(
                        (Volume.from_array(images, VOXELS),),
                        (truth,),
                        slices=(slices,),
                        from_="porous-solid",
                        budget=options.budget,
                        seed=seed,
                        out=Path(folder) / "m.keramos",
                        fresh=True,
                    )
                for method, model in models.items():
                    key = f"{'strong shading' if strong else 'usual'}; {method}; {name}"
                    runs.setdefault(key, []).append(score(images, truth, model, out, slices))
                    print(seed, key, runs[key][-1], flush=True)
            write(runs, vars(options))


if __name__ == "__main__":
    main()
