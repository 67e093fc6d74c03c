"""What segmenting costs from 10^8 to 10^10 voxels, with one worker and two: wall and processor time, memory, bytes and
files, and which stage bounds it. docs/scaling.md plans larger stacks from these figures.

The stack is an OME-Zarr of any size whose chunks are links to those of one small phantom: it takes no room on the disk,
and each chunk is read and decoded as any other. It lies in the page cache: what a disk adds is not in the figures.

    python benchmarks/cost_curve.py --work DIR [--models otsu porous-solid] [--sizes 8 9 10] [--workers 1 2]
        [--longest 900] [--parts]

A run that is expected, from the one ten times smaller, to take longer than --longest is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import psutil
from measured import RESULTS, machine

from keramos import phase_fractions
from keramos.apps.cli import console
from keramos.apps.cli.main import run
from keramos.blocks import keep_freed_memory
from keramos.core import Triple
from keramos.core.progress import Progress, Reporter
from keramos.inspection import check_before_work
from keramos.io import create_labels, open_labels, open_volume, remove_store
from keramos.segmenters import load_segmenter, plan_for
from keramos.segmenters.segment_block import SegmentBlock

TILE: Triple = (64, 512, 512)
CHUNK: Triple = (16, 256, 256)
SHAPES: dict[int, Triple] = {8: (384, 512, 512), 9: (960, 1024, 1024), 10: (2368, 2048, 2048)}
"""By the power of ten: multiples of the tile, within 1 % of it."""
PLACE = RESULTS / "cost_curve.json"
_LOOK_S = 0.5
_STAGES = "KERAMOS_BENCHMARK_STAGES"


def make_stack(work: Path, shape: Triple) -> Path:
    """A stack of that shape whose chunks are links to those of a phantom."""
    tile, out = work / "tile", work / f"stack-{prod(shape):.0e}.ome.zarr"
    if not tile.is_dir():
        size = ("--shape", *map(str, TILE), "--seed", "1")
        subprocess.run([sys.executable, "-m", "keramos", "phantom", "--out", str(tile), *size], check=True)
    if out.is_dir():
        return out
    source = tile / "images.ome.zarr"
    (out / "0").mkdir(parents=True)
    group = json.loads((source / "zarr.json").read_text())
    image = group["attributes"]["ome"]["multiscales"][0]
    image["datasets"] = image["datasets"][:1]
    group["attributes"].pop("keramos", None)
    (out / "zarr.json").write_text(json.dumps(group))
    array = json.loads((source / "0" / "zarr.json").read_text())
    (out / "0" / "zarr.json").write_text(json.dumps({**array, "shape": list(shape)}))
    within = [edge // chunk for edge, chunk in zip(TILE, CHUNK, strict=True)]
    for z in range(shape[0] // CHUNK[0]):
        for y in range(shape[1] // CHUNK[1]):
            (out / "0" / "c" / str(z) / str(y)).mkdir(parents=True)
            for x in range(shape[2] // CHUNK[2]):
                place = [at % count for at, count in zip((z, y, x), within, strict=True)]
                os.link(source.joinpath("0", "c", *map(str, place)), out.joinpath("0", "c", str(z), str(y), str(x)))
    return out


class StageReporter(console.LogReporter):
    """Writes down when each stage was first and last heard of."""

    stages: ClassVar[dict[str, list[float]]] = {}

    def progress(self, task: str, unit: str = "block") -> Progress:
        show = super().progress(task, unit)

        def heard(done: int, total: int) -> None:
            now = time.perf_counter()
            self.stages.setdefault(task, [now, now])[1] = now
            show(done, total)

        return heard


def run_one(arguments: list[str]) -> None:
    """Run the command line in this process, and write the seconds of its stages where the environment says."""
    console.make_reporter = StageReporter  # type: ignore[assignment]
    began = time.perf_counter()
    status = run(arguments)
    stages = {name: round(last - first, 2) for name, (first, last) in StageReporter.stages.items()}
    Path(os.environ[_STAGES]).write_text(json.dumps({"all": round(time.perf_counter() - began, 2), **stages}))
    sys.exit(status)


class Watch(threading.Thread):
    """Looks at a process and its children: the most memory that they held together, and the bytes that each wrote."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self._number, self.peak, self._written = number, 0, dict[int, int]()

    def run(self) -> None:
        while psutil.pid_exists(self._number):
            held = 0
            for process in self._processes():
                try:
                    held += process.memory_full_info().pss
                    self._written[process.pid] = process.io_counters().write_chars
                except psutil.Error:
                    continue
            self.peak = max(self.peak, held)
            time.sleep(_LOOK_S)

    @property
    def written(self) -> int:
        return sum(self._written.values())

    def _processes(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self._number)
            return [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return []


def measure(work: Path, model: str, shape: Triple, workers: int, more: list[str]) -> dict[str, Any]:
    """One run of `keramos segment`."""
    images, out, stages = make_stack(work, shape), work / "out.ome.zarr", work / "stages.json"
    shutil.rmtree(out, ignore_errors=True)
    arguments = ["segment", str(images), "--model", model, "--out", str(out), "--workers", str(workers), *more]
    before, began, load = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), os.getloadavg()[0]
    process = subprocess.Popen(
        [sys.executable, __file__, "--one", *arguments],
        env={**os.environ, _STAGES: str(stages)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    watch = Watch(process.pid)
    watch.start()
    if process.wait():
        sys.exit(f"keramos {' '.join(arguments)} ended with status {process.returncode}")
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    files = [path for path in out.rglob("*") if path.is_file()]
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {
        "shape": list(shape),
        "voxels": prod(shape),
        "wall_s": round(wall, 1),
        "processor_s": round(processor, 1),
        "mvoxel_per_processor_s": round(prod(shape) / processor / 1e6, 2),
        "peak_gib": round(watch.peak / 2**30, 2),
        "written_bytes": watch.written,
        "stored_bytes": sum(path.stat().st_size for path in files),
        "files": len(files),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        "stages_wall_s": json.loads(stages.read_text()),
    }


def measure_parts(work: Path, model: str) -> dict[str, Any]:
    """Processor time of reading, computing and writing a voxel, and of what follows, in this process."""
    volume, out = open_volume(make_stack(work, SHAPES[8])), work / "parts.ome.zarr"
    keep_freed_memory()  # as `keramos segment` does with one worker
    segmenter, ready = load_segmenter(model, volume, device="cpu"), {"surveying": 0.0}
    fitted = segmenter.fit_to(volume)  # the first time compiles and imports
    ready["surveying"] = _time(lambda: segmenter.fit_to(volume))[0]
    fitted = fitted.with_backend(fitted.choose_backend(volume, Reporter()))
    remove_store(out)
    labels = create_labels(out, volume.shape, phases=fitted.phases, voxel_size=volume.voxel_size)
    task, spent = SegmentBlock(volume, fitted, labels, None), dict.fromkeys(("reading", "computing", "writing"), 0.0)
    blocks = list(plan_for(volume.shape, fitted.signature, memory_bytes=2**31))
    task.compute(blocks[0], task.read(blocks[0]))
    for block in blocks:
        read, pixels = _time(partial(task.read, block))
        compute, result = _time(partial(task.compute, block, pixels))
        write, _ = _time(partial(task.write, block, result))
        for name, seconds in zip(spent, (read, compute, write), strict=True):
            spent[name] += seconds
    spent |= ready | {"pyramid": _time(labels.finish)[0]}
    spent["counting"] = _time(lambda: phase_fractions(open_labels(out)))[0]
    looked = _time(lambda: check_before_work(volume))[0]
    each = {name: round(1e9 * seconds / prod(volume.shape), 2) for name, seconds in spent.items()}
    return {
        "backend": fitted.backend,
        "block": list(blocks[0].core.shape),
        "processor_ns_per_voxel": each,
        "looking_ms_per_slice": round(1e3 * looked / volume.shape[0], 2),
    }


def _time(step: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor, of all threads, and the result."""
    began = time.process_time()
    result = step()
    return time.process_time() - began, result


def list_runs(options: argparse.Namespace) -> Iterator[tuple[str, int, int]]:
    for model in options.models:
        for power in options.sizes:
            for workers in options.workers:
                yield model, power, workers


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=["otsu", "porous-solid"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[8, 9, 10])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--options", nargs="*", default=[], help="further options of segment, without their dashes")
    parser.add_argument("--parts", action="store_true", help="only the processor time of each part of a block")
    parser.add_argument("--longest", type=float, default=900)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.parts:
        for model in options.models:
            keep("parts", {"model": model}, measure_parts(options.work, model))
        return
    for model, power, workers in list_runs(options):
        row = {"model": model, "workers": workers, "options": options.options}
        smaller = [
            each["wall_s"] for each in read_kept()["runs"] if {**row, "power": power - 1}.items() <= each.items()
        ]
        if smaller and 10 * smaller[-1] > options.longest:
            print(f"left out: {model} 10^{power} with {workers}, expected to take {10 * smaller[-1]:.0f} s")
            continue
        more = [f"--{name}" for name in options.options]
        keep("runs", {**row, "power": power}, measure(options.work, model, SHAPES[power], workers, more))


def read_kept() -> dict[str, Any]:
    """What was measured before."""
    kept: dict[str, Any] = json.loads(PLACE.read_text()) if PLACE.is_file() else {"runs": [], "parts": []}
    return kept


def keep(kind: str, row: dict[str, Any], found: dict[str, Any]) -> None:
    """Print what was found and keep it, in place of what was found of the same `row` before."""
    kept = read_kept()
    kept[kind] = [each for each in kept[kind] if not row.items() <= each.items()] + [{**row, **found}]
    print(json.dumps({**row, **found}))
    PLACE.write_text(json.dumps({**kept, "machine": machine()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
