"""What one block of a large stack costs: reading, computing, writing, finishing, and what the cluster takes to hand it
out. From these follows what a stack of any size takes, and where it would stick (docs/scaling.md).

    python benchmarks/block_cost.py --work DIR [--slices 144] [--backend openvino-bf16]

DIR/slices-620 is the TIFF folder that benchmarks/throughput.py makes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from measured import write_results

from keramos import phase_fractions
from keramos.blocks import Block, Plan, keep_freed_memory, run_plan
from keramos.core import Box, VoxelSize
from keramos.io import create_labels, open_labels, open_volume, remove_store
from keramos.networks import load_bundled
from keramos.segmenters import NetworkSegmenter, plan_for
from keramos.segmenters.memory import CHUNK
from keramos.segmenters.run import SegmentBlock

HANDED_OUT = 2000


def nothing(block: Block) -> None:
    """The task that takes no time."""


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = step()
    return time.perf_counter() - began, result


def per_block_of_the_cluster(workers: int) -> float:
    """Seconds to hand out a block and hear of it, when the blocks themselves take none; without the cluster's start."""
    plans = [Plan((count, 1, 1), (1, 1, 1)) for count in (HANDED_OUT // 10, HANDED_OUT)]
    few, many = (timed(lambda plan=plan: run_plan(plan, nothing, workers=workers))[0] for plan in plans)
    return (many - few) / (len(plans[1]) - len(plans[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--slices", type=int, default=144)
    parser.add_argument("--backend", default="openvino-bf16")
    options = parser.parse_args()
    stack = open_volume(f"{options.work}/slices-620/*.tif", voxel_size=VoxelSize(20, 26.4, 20.8))
    volume = stack.crop(Box((0, 0, 0), (options.slices, *stack.shape[1:])))
    weights = load_bundled("porous-solid", volume.shape[0])
    assert weights is not None
    predictor = replace(NetworkSegmenter(weights), backend=options.backend).fit_to(volume, lambda *_: None)
    plan = plan_for(volume.shape, predictor.signature, memory_bytes=2**31)
    out = options.work / "block-cost.ome.zarr"
    remove_store(out)
    labels = create_labels(out, volume.shape, phases=predictor.phases, voxel_size=volume.voxel_size, chunks=CHUNK)
    task = SegmentBlock(volume, predictor, labels, None)
    keep_freed_memory()  # as `keramos segment` does
    rows = []
    for block in plan:
        read, pixels = timed(lambda block=block: task.read(block))
        compute, result = timed(lambda block=block, pixels=pixels: task.compute(block, pixels))
        write, _ = timed(lambda block=block, result=result: task.write(block, result))
        rows.append({"voxels": int(np.prod(block.core.shape)), "read": read, "compute": compute, "write": write})
    pyramid, _ = timed(labels.finish)
    counting, _ = timed(lambda: phase_fractions(open_labels(out)))
    rows = rows[1:]  # the first builds the network
    seconds = {part: median(row[part] / row["voxels"] * 1e6 for row in rows) for part in ("read", "compute", "write")}
    seconds |= {"pyramid": pyramid / volume.box.voxels * 1e6, "counting": counting / volume.box.voxels * 1e6}
    handed_out = per_block_of_the_cluster(2)
    results = {
        "backend": options.backend,
        "block_voxels": rows[0]["voxels"],
        "blocks": len(rows),
        "seconds_per_mvoxel": seconds,
        "seconds_to_hand_out_a_block": handed_out,
        "each": rows,
    }
    print({key: value for key, value in results.items() if key != "each"})
    write_results("block_cost", results)


if __name__ == "__main__":
    main()
