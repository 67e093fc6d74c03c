"""How fast a stack is segmented from end to end, TIFF folder to OME-Zarr, and what memory that takes.

    phantom -> TIFF folder -> keramos segment (bundled weights), whole process tree watched
                           -> the paper's U-Net through the same engine, on a crop
                           -> the network alone, on slices in memory: what the engine could reach
                           -> a peer: MONAI's sliding-window inference with the same network, on a crop, if it is there

All in one run, in turns. Speeds in million voxels per second; ratios are of medians.

    python benchmarks/throughput.py --work DIR [--shape 620 768 768] [--rounds 3] [--memory 2GiB] [--deep]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
import tifffile
import torch
from distributed import LocalCluster
from measured import write_results
from numpy.typing import NDArray

from keramos import segment
from keramos.blocks import Block, keep_freed_memory
from keramos.core import Box, Volume, VoxelSize
from keramos.io import open_volume
from keramos.networks import Checkpoint, build_network, load_bundled, save_checkpoint
from keramos.segmenters import NetworkSegmenter
from keramos.segmenters.backends import available

UNET_CROP = (4, 512, 512)
PEER_CROP = (32, 768, 768)


@dataclass(frozen=True)
class Watched:
    """A process that ended: seconds, and the most memory that it and its children held together, in bytes."""

    seconds: float
    peak: int


def watched(*arguments: str) -> Watched:
    """Run `keramos` with these arguments."""
    began = time.perf_counter()
    # A Dask cluster that ran in this process has left word that whoever follows shall use one thread.
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-m", "keramos", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=free)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _held(process.pid))
        time.sleep(0.5)  # looking is not free: the kernel walks all pages
    if process.returncode:
        sys.exit(f"keramos {' '.join(arguments)} ended with status {process.returncode}")
    return Watched(time.perf_counter() - began, peak)


def _held(number: int) -> int:
    """Memory of a process and all its children: private, and of what they share its part (PSS)."""
    total = 0
    try:
        parent = psutil.Process(number)
        for process in (parent, *parent.children(recursive=True)):
            total += process.memory_full_info().pss
    except psutil.Error:
        pass  # it ended while it was looked at
    return total


def tiff_folder(work: Path, shape: tuple[int, ...]) -> Path:
    """A phantom of that shape as a folder of TIFF slices; kept, and taken again."""
    folder, phantom = work / f"slices-{shape[0]}", work / f"phantom-{shape[0]}"
    if not (folder / "done").is_file():
        watched("phantom", "--out", str(phantom), "--shape", *map(str, shape), "--seed", "1")
        volume = open_volume(phantom / "images.ome.zarr")
        folder.mkdir(exist_ok=True)
        for z in range(shape[0]):
            plane = volume.read(Box((z, 0, 0), (z + 1, *shape[1:])))[0]
            tifffile.imwrite(folder / f"slice_{z:05d}.tif", plane)
        (folder / "done").touch()
        shutil.rmtree(phantom)
    return folder


def three_times(images: Path) -> Path:
    """The same slices three times over, as links: memory asks how many there are, not what they show."""
    folder = images.with_name(f"{images.name}-three-times")
    folder.mkdir(exist_ok=True)
    slices = sorted(images.glob("*.tif"))
    for turn in range(3):
        for file in slices:
            link = folder / f"turn_{turn}_{file.name}"
            if not link.exists():
                link.hardlink_to(file)
    return folder


def unet_file(work: Path, like: Checkpoint) -> Path:
    """The paper's U-Net, untrained: its speed does not depend on its weights."""
    out = work / "unet.keramos"
    network = build_network("unet", {"classes": 2})
    card = like.card.model_copy(
        update={"architecture": "unet", "architecture_settings": network.settings, "z_offsets_nm": (0.0,)}
    )
    save_checkpoint(out, card, network.state_dict())
    return out


def once(images: Path, model: str, out: Path, voxels: int, *more: str) -> tuple[float, Watched]:
    """Mvoxel/s of a whole command, its start included."""
    shutil.rmtree(out, ignore_errors=True)
    size = ("--voxel-size", "20", "26.4", "20.8")
    found = watched("segment", f"{images}/*.tif", *size, "--model", model, "--out", str(out), *more)
    return voxels / found.seconds / 1e6, found


def in_process(pixels: NDArray[Any], model: Path, out: Path) -> float:
    """Mvoxel/s of the same engine without the start of a process, which would count for much on a small crop."""
    shutil.rmtree(out, ignore_errors=True)
    volume = Volume.from_array(pixels, VoxelSize(20, 26.4, 20.8))
    began = time.perf_counter()
    segment(volume, model, out=out)
    return pixels.size / (time.perf_counter() - began) / 1e6


def on_cluster(images: Path, out: Path, voxels: int, workers: int, backend: str) -> float:
    """Mvoxel/s on so many single-threaded workers of a Dask cluster that runs already."""
    shutil.rmtree(out, ignore_errors=True)
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
        options = {"scheduler": cluster.scheduler_address, "backend": backend, "voxel_size": (20, 26.4, 20.8)}
        began = time.perf_counter()
        segment(f"{images}/*.tif", "porous-solid", out=out, **options)
        return voxels / (time.perf_counter() - began) / 1e6


def alone(pixels: NDArray[Any], checkpoint: Checkpoint, backend: str) -> float:
    """Mvoxel/s of the predictor on slices in memory, one block of sixteen slices at a time."""
    volume = Volume.from_array(pixels, checkpoint.card.voxel_size)
    predictor = NetworkSegmenter(checkpoint, backend=backend).fit_to(volume, lambda *_: None)
    whole = Box.whole(volume.shape)
    predictor.scores(pixels[:4], Block(0, Box.whole((4, *pixels.shape[1:])), Box.whole((4, *pixels.shape[1:]))))
    began = time.perf_counter()
    predictor.scores(pixels, Block(0, whole, whole))
    return pixels.size / (time.perf_counter() - began) / 1e6


def peer(pixels: NDArray[Any], checkpoint: Checkpoint) -> float | None:
    """Mvoxel/s of MONAI's sliding window over the same network (its one-slice form), overlap as its users have it."""
    try:
        from monai.inferers import sliding_window_inference
    except ImportError:
        return None
    network = checkpoint.network().eval()
    grey = torch.from_numpy(pixels.astype(np.float32))[:, None]
    began = time.perf_counter()
    with torch.inference_mode():
        scores = [sliding_window_inference(plane[None], (256, 256), 4, network, overlap=0.25) for plane in grey]
        torch.cat(scores).argmax(dim=1)
    return pixels.size / (time.perf_counter() - began) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shape", type=int, nargs=3, default=[620, 768, 768])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="2GiB")
    parser.add_argument("--backend", default="openvino-bf16", help="of the runs that compare workers")
    parser.add_argument("--cluster", action="store_true", help="one and two single-threaded workers, too")
    parser.add_argument("--deep", action="store_true", help="a stack three times as deep, too, once")
    options = parser.parse_args()
    keep_freed_memory()  # as the command does
    options.work.mkdir(parents=True, exist_ok=True)
    shape = tuple(options.shape)
    images, voxels = tiff_folder(options.work, shape), int(np.prod(shape))
    stack, single = (load_bundled("porous-solid", depth) for depth in (shape[0], 1))
    assert stack is not None
    assert single is not None
    single_file = options.work / "single.keramos"
    save_checkpoint(single_file, single.card, single.weights)
    unet = unet_file(options.work, single)
    crop = open_volume(f"{images}/*.tif").read(Box((0, 0, 0), PEER_CROP))
    runs: dict[str, list[float]] = {}
    peaks: dict[str, list[int]] = {}

    def note(name: str, speed: float | None, peak: int | None = None) -> None:
        if speed is not None:
            runs.setdefault(name, []).append(speed)
            print(f"{name}: {speed:.3f} Mvoxel/s" + (f", {peak / 2**20:.0f} MiB" if peak else ""), flush=True)
        if peak:
            peaks.setdefault(name, []).append(peak)

    out, memory = options.work / "out.ome.zarr", ("--memory", options.memory)
    ends: list[tuple[str, Callable[[], tuple[float, Watched]]]] = [
        ("one slice, end to end", lambda: once(images, str(single_file), out, voxels, *memory)),
        ("seven slices, end to end", lambda: once(images, "porous-solid", out, voxels, *memory)),
        (
            "seven slices, end to end, 2 workers",
            lambda: once(images, "porous-solid", out, voxels, *memory, "--workers", "2"),
        ),
    ]
    for _ in range(options.rounds):
        for name, run in ends:
            speed, found = run()
            note(name, speed, found.peak)
        for backend in available("cpu"):
            note(f"one slice, network alone, {backend}", alone(crop, single, backend))
            note(f"seven slices, network alone, {backend}", alone(crop, stack, backend))
        for workers in (1, 2) if options.cluster else ():
            name = f"seven slices, cluster of {workers} single-threaded"
            note(name, on_cluster(images, out, voxels, workers, options.backend))
        note("one slice, MONAI's sliding window", peer(crop, single))
        note("the paper's U-Net, this engine", in_process(crop[tuple(map(slice, UNET_CROP))], unet, out))
    if options.deep:
        name = "seven slices, three times as deep"
        speed, found = once(three_times(images), "porous-solid", out, 3 * voxels, *memory)
        note(name, speed, found.peak)
    speeds = {name: median(values) for name, values in runs.items()}
    ratios = {}
    for network in ("one slice", "seven slices"):
        fastest = max(speed for name, speed in speeds.items() if name.startswith(f"{network}, network alone"))
        ratios[f"{network}: end to end / network alone, its fastest backend"] = (
            speeds[f"{network}, end to end"] / fastest
        )
    if options.cluster:
        one, two = (speeds[f"seven slices, cluster of {workers} single-threaded"] for workers in (1, 2))
        ratios["two workers / one"] = two / one
    for network in ("one slice", "seven slices"):
        ratios[f"{network} / U-Net"] = speeds[f"{network}, end to end"] / speeds["the paper's U-Net, this engine"]
    if "one slice, MONAI's sliding window" in speeds:
        ratios["one slice / MONAI"] = speeds["one slice, end to end"] / speeds["one slice, MONAI's sliding window"]
    print(json.dumps(ratios, indent=1))
    write_results(
        "throughput",
        {
            "shape": shape,
            "memory": options.memory,
            "mvoxel_per_s": speeds,
            "each": runs,
            "ratios": ratios,
            "peak_mib": {name: max(values) / 2**20 for name, values in peaks.items()},
            "seconds": voxels / speeds["seven slices, end to end"] / 1e6,
        },
    )


if __name__ == "__main__":
    main()
