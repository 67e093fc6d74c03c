"""The bundled weights, untouched, over voxel sizes from 4 to 40 nm: on pixels as they are, resampled, and by default.

Materials whose grains stay as large while voxels become finer or coarser, and a measured sandstone whose grains stay as
large in voxels. Seeds and severity are beyond those of the training; the material of `berea` is, too. IoU of the solid
and the relative error of its fraction, of a network for stacks and of one for single images.

    KERAMOS_DATA=... python benchmarks/voxel_sizes.py --work DIR [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from measured import data_folder, interval, on_one_core, write_results
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.networks import load_bundled
from keramos.segmenters import Resampled, decide, resample_to_model, segmenter_of
from keramos.simulation import Geometry, PhantomSettings, PhantomStack, collect_slabs

SHAPE = (20, 256, 256)
USUAL = (20.0, 26.4, 20.8)
FACTORS = (0.2, 0.4, 0.7, 1.0, 1.5, 2.0)
MATERIALS = {
    "polycrystal": {"preset": "ba122"},
    "fibres": {"preset": "ba122", "structure": "fibres", "solid_fraction": 0.6},
    "electrode of a fuel cell": {"preset": "sofc"},
    "electrode of a battery": {"preset": "battery"},
    "berea": {"preset": "ba122"},
}
SEVERITY = 0.8


def voxels(factor: float, square: bool) -> VoxelSize:
    """Voxels so many times as large as usual; with square pixels, as after a correction for the tilt."""
    z, y, x = (edge * factor for edge in USUAL)
    return VoxelSize(z, x if square else y, x)


def make_phantom(name: str, factor: float, seed: int, folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images and truth (void and solid) of a phantom; kept in `folder`."""
    file = folder / f"{name}-{factor}-{seed}.npz"
    if not file.is_file():
        size = voxels(factor, square=seed % 2 == 1)
        settings = PhantomSettings(SHAPE, size, severity=SEVERITY, seed=8_880_000 + seed, **MATERIALS[name])
        made = collect_slabs(PhantomStack(settings, _read_body(size) if name == "berea" else None))
        np.savez_compressed(file, grey=made.images.read(), truth=(made.shown.read() > 0).astype(np.uint8))
    with np.load(file) as arrays:
        return arrays["grey"], arrays["truth"]


def _read_body(size: VoxelSize) -> Geometry:
    codes = np.minimum(tifffile.imread(data_folder("geometry") / "berea.tif") // 85, 1).astype(np.uint8)
    return Geometry(LabelVolume.from_array(codes, PhaseTable.from_names(("void", "solid")), size, "berea"), "berea")


def score(job: tuple[str, float, int], *, folder: Path) -> dict[str, Any]:
    """Scores of both networks on one phantom: on its own pixels, resampled to the usual ones, and as by default."""
    name, factor, seed = job
    grey, truth = make_phantom(name, factor, seed, folder)
    volume = Volume.from_array(grey, voxels(factor, square=seed % 2 == 1), name)
    whole, row = Box.whole(volume.shape), {}
    for model, depth in (("single images", 1), ("stacks", SHAPE[0])):
        plain = segmenter_of(load_bundled("porous-solid", depth))
        usual = Resampled(plain, volume.require_voxel_size())
        default = resample_to_model(segmenter_of(load_bundled("porous-solid", depth, volume.voxel_size)), volume)
        for way, segmenter in (("as it is", plain), ("usual grid", usual), ("default", default)):
            labels = decide(segmenter.fit_to(volume).scores(grey, Block(0, whole, whole)))
            row[f"{model}, {way}"] = {
                "iou": float(np.sum((labels & truth) == 1) / np.sum((labels | truth) == 1)),
                "void_iou": float(np.sum((labels | truth) == 0) / np.sum((labels & truth) == 0)),
                "fraction": float(labels.mean() / truth.mean() - 1),
            }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    jobs = list(product(MATERIALS, FACTORS, options.seeds))
    with ProcessPoolExecutor(options.workers, get_context("spawn"), on_one_core) as pool:
        scores = list(pool.map(partial(score, folder=options.work), jobs))
    rows: dict[str, Any] = {}
    for name, factor in product(MATERIALS, FACTORS):
        found = [row for row, job in zip(scores, jobs, strict=True) if job[:2] == (name, factor)]
        rows[f"{name}, {factor * USUAL[2]:.3g} nm"] = {
            way: {key: interval([one[way][key] for one in found]) for key in found[0][way]} for way in found[0]
        }
        each = {way: round(float(np.mean([one[way]["iou"] for one in found])), 4) for way in found[0]}
        print(f"{name}, {factor * USUAL[2]:.3g} nm: {each}", flush=True)
    write_results("voxel_sizes", {"severity": SEVERITY, "seeds": options.seeds, "shape": SHAPE, "rows": rows})


if __name__ == "__main__":
    main()
