"""The drawing of labels without a window: a journal of a million strokes, strokes saved one by one, tools on a slice of
1,024 x 1,024 voxels, and labels saved for learning.

    python benchmarks/drawing.py --work DIR [--parts strokes,journal,tools,labels,quality] [--strokes 1000000]

The journal takes about half a gigabyte in DIR. No data needed, but for quality, which reads ba122 and lucchi.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from measured import RESULTS, data_folder, machine, write_results
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

import keramos
from keramos.annotation.drawing import (
    Drawing,
    Edit,
    Patch,
    VolumeScene,
    close_drawing,
    make_edit,
    make_patches,
    open_drawing,
    save_drawing,
)
from keramos.annotation.drawing.edit import Undone
from keramos.annotation.drawing.records import encode_record
from keramos.annotation.drawing.smooth_grey import grey_span, smooth_grey
from keramos.annotation.tools.smart_fill import SmartFillOptions, find_region
from keramos.annotation.tools.superpixel import SuperpixelOptions, find_superpixels
from keramos.annotation.tools.tones import divide_into_tones
from keramos.core import VOID_SOLID, Volume, VoxelSize

SHAPE = (1000, 1024, 1024)
SLICES = 20


class BlankScene(VolumeScene):
    """A scene whose grey values nobody looks at."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._drawing.shape


def make_gesture(rng: np.random.Generator, z: int) -> dict[str, Any]:
    """A stroke of 12 points, about 50 voxels long, that wanders as a hand does."""
    steps = np.cumsum(rng.normal(0, 3, (12, 2)) + rng.normal(0, 3, 2), axis=0)
    points = (rng.uniform(50, 974, 2) + steps).round(1).tolist()
    tool = "eraser" if rng.random() < 0.1 else "brush"
    return {"tool": tool, "z": z, "phase": int(rng.integers(2)), "points": points, "options": {"radius": 6.0}}


def measure_strokes(work: Path) -> dict[str, Any]:
    """Milliseconds from a gesture to its record on the disk, one by one, on an empty and on a full drawing."""
    path = work / "strokes" / "journal.jsonl"
    path.unlink(missing_ok=True)
    drawing, rng = open_drawing(path, SHAPE, VOID_SOLID), np.random.default_rng(0)
    scene, times = BlankScene(drawing), []
    for number in range(1000):
        gesture = make_gesture(rng, number % SLICES)
        start = time.perf_counter()
        drawing.make(make_edit(scene, gesture))
        times.append(1e3 * (time.perf_counter() - start))
    undo = []
    for _ in range(200):
        start = time.perf_counter()
        drawing.undo()
        undo.append(1e3 * (time.perf_counter() - start))
    return {"stroke_ms": describe_times(times), "undo_ms": describe_times(undo)}


def write_journal(path: Path, strokes: int) -> dict[str, Any]:
    """A journal of so many records: a thousand strokes and what takes them back, again and again, with an undo and a
    redo after every hundred. Written without waiting for the disk: a stroke at a time would take hours."""
    made = path.with_name("made.json")
    if made.exists():
        known: dict[str, Any] = json.loads(made.read_text("utf-8"))
        return known
    path.parent.mkdir(exist_ok=True)
    for old in (path, path.with_suffix(".snapshot")):
        old.unlink(missing_ok=True)
    open_drawing(path, SHAPE, VOID_SOLID)
    model, rng = Drawing(SHAPE, VOID_SOLID), np.random.default_rng(0)
    scene = BlankScene(model)
    cycle = [model.make(make_edit(scene, make_gesture(rng, 50 * (n % SLICES)))) for n in range(1000)]
    cycle = [edit for edit in cycle if edit.patches]
    cycle += [model.make(replace(edit, patches=invert(model, edit))) for edit in reversed(cycle)]
    number, time_s = 0, 0
    with path.open("ab") as file:
        while number < strokes:
            edit = cycle[time_s % len(cycle)]
            number, time_s = number + 1, time_s + 1
            when = f"2026-01-01T{time_s // 3600 % 24:02}:{time_s // 60 % 60:02}:{time_s % 60:02}.000+00:00"
            file.write(encode_record(replace(edit, number=number, time=when)))
            if number % 100 == 0:
                file.write(encode_record(Undone(number, False, number + 1, when)))
                file.write(encode_record(Undone(number, True, number + 2, when)))
                number += 2
    made.write_text(json.dumps({"records": number, "journal_mb": path.stat().st_size / 1e6}), "utf-8")
    return write_journal(path, strokes)


def invert(drawing: Drawing, edit: Edit) -> tuple[Patch, ...]:
    """The patches that take an edit back, as a change of its own."""
    return tuple(Patch(p.z, p.y, p.x, drawing.plane(p.z)[p.area].copy(), p.before) for p in edit.patches)


def measure_opening(path: Path) -> dict[str, Any]:
    """In a process of its own: seconds to open the journal, of the clock and of the processor, the memory that it takes
    then, and undo at once."""
    start, busy = time.perf_counter(), time.process_time()
    drawing = open_drawing(path, SHAPE)
    opened, busy = time.perf_counter(), time.process_time() - busy
    drawing.undo()
    undone = time.perf_counter()
    drawing.redo()
    return {
        "seconds": opened - start,
        "processor_s": busy,
        "undo_ms": 1e3 * (undone - opened),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "labels": describe_labels(drawing),
        "can_be_undone": drawing.undo_count,
    }


def measure_journal(work: Path, strokes: int) -> dict[str, Any]:
    """Opening of a long journal: without a snapshot, by one, and by one that is as old as any gets."""
    path = work / "long" / "journal.jsonl"
    made, opened = write_journal(path, strokes), {"without a snapshot": open_in_a_process(path)}
    drawing = open_drawing(path, SHAPE)
    close_drawing(drawing)
    made["snapshot_mb"] = path.with_suffix(".snapshot").stat().st_size / 1e6
    opened["by a snapshot"] = open_in_a_process(path)
    drawing = open_drawing(path, SHAPE)
    rng, scene = np.random.default_rng(1), BlankScene(drawing)
    for _ in range((max(1000, strokes // 50) - SLICES) // SLICES):
        drawing.make_all([make_edit(scene, make_gesture(rng, 50 * n)) for n in range(SLICES)])
    opened["by a snapshot 2 % of the records old"] = last = open_in_a_process(path)
    made["same_labels"] = len({row["labels"] for row in list(opened.values())[:2]}) == 1
    made["same_as_drawn"] = last["labels"] == describe_labels(drawing)
    return {"made": made, "opened": opened}


def open_in_a_process(path: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, "--open", str(path)], capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def describe_labels(drawing: Drawing) -> str:
    """A digest of all labels, their sources, and how much can be undone."""
    planes = [drawing.plane(z).tobytes() + drawing.sources(z).tobytes() for z in drawing.annotated_slices()]
    return sha256(b"".join([*planes, f"{drawing.undo_count} {drawing.redo_count}".encode()])).hexdigest()


def describe_times(values: list[float]) -> dict[str, float]:
    return {name: float(np.quantile(values, q)) for name, q in (("median", 0.5), ("p95", 0.95), ("max", 1.0))}


def make_stack() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Grey values and labels of three slices: a smooth random structure with noise."""
    rng = np.random.default_rng(0)
    field = gaussian_filter(rng.normal(size=(3, 1024, 1024)), (1, 8, 8))
    truth = (field > 0).astype(np.uint8)
    grey = gaussian_filter(90 + 80.0 * truth, (0, 1.5, 1.5)) + rng.normal(0, 12, truth.shape)
    return np.clip(grey, 0, 255).astype(np.uint8), truth


def measure_tools() -> dict[str, Any]:
    """Milliseconds of each tool on 1,024 x 1,024 voxels, of the clock and of the processor: medians of nine."""
    grey, truth = make_stack()
    drawing = Drawing((3, 1024, 1024), VOID_SOLID)
    for z in (0, 2):
        drawing.make(Edit("truth", make_patches(z, drawing.plane(z), np.ones((1024, 1024), bool), truth[z])))
    volume = Volume.from_array(grey, VoxelSize(10, 5, 5))
    scene = VolumeScene(volume, drawing, lambda z: truth[z])
    turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    ring = np.stack([512 + 300 * np.cos(turn), 512 + 300 * np.sin(turn)], axis=1).tolist()
    cases: dict[str, tuple[str, int, list[Any], dict[str, Any]]] = {
        "brush, 300 points, radius 6": ("brush", 1, ring, {}),
        "brush, 300 points, radius 50": ("brush", 1, ring, {"radius": 50}),
        "eraser": ("eraser", 0, ring, {}),
        "polygon, 300 points": ("polygon", 1, ring, {}),
        "contour, 300 points": ("contour", 1, ring, {}),
        "smart fill, one click": ("smart_fill", 1, [[512, 512]], {}),
        "superpixels, a stroke of 60 voxels": ("superpixel", 1, [[500, 500], [560, 500]], {}),
        "superpixels, a stroke around the slice": ("superpixel", 1, ring, {}),
        "tones, one click": ("tones", 1, [[512, 512]], {}),
        "copy slice": ("copy_slice", 1, [], {}),
        "interpolate one slice": ("interpolate", 1, [], {}),
        "smooth, 300 points": ("smooth", 0, ring, {}),
        "close gaps, 300 points": ("close_gaps", 0, ring, {"keep": False}),
        "accept a slice": ("accept", 1, [], {}),
    }
    rows = {}
    for name, (tool, z, points, options) in cases.items():
        gesture = {"tool": tool, "z": z, "phase": 1, "points": points, "options": options}
        times = []
        for _ in range(9):
            start, busy = time.perf_counter(), time.process_time()
            make_edit(scene, gesture)
            times.append((1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - busy)))
        clock, processor = np.median(times, axis=0)
        rows[name] = {"clock_ms": float(clock), "processor_ms": float(processor)}
    return rows


def measure_ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def measure_labels(work: Path) -> dict[str, Any]:
    """Seconds to save five drawn slices of stacks of growing depth for learning."""
    rows = {}
    for depth in (50, 500, 2000):
        drawing, rng = Drawing((depth, 1024, 1024), VOID_SOLID), np.random.default_rng(0)
        for z in np.linspace(0, depth - 1, 5).astype(int).tolist():
            codes = (gaussian_filter(rng.normal(size=(1024, 1024)), 5) > 0).astype(np.uint8)
            drawing.make(Edit("truth", make_patches(z, drawing.plane(z), np.ones(codes.shape, bool), codes)))
        place = work / f"labels-{depth}.ome.zarr"
        rows[f"{depth} slices"] = {
            "first_s": measure_ms(lambda drawing=drawing, place=place: save_drawing(place, drawing)) / 1e3,  # type: ignore[misc]
            "again_s": measure_ms(lambda drawing=drawing, place=place: save_drawing(place, drawing)) / 1e3,  # type: ignore[misc]
        }
    return rows


def measure_quality(work: Path) -> dict[str, Any]:
    """How well fills, superpixels and tones can follow the truth on a phantom and on real images."""
    rows = {}
    for name, (grey, truth) in load_pairs(work).items():
        rows[name] = {
            "smart_fill_precision": fill_random_places(grey, truth),
            "iou_within_reach": {
                **{
                    f"superpixels of {size}": iou_of_best(
                        find_superpixels(grey, (slice(0, grey.shape[0]), slice(0, grey.shape[1])), options)[0], truth
                    )
                    for size in (6, 8, 12)
                    for options in [SuperpixelOptions(size=size)]
                },
                **{f"{count} tones (Otsu)": iou_of_best(divide_into_tones(grey, count), truth) for count in (4, 8)},
                "8 tones (quantiles)": iou_of_best(divide_by_quantiles(grey, 8), truth),
                "8 tones (equal steps)": iou_of_best(divide_equally(grey, 8), truth),
            },
        }
    return rows


def load_pairs(work: Path) -> dict[str, tuple[NDArray[Any], NDArray[np.uint8]]]:
    """Slices with their truth: a phantom, a micrograph of a porous ceramic, and mitochondria."""
    if not (work / "phantom").exists():
        keramos.phantom(out=work / "phantom", shape=(3, 512, 512), seed=3)
    ba122, lucchi = data_folder("ba122"), data_folder("lucchi")
    sources = {
        "phantom": (work / "phantom/images.ome.zarr", work / "phantom/truth.ome.zarr", None, 1),
        "ba122": (ba122 / "sample_001_sem.bmp", ba122 / "sample_001_th.bmp", "void=0-127,solid=128-255", 0),
        "lucchi": (lucchi / "images.tif", lucchi / "labels.tif", None, 10),
    }
    return {
        name: (keramos.open_volume(images).read()[z], keramos.open_labels(labels, phases=phases).read()[z])
        for name, (images, labels, phases, z) in sources.items()
    }


def fill_random_places(grey: NDArray[Any], truth: NDArray[np.uint8]) -> dict[str, float]:
    """The share of filled voxels in the phase that was clicked, over 100 random clicks."""
    rng, span, shares = np.random.default_rng(0), grey_span(grey), []
    for _ in range(100):
        y, x = (int(rng.integers(8, n - 8)) for n in grey.shape)
        region = find_region(grey, (y, x), SmartFillOptions(), span)
        shares.append(float((truth[region] == truth[y, x]).mean()))
    return {"mean": float(np.mean(shares)), "median": float(np.median(shares))}


def iou_of_best(parts: NDArray[np.integer], truth: NDArray[np.uint8]) -> float:
    """IoU of the phase 1 if each part is given the phase that most of it has."""
    votes = np.bincount(parts.ravel() * 2 + truth.ravel(), minlength=2 * int(parts.max()) + 2).reshape(-1, 2)
    drawn = votes.argmax(axis=1)[parts]
    return float(((drawn == 1) & (truth == 1)).sum() / ((drawn == 1) | (truth == 1)).sum())


def divide_by_quantiles(grey: NDArray[Any], count: int) -> NDArray[np.int64]:
    smooth = smooth_grey(grey, 1)
    return np.searchsorted(np.quantile(smooth, np.arange(1, count) / count), smooth, side="right")


def divide_equally(grey: NDArray[Any], count: int) -> NDArray[np.int64]:
    smooth = smooth_grey(grey, 1)
    low, high = np.percentile(smooth, (0.5, 99.5))
    return np.searchsorted(np.linspace(low, high, count + 1)[1:-1], smooth, side="right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--parts", default="strokes,journal,tools,labels,quality")
    parser.add_argument("--strokes", type=int, default=1_000_000)
    parser.add_argument("--open", type=Path)
    given = parser.parse_args()
    if given.open:
        print(json.dumps(measure_opening(given.open)))
        return
    given.work.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "strokes": lambda: measure_strokes(given.work),
        "journal": lambda: measure_journal(given.work, given.strokes),
        "tools": measure_tools,
        "labels": lambda: measure_labels(given.work),
        "quality": lambda: measure_quality(given.work),
    }
    path = RESULTS / "drawing.json"
    results = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for part in given.parts.split(","):
        results[part] = parts[part]()
        print(part, json.dumps(results[part], indent=1))
        write_results("drawing", {**results, "machine": machine()})


if __name__ == "__main__":
    main()
