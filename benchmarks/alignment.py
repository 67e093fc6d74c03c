"""Does alignment take the drift out, and nothing else? Keramos beside nuscope-tomo and scikit-image.

    drift     bodies x thickness of slices x severity: what is left of a walk of 0.7 px a slice, without its line
    still     stacks without drift: what is done to them; and whether steps of 0.3 px are noticed
    fiducial  the shear from a mark in a box
    isotropy  the shear by isotropy: how often its 95 % interval holds the true one
    real      lucchi, and the geometry of berea imaged, moved by parts of pixels

    KERAMOS_DATA=... python benchmarks/alignment.py --work DIR [--parts drift still ...] [--number N] [--peer PYTHON]

PYTHON is an interpreter of an environment with nuscope-tomo. Rows that are in DIR are not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from alignment_stacks import BODIES, ISOTROPIC, STEP, Moved, move_stack, paint_mark, phantom, walk
from measured import data_folder, write_results
from numpy.typing import NDArray
from skimage.registration import phase_cross_correlation

from keramos.core import VOID_SOLID, Box, LabelVolume, VoxelSize
from keramos.preparation import RawStack, SliceShifts
from keramos.preparation.alignment import observe_shifts, split_drift
from keramos.preparation.alignment.motion import flatten
from keramos.simulation import Geometry, PhantomSettings, PhantomStack, collect_slabs

SHAPE, STILL = (60, 400, 400), (40, 300, 300)
BOX = (20, 100, 20, 100)
_PEER = """
import sys, numpy as np
from nuscope_tomo import Volume, VoxelSize
from nuscope_tomo.preprocess.align import align
drift = align(Volume(np.load(sys.argv[1]), VoxelSize(20, 20, 20)))["drift"]
np.save(sys.argv[2], drift[["dy_applied", "dx_applied"]].to_numpy())
"""
Entrant = Callable[[Moved], NDArray[np.float64]]
Rows = Iterator[tuple[str, Callable[[], dict[str, Any]]]]


def keramos(stack: Moved, fiducial: tuple[int, int, int, int] | None = None, evidence: Any = "none") -> SliceShifts:
    shape = stack.grey.shape
    observer = observe_shifts(RawStack((shape[0], shape[1], shape[2])), fiducial)
    for z, plane in enumerate(stack.grey):
        observer.add(z, plane.astype(np.float32))
    return split_drift(observer.finish(), evidence)


def chained(stack: Moved) -> NDArray[np.float64]:
    pairs = pairwise(stack.grey.astype(np.float32))
    steps = [phase_cross_correlation(one, other, upsample_factor=10)[0] for one, other in pairs]
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])


def peer(python: str, work: Path) -> Entrant:
    def align(stack: Moved) -> NDArray[np.float64]:
        given, answer = work / "given.npy", work / "answer.npy"
        np.save(given, stack.grey)
        subprocess.run([python, "-c", _PEER, str(given), str(answer)], check=True, capture_output=True)
        return np.load(answer)

    return align


def score(stack: Moved, yx: NDArray[np.float64]) -> dict[str, Any]:
    """What is left without a line (rms of both axes, and Y X), and the shear that was given to the images (Y X)."""
    every = np.arange(len(yx))
    bent, _ = flatten(every, yx - stack.yx)
    return {
        "left rms px": rms(bent),
        "left px y x": np.sqrt(np.mean(bent**2, axis=0)).round(3).tolist(),
        "shear done deg y x": angle(flatten(every, yx)[1], stack.thickness),
    }


def angle(steady: Any, thickness: float) -> list[float]:
    return np.degrees(np.arctan(np.array(steady) / thickness)).round(2).tolist()


def rms(values: NDArray[np.float64]) -> float:
    return round(float(np.sqrt(np.mean(values**2))), 3)


def compare(stack: Moved, entrants: dict[str, Entrant]) -> dict[str, Any]:
    row = {}
    for name, align in entrants.items():
        yx = align(stack)
        row[name] = score(stack, yx - yx.mean(axis=0))
    return row


def drift_cases() -> Iterator[tuple[float, str, int]]:
    for severity in (0.5, 0.8, 0.3):
        for body in BODIES:
            for thickness in (1, 2, 3):
                if severity == 0.5 or (thickness != 2 and body in ("field", "spheres", "fibres 45")):
                    yield severity, body, thickness


def drift_rows(work: Path, entrants: dict[str, Entrant]) -> Rows:
    for severity, body, thickness in drift_cases():
        made = {"seed": 0, "thickness": thickness, "shape": SHAPE, "severity": severity, "step": STEP, "work": work}
        name = f"{body}, {thickness} px, severity {severity}"
        yield name, lambda b=body, m=made: compare(phantom(b, **m), entrants)


def still_rows(work: Path, entrants: dict[str, Entrant]) -> Rows:
    for thickness in (1, 2, 3):
        for body in BODIES:
            made = {"seed": 0, "thickness": thickness, "shape": STILL, "severity": 0.5, "step": 0.0, "work": work}
            yield f"{body}, {thickness} px", lambda b=body, m=made: still(phantom(b, **m), entrants)


def still(stack: Moved, entrants: dict[str, Entrant]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, align in entrants.items():
        yx = align(stack)
        yx = yx - yx.mean(axis=0)
        bent, steady = flatten(np.arange(len(yx)), yx)
        row[name] = {
            "done rms px": rms(yx),
            "of it bent": rms(bent),
            "shear done deg y x": angle(steady, stack.thickness),
        }
    steps = move_stack(stack.grey, walk(5, len(stack.grey), 0.3), 8, stack.thickness)
    row["steps of 0.3 px noticed"] = keramos(steps).is_moved
    return row


def fiducial_rows(work: Path, _: dict[str, Entrant]) -> Rows:
    for thickness in (1, 2, 3):
        for body in BODIES:
            made = {"seed": 0, "thickness": thickness, "shape": SHAPE, "severity": 0.5, "step": STEP, "work": work}
            yield f"{body}, {thickness} px", lambda b=body, m=made: fiducial(phantom(b, **m))


def fiducial(stack: Moved) -> dict[str, Any]:
    shifts = keramos(paint_mark(stack, BOX), BOX, "fiducial")
    off = np.array(shifts.shear.yx) - flatten(np.arange(len(stack.yx)), stack.yx)[1]
    return {"shear error deg y x": angle(off, stack.thickness), "sd deg y x": angle(shifts.shear.sd, stack.thickness)}


def isotropy_rows(work: Path, _: dict[str, Entrant]) -> Rows:
    """Parts of 30 x 133 x 133 voxels of the phantoms of isotropic bodies in `drift`: other structure in each."""
    for z, y, x in np.ndindex(2, 3, 3):
        for severity, body, thickness in drift_cases():
            made = {"seed": 0, "thickness": thickness, "shape": SHAPE, "severity": severity, "step": STEP, "work": work}
            part = (slice(30 * z, 30 * z + 30), slice(133 * y, 133 * y + 133), slice(133 * x, 133 * x + 133))
            name = f"{body}, {thickness} px, severity {severity}, part {z} {y} {x}"
            if body in ISOTROPIC:
                yield name, lambda b=body, m=made, p=part: isotropy(cut(phantom(b, **m), p))


def cut(stack: Moved, part: tuple[slice, slice, slice]) -> Moved:
    return Moved(stack.grey[part], stack.yx[part[0]], stack.thickness)


def isotropy(stack: Moved) -> dict[str, Any]:
    free = keramos(stack).free_shear
    if free is None:
        return {}
    off = np.array(free.yx) - flatten(np.arange(len(stack.yx)), stack.yx)[1]
    held = [bool(abs(value) <= 1.96 * sd) for value, sd in zip(off, free.sd, strict=True)]
    return {"off px y x": np.round(off, 4).tolist(), "sd px y x": np.round(free.sd, 4).tolist(), "held": held}


def real_rows(_: Path, entrants: dict[str, Entrant]) -> Rows:
    yield "lucchi, 5 nm", lambda: moved_row(tifffile.imread(data_folder("lucchi") / "images.tif")[:60], 1, entrants)
    for thickness in (1, 3):
        yield f"berea imaged, {thickness} px", lambda t=thickness: moved_row(berea(t), t, entrants)


def moved_row(grey: NDArray[np.uint8], thickness: float, entrants: dict[str, Entrant]) -> dict[str, Any]:
    """A stack as it is, and with drift put in: the drift of the stack itself is not known, so the difference counts."""
    drift = walk(3, len(grey), STEP)
    margin = int(np.ceil(np.abs(drift).max())) + 6
    still, moved = (move_stack(grey, part, margin, thickness) for part in (0 * drift, drift))
    row = {}
    for name, align in entrants.items():
        before, after = align(still), align(moved)
        bent, _ = flatten(np.arange(len(grey)), after - before - drift)
        own, steady = flatten(np.arange(len(grey)), before)
        row[name] = {
            "left of what was put in, rms px": rms(bent),
            "done to the stack as it is, bent rms px": rms(own),
            "shear done deg y x": angle(steady, thickness),
        }
    return row


def berea(thickness: int) -> NDArray[np.uint8]:
    """Berea at 20 nm a pixel, its slices `thickness` pixels apart, imaged at severity 0.5."""
    codes = (tifffile.imread(data_folder("geometry") / "berea.tif") > 127).astype(np.uint8)
    body = Geometry(LabelVolume.from_array(codes, VOID_SOLID, VoxelSize(20, 20, 20)), "berea")
    settings = PhantomSettings((60, 400, 400), seed=1, voxel_size=VoxelSize(20 * thickness, 20, 20))
    still = PhantomStack(settings, body).microscope.scale(stage_drift=0.0)
    images = collect_slabs(PhantomStack(settings, body, still)).images
    return images.read(Box((0, 0, 0), settings.shape))


PARTS = {
    "drift": drift_rows,
    "still": still_rows,
    "fiducial": fiducial_rows,
    "isotropy": isotropy_rows,
    "real": real_rows,
}


def coverage(rows: dict[str, Any]) -> dict[str, Any]:
    held = np.array([row["held"] for row in rows.values() if row])
    return (
        {"stacks": len(held), "95 % interval holds the truth, y x": held.mean(axis=0).round(3).tolist()}
        if len(held)
        else {}
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--number", type=int, help="rows of each part at most")
    parser.add_argument("--peer", help="Python of an environment with nuscope-tomo")
    chosen = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    chosen.work.mkdir(parents=True, exist_ok=True)
    entrants: dict[str, Entrant] = {"keramos": lambda stack: keramos(stack).yx, "scikit-image chained": chained}
    if chosen.peer:
        entrants["nuscope-tomo"] = peer(chosen.peer, chosen.work)
    kept = chosen.work / "rows.json"
    rows: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else {}
    for part in chosen.parts:
        here = rows.setdefault(part, {})
        for name, make in list(PARTS[part](chosen.work, entrants))[: chosen.number]:
            if name not in here:
                here[name] = make()
                print(part, name, here[name], flush=True)
                kept.write_text(json.dumps(rows))
    write_results("alignment", {"isotropy, all": coverage(rows.get("isotropy", {})), **rows})


if __name__ == "__main__":
    main()
