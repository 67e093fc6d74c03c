"""How a volume is to be segmented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SegmentSettings:
    """How to run: `memory_bytes` bounds the blocks, `workers` is the number of processes, `scheduler` the address of a
    Dask cluster in their place. The `backend` of networks is the machine's fastest unless one is named. The `scores` of
    the phases and the `uncertainty` (entropy of the scores) are kept beside the labels if asked for. With a `threshold`
    a voxel is of the positive one of two phases where its score is at least that, else of the more likely phase.
    Components of the positive phase (specks), then of all else (holes), that are smaller than so many voxels or than a
    volume such as `1e6nm3` are removed: they get the phase with which they share most faces."""

    scores: bool = False
    uncertainty: bool = False
    threshold: float | None = None
    remove_specks: int | str = 0
    fill_holes: int | str = 0
    backend: str = "auto"
    workers: int = 1
    scheduler: str | None = None
    fresh: bool = False
    memory_bytes: int = 2 * 2**30
