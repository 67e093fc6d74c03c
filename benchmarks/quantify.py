"""How fast and in what memory a volume is quantified; against scipy, scikit-image and PoreSpy on a smaller one.

phantom's truth of 620 x 768 x 768 voxels -> keramos quantify --no-transport, whole process tree watched
the same three times as deep: memory must hardly grow
a cube of it -> scipy, scikit-image and PoreSpy for what they measure, and ours for the same, in turns

python benchmarks/quantify.py --work DIR [--shape 620 768 768] [--edge 256] [--rounds 3] [--deep]
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from measured import write_results
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import euler_number, marching_cubes, mesh_surface_area
from throughput import Watched, watched

from keramos.blocks import plan_blocks
from keramos.core import VOID_SOLID, Box, LabelVolume, VoxelSize
from keramos.io import create_labels, open_labels
from keramos.measurements import MEASUREMENTS, MeasuredVolume
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.volume import plan_for
from keramos.settings.quantify import MeasurementOptions


def truth(work: Path, shape: tuple[int, ...]) -> Path:
    """The truth of a phantom of that shape; kept, and taken again."""
    kept = work / f"truth-{shape[0]}.ome.zarr"
    if not kept.exists():
        phantom = work / f"phantom-{shape[0]}"
        watched("phantom", "--out", str(phantom), "--shape", *map(str, shape), "--seed", "1")
        (phantom / "truth.ome.zarr").rename(kept)
        shutil.rmtree(phantom)
    return kept


def three_times(work: Path, labels: LabelVolume) -> Path:
    """The same volume three times over along z."""
    kept = work / "truth-three-times.ome.zarr"
    if not kept.exists():
        depth, height, width = labels.shape
        shape = (3 * depth, height, width)
        out = create_labels(kept, shape, phases=VOID_SOLID, voxel_size=labels.voxel_size, chunks=(16, 256, 256))
        for block in plan_blocks(shape, chunk=(16, 256, 256), max_voxels=2**24):
            (a, y0, x0), (b, y1, x1) = block.core.start, block.core.stop
            slices = [labels.read(Box((z % depth, y0, x0), (z % depth + 1, y1, x1))) for z in range(a, b)]
            out.write(block.core, np.concatenate(slices))
        out.finish()
    return kept


def run(labels: Path, out: Path) -> Watched:
    shutil.rmtree(out, ignore_errors=True)
    return watched("quantify", str(labels), "--no-transport", "--out", str(out))


def peers(mask: NDArray[np.bool_], size: VoxelSize) -> dict[str, Callable[[], Any]]:
    """What users of other packages run for the same numbers, on a volume in memory."""
    found: dict[str, Callable[[], Any]] = {
        "components": lambda: np.bincount(ndimage.label(mask)[0].ravel()),
        "interface": lambda: (
            mesh_surface_area(*marching_cubes(mask, 0.5, spacing=size.zyx)[:2]),
            euler_number(mask, connectivity=1),
        ),
    }
    try:
        import porespy
    except ImportError:
        return found
    found["chords"] = lambda: [
        porespy.metrics.chord_counts(porespy.filters.apply_chords(mask, axis=axis, spacing=0, trim_edges=True))
        for axis in range(3)
    ]
    found["two-point"] = lambda: porespy.metrics.two_point_correlation(mask)
    return found


def mine(labels: LabelVolume) -> dict[str, Callable[[], Any]]:
    """The same numbers, of one phase."""
    settings = MeasurementOptions(phase=("solid",))
    volume = MeasuredVolume.of_annotated(labels, settings)
    plan = plan_for(labels.shape, settings)

    def alone(member: str) -> Callable[[], Any]:
        body = MEASUREMENTS[member].in_blocks(volume)
        return lambda: measure_in_blocks(labels, [body], plan, threads=2)

    members = {"components": "components", "interface": "interface", "chords": "chords"}
    return {name: alone(member) for name, member in {**members, "two-point": "two-point-correlation"}.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shape", type=int, nargs=3, default=[620, 768, 768])
    parser.add_argument("--edge", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--deep", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    path = truth(options.work, tuple(options.shape))
    labels = open_labels(path)
    whole = [run(path, options.work / "quantities") for _ in range(options.rounds)]
    results: dict[str, Any] = {
        "shape": options.shape,
        "seconds": [each.seconds for each in whole],
        "peak_mib": [each.peak / 2**20 for each in whole],
    }
    print(json.dumps(results), flush=True)
    if options.deep:
        deep = run(three_times(options.work, labels), options.work / "quantities")
        results["three_times"] = {"seconds": deep.seconds, "peak_mib": deep.peak / 2**20}
        print(json.dumps(results["three_times"]), flush=True)
    edge = min(options.edge, *labels.shape)
    cube = labels.read(Box((0, 0, 0), (edge,) * 3))
    small = LabelVolume.from_array(cube, labels.phases, labels.voxel_size)
    theirs, ours = peers(cube == 1, labels.require_voxel_size()), mine(small)
    times: dict[str, dict[str, list[float]]] = {name: {"ours": [], "peer": []} for name in theirs}
    for _ in range(options.rounds):
        for name, peer in theirs.items():
            for who, job in (("ours", ours[name]), ("peer", peer)):
                began = time.perf_counter()
                job()
                times[name][who].append(time.perf_counter() - began)
            print(name, json.dumps(times[name]), flush=True)
    results["edge"] = edge
    results["each"] = times
    results["peer / ours"] = {name: median(t["peer"]) / median(t["ours"]) for name, t in times.items()}
    print(json.dumps(results["peer / ours"], indent=1))
    write_results("quantify", results)


if __name__ == "__main__":
    main()
