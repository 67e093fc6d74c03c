"""Segmenting a stack by two versions of Keramos, in turns: processor time, seconds and memory of the whole command.

a phantom of 64 slices, mirrored along z -> stack of `--slices`; `keramos segment --model porous-solid` on one core by
the version of each folder of sources, `--rounds` times in turns -> medians, and new over old

    python benchmarks/versions.py --work DIR --old FOLDER [--old-also FOLDER of packages that only it needs]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import tifffile
from measured import write_results

import keramos
from keramos.core import Box

_VOXELS = ("20", "26.4", "20.8")
_NEW = Path(__file__).parents[1] / "src"


def make_stack(work: Path, slices: int, edge: int) -> Path:
    """A stack of so many slices of `edge` x `edge` pixels, made once."""
    path, phantom = work / f"stack-{slices}-{edge}.tif", work / f"phantom-{edge}"
    if path.exists():
        return path
    keramos.phantom(out=phantom, shape=(64, edge, edge), seed=5, severity=0.6)
    volume = keramos.open_volume(phantom / "images.ome.zarr")
    part = volume.read(Box.whole(volume.shape))
    copies = -(-slices // len(part))
    tifffile.imwrite(path, np.concatenate([part[:: 1 - 2 * (n % 2)] for n in range(copies)])[:slices])
    return path


def run(sources: Path, also: Path | None, stack: Path, out: Path) -> dict[str, float]:
    """One segmentation by the version of these sources, on one core."""
    folders = [str(folder) for folder in (sources, also) if folder is not None]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "keramos", "segment", str(stack), "--model", "porous-solid", "--voxel-size"]
    shutil.rmtree(out, ignore_errors=True)
    began, log = time.perf_counter(), out.with_suffix(".log")
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [*command, *_VOXELS, "--out", str(out)], env=environment, stdout=stream, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(log.read_text(encoding="utf-8"))
    return {
        "processor_s": used.ru_utime + used.ru_stime,
        "wall_s": time.perf_counter() - began,
        "peak_mib": used.ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--old", type=Path, required=True, help="folder of the sources of the other version")
    parser.add_argument("--old-also", type=Path, help="folder of packages that only the other version needs")
    parser.add_argument("--slices", type=int, default=320)
    parser.add_argument("--edge", type=int, default=640)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    # Made by another process: the peak of a child includes what this one holds when it starts it.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        stack = pool.submit(make_stack, options.work, options.slices, options.edge).result()
    ways: dict[str, tuple[Path, Path | None]] = {"old": (options.old, options.old_also), "new": (_NEW, None)}
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for number in range(options.rounds):
        for name in sorted(ways, reverse=bool(number % 2)):
            rows[name].append(run(*ways[name], stack, options.work / f"{name}.ome.zarr"))
            print(name, rows[name][-1], flush=True)
    medians = {name: {key: median(row[key] for row in each) for key in each[0]} for name, each in rows.items()}
    ratios: dict[str, Any] = {key: medians["new"][key] / medians["old"][key] for key in medians["new"]}
    print("new over old", ratios)
    shape = [options.slices, options.edge, options.edge]
    write_results("versions", {"shape": shape, "medians": medians, "new_over_old": ratios, "each": rows})


if __name__ == "__main__":
    main()
