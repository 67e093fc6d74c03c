"""Learning beside the person who draws: what strokes on one slice gain, and in which time, from the key press on.

A phantom, and the Lucchi crop ($KERAMOS_DATA/lucchi). Strokes of a brush are drawn in each phase of a slice, learnt,
and the slice is proposed anew; then as many in another slice, and so on. Scores are IoU of the whole slice in view,
strokes included, and of slices in which nothing is drawn. Every training has one core, and its time is that of the
processor: what else the machine does counts for nothing, and two cores do no less in that time.

    KERAMOS_DATA=... python benchmarks/studio_learning.py [--seeds 0 1 2] [--strokes 12] [--cases phantom lucchi]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from measured import data_folder, interval, on_one_core, write_results
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

import keramos
from keramos.core import NOT_ANNOTATED, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.project.assist import SECONDS, Assistant

RADIUS, STEPS = 4, 12
"""Of the brush, in pixels; and the steps of 6 pixels that a stroke has."""
LEARNS = 2
VOXELS = VoxelSize(5, 5, 5)
SCORED = 5
"""Slices without strokes that are scored, evenly spread."""


def open_case(name: str, seed: int, folder: Path) -> tuple[Volume, LabelVolume]:
    """A stack with its truth."""
    if name == "phantom":
        keramos.phantom(out=folder / "phantom", shape=(40, 384, 384), seed=seed)
        return (
            keramos.open_volume(folder / "phantom" / "images.ome.zarr"),
            keramos.open_labels(folder / "phantom" / "truth.ome.zarr"),
        )
    place = data_folder("lucchi")
    truth = keramos.open_labels(place / "labels.tif", phases="background=0,mitochondrion=1", voxel_size=VOXELS)
    return keramos.open_volume(place / "images.tif", voxel_size=VOXELS), truth


def draw_strokes(truth: NDArray[np.uint8], strokes: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Labels (Y X) of as many strokes in each phase: random walks that stay inside it, as wide as the brush."""
    labels = np.full(truth.shape, NOT_ANNOTATED, np.uint8)
    rows, columns = np.indices(truth.shape)
    for code in (0, 1):
        inside = distance_transform_edt(np.pad(truth == code, 1))[1:-1, 1:-1] > RADIUS
        places = np.argwhere(inside)
        for y, x in places[rng.integers(0, len(places), strokes)] if len(places) else []:
            heading = rng.uniform(0, 2 * np.pi)
            for _ in range(STEPS):
                labels[(rows - y) ** 2 + (columns - x) ** 2 <= RADIUS**2] = code
                heading += rng.normal(0, 0.4)
                ahead = round(y + 6 * np.sin(heading)), round(x + 6 * np.cos(heading))
                if not (0 <= ahead[0] < truth.shape[0] and 0 <= ahead[1] < truth.shape[1] and inside[ahead]):
                    heading += np.pi / 2
                    continue
                y, x = ahead
    return labels


def score(codes: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """IoU of phase 1."""
    return float(((codes == 1) & (truth == 1)).sum() / max(1, ((codes == 1) | (truth == 1)).sum()))


def score_elsewhere(beside: Assistant, truth: NDArray[np.uint8], drawn: list[int]) -> float:
    """Mean IoU of slices in which nothing is drawn."""
    free = [z for z in range(len(truth)) if z not in drawn]
    chosen = [free[i] for i in np.linspace(0, len(free) - 1, SCORED).round().astype(int)]
    for z in chosen:
        beside.propose(z)
    return float(np.mean([score(beside.proposals.codes(z), truth[z]) for z in chosen]))


def learn_some(job: tuple[str, int], *, strokes: int, seconds: float) -> dict[str, Any]:
    """Strokes in some slices, one after the other, each learnt."""
    name, seed = job
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as place:
        volume, opened = open_case(name, seed, Path(place))
        truth, phases = opened.read(), PhaseTable.from_names(opened.phases.names)
        beside = Assistant(volume, phases, Path(place) / "models", Path(place) / "proposal.ome.zarr", device="cpu")
        beside.warm_up()
        depth = len(truth)
        views = [depth // 2, depth // 4, 3 * depth // 4]
        beside.propose(views[0])
        rows = [{"model": 0, "view": score(beside.proposals.codes(views[0]), truth[views[0]])}]
        rows[0]["elsewhere"] = score_elsewhere(beside, truth, views)
        labels = np.full(truth.shape, NOT_ANNOTATED, np.uint8)
        for view in views[:LEARNS]:
            beside.propose(view)
            before = score(beside.proposals.codes(view), truth[view])
            labels[view] = draw_strokes(truth[view], strokes, rng)
            drawn = LabelVolume.from_array(labels, phases, volume.voxel_size)
            began, wall = time.process_time(), time.monotonic()
            record = beside.learn(drawn, slices=views, seconds=seconds)
            beside.propose(view)
            rows.append({"seconds": time.process_time() - began, "wall_seconds": time.monotonic() - wall})
            record = beside.score(record, drawn)
            after = {"before": before, "view": score(beside.proposals.codes(view), truth[view])}
            told = {"held_out": record.score and record.score.to_json(), "enough": beside.status()["enough"]["state"]}
            labelled = sum(record.voxels.values()) / truth[view].size
            rows[-1] |= {
                "model": record.number,
                "steps": record.steps,
                "labelled_of_a_slice": labelled,
                **after,
                **told,
            }
            rows[-1]["elsewhere"] = score_elsewhere(beside, truth, views)
            print(name, seed, {k: v for k, v in rows[-1].items() if k != "held_out"}, flush=True)
    return {"case": name, "seed": seed, "learns": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--strokes", type=int, default=12, help="in each phase of a slice")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="from the key press to the proposal")
    parser.add_argument("--cases", nargs="+", choices=("phantom", "lucchi"), default=["phantom", "lucchi"])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    jobs = [(case, seed) for case in options.cases for seed in options.seeds]
    work = partial(learn_some, strokes=options.strokes, seconds=options.seconds)
    with ProcessPoolExecutor(options.workers, get_context("spawn"), initializer=on_one_core) as pool:
        runs = list(pool.map(work, jobs))
    summary: dict[str, Any] = {}
    for case in options.cases:
        learns = [run["learns"] for run in runs if run["case"] == case]
        summary[case] = {
            "bundled_elsewhere": interval([rows[0]["elsewhere"] for rows in learns]),
            **{
                f"learn_{number}_{name}": interval([rows[number][name] for rows in learns])
                for number in range(1, LEARNS + 1)
                for name in ("seconds", "before", "view", "elsewhere")
            },
        }
    about = {"strokes": options.strokes, "radius_px": RADIUS, "seconds": options.seconds}
    write_results("studio_learning", {**about, "summary": summary, "runs": runs})


if __name__ == "__main__":
    main()
