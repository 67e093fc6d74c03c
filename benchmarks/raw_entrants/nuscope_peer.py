"""NUScope-TOMO (nuscope-tomo, MIT), run in an environment of its own: its alignment, curtains, shading and brightness,
with their defaults, on what a careful user has done by hand first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from raw_entry import Case, Entry

PEER = "KERAMOS_PEER_PYTHON"


def prepare(case: Case) -> Entry:
    """The answer of a process of the peer's environment."""
    python = os.environ.get(PEER)
    if not python:
        raise RuntimeError("not run: no --peer was given")
    command = [python, __file__, case.folder, case.work, case.rows, case.thickness_nm, case.columns_deg]
    here = str(Path(__file__).parents[1])
    subprocess.run([str(part) for part in command], check=True, env={**os.environ, "PYTHONPATH": here})
    said = dict(np.load(case.work / "said.npz"))
    names, _, places = case.read_by_hand()
    size = tuple(float(edge) for edge in said["voxel_size"])
    return Entry(
        names,
        said["shifts"],
        places,
        voxel_size_nm=(size[0], size[1], size[2]),
        volume=said["volume"],
        volume_z_nm=places,
        corner_px=(int(said["corner"][0]), int(said["corner"][1])),
    )


def work(folder: str, own: str, rows: str, thickness: str, columns: str) -> None:
    """Prepare a folder with the peer's functions, and save what the entry needs."""
    import dask.array
    from nuscope_tomo import Volume, VoxelSize  # type: ignore[import-not-found]
    from nuscope_tomo.io.stack import read_pixel_size_nm  # type: ignore[import-not-found]
    from nuscope_tomo.preprocess.align import align  # type: ignore[import-not-found]
    from nuscope_tomo.preprocess.correct import (  # type: ignore[import-not-found]
        destripe,
        flatten_shading,
        normalize_slices,
    )
    from nuscope_tomo.preprocess.geometry import tilt_correct  # type: ignore[import-not-found]

    case = Case(Path(folder), Path(own), float(thickness), float(columns), int(rows))
    names, images, _ = case.read_by_hand()
    edge = read_pixel_size_nm(case.folder / names[0]) or 1.0
    grey = dask.array.from_array(images, chunks=(8, -1, -1))
    raw = tilt_correct(Volume(grey, VoxelSize(case.thickness_nm, edge, edge)), case.columns_deg)
    aligned = align(raw)
    drift, volume = aligned["drift"], aligned["volume"]
    shifts = np.stack([drift["dy_applied"], drift["dx_applied"]], axis=1)
    corner = [int(np.ceil(max(axis.max(), 0))) if np.ptp(axis) else 0 for axis in shifts.T]
    for correct in (destripe, flatten_shading, normalize_slices):
        volume = correct(volume)
    saved: dict[str, Any] = {
        "shifts": shifts,
        "corner": corner,
        "voxel_size": volume.voxel_size.as_tuple(),
        "volume": volume.numpy(),
    }
    np.savez(case.work / "said.npz", **saved)


if __name__ == "__main__":
    work(*sys.argv[1:])
