"""How time and memory of `keramos quantify` grow with the volume, group by group of quantities.

three phases, balls of two of them in the third, made slab by slab and kept as OME-Zarr
-> keramos quantify in a process of its own for each edge and group, `--memory 2GiB --threads 2`
-> seconds of the processor (user and system), by the clock, and the most memory the process ever held

Other work on the machine lengthens the time by the clock, hardly that of the processor: the latter is the main figure.
Every run has all quantities of one pass; `beyond` is what a group adds to them. `two-phases` is the pass over the first
620 x 768 x 768 voxels as two phases, where the edge holds them.

    python benchmarks/quantify_growth.py --work DIR [--edges 128 256] [--groups one-pass sizes ...] [--name NAME]

Edges and groups that are not asked for stay in the results as they were.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from measured import RESULTS, write_results

from keramos.core import Box, PhaseTable, VoxelSize
from keramos.io import create_labels

GROUPS: dict[str, tuple[str, ...]] = {
    "one-pass": (),
    "sizes": ("--thickness",),
    "paths": ("--paths",),
    "objects": ("--objects", "grain"),
    "two-phases": ("--box", "0:620,0:768,0:768", "--phases", "pore=0,solid=1-2"),
}
PART, LEAST = "two-phases", 768
"""A group that measures a part of the volume, as two phases; and the smallest edge that holds it."""
PHASES = PhaseTable.from_names(["pore", "grain", "binder"])
SHARES = (0.4, 0.35)
"""How much of the volume balls of each phase would fill if none overlapped."""
RADII = (6.0, 16.0)
SLAB = 16


def make_labels(path: Path, edge: int) -> Path:
    """A cube of that edge: balls of grain in pores, and of binder in what is left; kept, and taken again."""
    if path.exists():
        return path
    stream, shape = np.random.default_rng(edge), (edge,) * 3
    mean = np.pi / 3 * (RADII[0] + RADII[1]) * (RADII[0] ** 2 + RADII[1] ** 2)
    writer = create_labels(path, shape, phases=PHASES, voxel_size=VoxelSize(20, 20, 20))
    wide = edge + 2 * RADII[1]
    balls = []
    for share in SHARES:
        count = stream.poisson(share / mean * wide**3)
        places = stream.uniform(-RADII[1], edge + RADII[1], (count, 3))
        balls.append((places[order := np.argsort(places[:, 0])], stream.uniform(*RADII, count)[order]))
    for start in range(0, edge, SLAB):
        slab = np.zeros((min(SLAB, edge - start), edge, edge), np.uint8)
        for code, (places, radii) in enumerate(balls, 1):
            first, last = np.searchsorted(places[:, 0], (start - RADII[1], start + SLAB + RADII[1]))
            for place, radius in zip(places[first:last] - (start, 0, 0), radii[first:last], strict=True):
                draw(slab, place, radius, code)
        writer.write(Box((start, 0, 0), (start + len(slab), edge, edge)), slab)
    writer.finish()
    return path


def draw(slab: np.ndarray[Any, Any], place: np.ndarray[Any, Any], radius: float, code: int) -> None:
    """Fill what of a ball lies in a slab, where nothing is yet."""
    low = np.maximum(np.ceil(place - radius).astype(int), 0)
    high = np.minimum(np.floor(place + radius).astype(int) + 1, slab.shape)
    if (high <= low).any():
        return
    part = slab[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    z, y, x = (((np.arange(a, b) - middle) ** 2) for a, b, middle in zip(low, high, place, strict=True))
    part[(z[:, None, None] + y[:, None] + x <= radius**2) & (part == 0)] = code


def run(labels: Path, out: Path, *more: str) -> dict[str, float]:
    """The cost of one command; what it printed, where it failed."""
    where = ("--no-transport", "--fresh", "--memory", "2GiB", "--threads", "2", "--out", str(out))
    command = [sys.executable, "-m", "keramos", "quantify", str(labels), *where, *more]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with status {os.waitstatus_to_exitcode(status)}: {said[-2000:]}")
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "system_s": used.ru_stime,
        "clock_s": time.perf_counter() - began,
        "peak_mib": used.ru_maxrss / 1024,
    }


def growth(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Microseconds of the processor a voxel by group and edge, and what each group takes beyond the one pass."""
    found: dict[str, Any] = {}
    for group, by_edge in runs.items():
        if group == PART:
            continue
        rows = found.setdefault(group, {})
        for edge, cost in sorted(by_edge.items(), key=lambda item: int(item[0])):
            rows[edge] = {"cpu_us_per_voxel": 1e6 * cost["cpu_s"] / int(edge) ** 3}
            if group != "one-pass" and edge in runs.get("one-pass", {}):
                rows[edge]["beyond_cpu_s"] = cost["cpu_s"] - runs["one-pass"][edge]["cpu_s"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--edges", type=int, nargs="+", default=[128, 256])
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument("--name", default="quantify_growth", help="of the file of results")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    kept = RESULTS / f"{options.name}.json"
    before: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    runs: dict[str, dict[str, Any]] = before.pop("runs", {})
    for edge in options.edges:
        labels = make_labels(options.work / f"labels-{edge}.ome.zarr", edge)
        for group in options.groups:
            if group == PART and edge < LEAST:
                continue
            cost = run(labels, options.work / f"quantities-{edge}-{group}", *GROUPS[group])
            runs.setdefault(group, {})[str(edge)] = {**cost, "date": date.today().isoformat()}
            print(group, edge, json.dumps(cost), flush=True)
            write_results(
                options.name,
                {
                    **{key: value for key, value in before.items() if key != "machine"},
                    "main figure": "cpu_s, user and system; other work ran on the machine, which lengthens clock_s",
                    "growth": growth(runs),
                    "runs": runs,
                },
            )


if __name__ == "__main__":
    main()
