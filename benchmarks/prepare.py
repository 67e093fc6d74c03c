"""How fast a raw folder is prepared, and what memory that takes, beside the peers.

    phantom -> raw TIFF folder (tiled, drifting, with an information bar)
            -> keramos prepare, the whole default chain, in a process of its own
            -> scikit-image's phase correlation chained, and NUScope-TOMO where an environment has it
            -> keramos prepare on a gigavoxel, within 2 GiB

In one run, in turns; seconds of the clock and of the processors, peak memory of the process and its children. Ratios
are of medians.

    python benchmarks/prepare.py --work DIR [--shape 64 1024 1024] [--rounds 3] [--peer PYTHON] [--large 1000 1000 1000]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
import tifffile
from measured import write_results
from raw_entry import Case

from keramos.simulation import make_phantom

BAR = 64
ENTRANTS = {"scikit-image": "phase_correlation", "nuscope-tomo": "nuscope_peer"}
VOXELS = ("--voxel-size", "20", "10", "10")


def make_folder(folder: Path, shape: tuple[int, int, int], seed: int) -> None:
    """Raw slices: windows of a phantom repeated in its plane, which wander by about a pixel a slice."""
    if folder.is_dir() and len(list(folder.glob("*.tif"))) == shape[0]:
        return
    folder.mkdir(parents=True, exist_ok=True)
    depth, height, width = shape
    cell = make_phantom((64, 384, 384), seed=seed).images.read()
    rng = np.random.default_rng(seed)
    walk = np.rint(np.cumsum(rng.normal(0, 0.8, (depth, 2)), axis=0)).astype(int)
    bar = np.zeros((BAR, width), np.uint8)
    bar[BAR // 3 : BAR // 2, width // 8 : width // 3] = 255
    for z in range(depth):
        turn = z % 126
        plane = cell[turn if turn < 64 else 126 - turn]
        rows, columns = (np.arange(n) + walk[z, axis] for axis, n in enumerate((height, width)))
        noise = rng.integers(-3, 4, (height, width))
        picture = np.clip(plane[np.ix_(rows % 384, columns % 384)] + noise, 0, 255).astype(np.uint8)
        tifffile.imwrite(folder / f"cut_{z:05}.tif", np.vstack([picture, bar]))


def watch(command: list[str], env: dict[str, str]) -> dict[str, float]:
    """Run a command: seconds of the clock and of the processors, and the peak memory of all its processes in MiB."""
    began, before = time.perf_counter(), spent_by_children()
    process = psutil.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0
    said: list[bytes] = []
    listener = threading.Thread(target=lambda: said.append(process.stderr.read()))
    listener.start()
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(one.memory_info().rss for one in family))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.1)
    listener.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {said[0].decode()[-2000:]}")
    return {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": spent_by_children() - before,
        "peak_mib": peak / 2**20,
    }


def spent_by_children() -> float:
    """Seconds of the processors that all processes took which have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_entrant(name: str, folder: Path, work: Path, rows: int) -> None:
    """The child of a peer: prepare the folder as it does, and write the volume as TIFF."""
    module = import_module(f"raw_entrants.{ENTRANTS[name]}")
    entry = module.prepare(Case(folder, work, 20.0, 52.0, rows))
    if entry.volume is not None:
        tifffile.imwrite(work / "volume.tif", np.clip(np.rint(entry.volume), 0, 255).astype(np.uint8))


def measure(name: str, folder: Path, work: Path, shape: tuple[int, int, int], peer: str | None) -> dict[str, float]:
    """One run of an entrant."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    env = {**os.environ, **({"KERAMOS_PEER_PYTHON": peer} if peer else {})}
    if name == "keramos":
        command = ["-m", "keramos", "prepare", str(folder), "--out", str(work / "p.ome.zarr"), *VOXELS]
    else:
        command = [__file__, "--entrant", name, "--folder", str(folder), "--work", str(work), "--rows", str(shape[1])]
    took = watch([sys.executable, *command], env)
    voxels = float(np.prod(shape)) / 1e6
    return {**took, "megavoxels_per_s": voxels / took["seconds"], "megavoxels_per_cpu_s": voxels / took["cpu_seconds"]}


def summarise(runs: list[dict[str, float]]) -> dict[str, Any]:
    """The median of each number, and all runs."""
    return {**{key: round(median(run[key] for run in runs), 3) for key in runs[0]}, "runs": runs}


def main() -> None:
    """Measure in turns, and write benchmarks/results/prepare.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shape", type=int, nargs=3, default=(64, 1024, 1024))
    parser.add_argument("--large", type=int, nargs=3, default=(1000, 1000, 1000))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", help="a Python that has nuscope-tomo")
    parser.add_argument("--no-large", action="store_true")
    parser.add_argument("--entrant", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.entrant:
        run_entrant(given.entrant, given.folder, given.work, given.rows)
        return
    shape = tuple(given.shape)
    folder = given.work / "raw"
    make_folder(folder, shape, seed=1)
    names = ["keramos", "scikit-image", *(["nuscope-tomo"] if given.peer else [])]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(given.rounds):
        for name in names:
            runs[name].append(measure(name, folder, given.work / "out", shape, given.peer))
            print(name, runs[name][-1], flush=True)
    results: dict[str, Any] = {"shape": shape, "entrants": {name: summarise(rows) for name, rows in runs.items()}}
    ours = results["entrants"]["keramos"]["seconds"]
    results["times_as_fast"] = {
        name: round(rows["seconds"] / ours, 2) for name, rows in results["entrants"].items() if name != "keramos"
    }
    if not given.no_large:
        large, place = tuple(given.large), given.work / "large"
        make_folder(place, large, seed=2)
        results["large"] = {"shape": large, "memory": "2 GiB"}
        results["large"] |= measure("keramos", place, given.work / "out", large, None)
        print("large", results["large"], flush=True)
    shutil.rmtree(given.work / "out", ignore_errors=True)
    write_results("prepare", results)


if __name__ == "__main__":
    main()
