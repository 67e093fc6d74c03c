"""How a volume is to be segmented."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core.options import option


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
    workers: int = option(1, help="Worker processes.", affects_result=False)
    scheduler: str | None = option(None, help="Address of a Dask cluster.", affects_result=False)
    fresh: bool = option(False, help="Start over.", affects_result=False)
    memory_bytes: int = option(2 * 2**30, help="Memory to stay within.", affects_result=False)
