"""Electron micrographs of other materials, three classes each: learn from the train images, score the val images.

Super1 (nickel superalloy: matrix, secondary and tertiary precipitates; 10 train, 4 val) and EBC2 (environmental barrier
coating: background, oxide, cracks of 0.2 % of the area; 4 train, 3 val), of Stuckner et al. 2022. Every training has
one core, and its time is that of the processor. IoU is pooled over all pixels of the val images, for the rarest class
also within two pixels: a pixel is right that lies so near to one of that class in the other image. Nothing is chosen on
the val images.

    KERAMOS_DATA=... python benchmarks/nasa.py [--sets Super1 EBC2] [--budget 900] [--seeds 0 1 2] [--kept-back 2]

With --kept-back the images of the train part at these places of the sorted folder are scored instead, and the others
learnt: to choose on.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measured import data_folder, interval, on_one_core, write_results
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.io import imread

from keramos import VoxelSize, segment, train

TOLERANCE_PX = 2
CLASSES = {"Super1": ("matrix", "secondary", "tertiary"), "EBC2": ("background", "oxide", "crack")}


def images_of(folder: Path, part: str) -> list[tuple[str, str]]:
    """Image and mask files of train or val."""
    return [(str(file), str(folder / f"{part}_annot" / file.name)) for file in sorted((folder / part).iterdir())]


def count_near(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pixels found and those of them near a true one, true pixels and those of them near a found one."""

    def near(some: NDArray[np.bool_], others: NDArray[np.bool_]) -> int:
        return int(np.sum(distance_transform_edt(~others)[some] <= TOLERANCE_PX)) if others.any() else 0

    return np.array([found.sum(), near(found, truth), truth.sum(), near(truth, found)])


def iou_of_near(counts: NDArray[np.int64]) -> float:
    """IoU from precision and recall within the tolerance; zero where nothing is near."""
    precision, recall = counts[1] / max(counts[0], 1), counts[3] / max(counts[2], 1)
    return float(1 / (1 / precision + 1 / recall - 1)) if precision and recall else 0.0


def split_images(folder: Path, kept_back: Sequence[int]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Images to learn and to score: train and val, or train without and with some that are kept back."""
    train_images = images_of(folder, "train")
    if not kept_back:
        return train_images, images_of(folder, "val")
    return [one for n, one in enumerate(train_images) if n not in kept_back], [train_images[n] for n in kept_back]


def scored(
    job: tuple[str, int], *, budget: float, size: str, options: Mapping[str, Any], kept_back: Sequence[int]
) -> dict[str, Any]:
    """One training and its IoU of each class on the images to score; `options` are further ones of `train`."""
    name, seed = job
    folder, classes = data_folder("nasa") / name, CLASSES[name]
    # The size of a pixel is not part of the data; any will do where nothing is measured.
    voxels, phases = VoxelSize(1, 1, 1), ",".join(f"{c}={i}" for i, c in enumerate(classes))
    to_learn, to_score = split_images(folder, kept_back)
    images, labels = zip(*to_learn, strict=True)
    counts, rare = np.zeros((len(classes), len(classes)), np.int64), len(classes) - 1
    near = np.zeros(4, np.int64)
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        fitted = train(
            images,
            labels,
            out=out / "m.keramos",
            model="compact",
            budget=budget,
            seed=seed,
            voxel_size=voxels,
            phases=phases,
            size=size,
            **options,
        )
        for number, (image, mask) in enumerate(to_score):
            found = segment(image, fitted, out=out / f"{number}.ome.zarr", voxel_size=voxels).read()[0]
            truth = imread(mask)
            np.add.at(counts, (truth.ravel(), found.ravel()), 1)
            near += count_near(truth == rare, found == rare)
    wrong = counts.sum(0) + counts.sum(1) - np.diag(counts)
    iou = np.diag(counts) / wrong
    print(f"{name}, seed {seed}: {', '.join(f'{c} {v:.3f}' for c, v in zip(classes, iou, strict=True))}", flush=True)
    return {
        "seed": seed,
        "mean_iou": float(iou.mean()),
        "iou": dict(zip(classes, iou.tolist(), strict=True)),
        "near_iou": {classes[rare]: iou_of_near(near)},
        "pooled_iou": float(np.trace(counts) / (2 * counts.sum() - np.trace(counts))),
        "truth_by_found": counts.tolist(),
        "steps": fitted.card.training.steps,
        "training": {
            name: fitted.card.training.settings.get(name)
            for name in ("adapts", "layers", "augmentation", "network", "crop", "batch", "optimiser")
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=tuple(CLASSES), default=list(CLASSES))
    parser.add_argument("--size", default="M")
    parser.add_argument("--budget", type=float, default=900.0, help="seconds of training, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kept-back", type=int, nargs="+", default=[], help="train images to score instead of val")
    parser.add_argument("--set", nargs="+", default=[], metavar="OPTION=VALUE", help="further options of train")
    parser.add_argument("--out", default="nasa", help="name of the file of results")
    options = parser.parse_args()
    further = dict(one.split("=", 1) for one in options.set)
    further = {name: int(value) if value.isdigit() else value for name, value in further.items()}
    jobs = [(name, seed) for seed in options.seeds for name in options.sets]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in options.sets}
    with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
        one = partial(scored, budget=options.budget, size=options.size, options=further, kept_back=options.kept_back)
        found = pool.map(one, jobs)
        for (name, _), row in zip(jobs, found, strict=True):
            runs[name].append(row)
            told = {"budget_s": options.budget, "size": options.size, "options": further}
            write_results(options.out, {**told, "kept_back": options.kept_back, **summary(runs)})


def summary(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Of each set that has been run: mean and interval over seeds."""
    return {
        name: {
            "mean_iou": interval([run["mean_iou"] for run in rows]),
            **{c: interval([run["iou"][c] for run in rows]) for c in CLASSES[name]},
            f"{CLASSES[name][-1]}_within_{TOLERANCE_PX}_px": interval(
                [run["near_iou"][CLASSES[name][-1]] for run in rows]
            ),
            "runs": rows,
        }
        for name, rows in runs.items()
        if rows
    }


if __name__ == "__main__":
    main()
