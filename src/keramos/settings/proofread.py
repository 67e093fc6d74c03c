"""Options of proofreading: what counts as a place to look at."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core.options import Settings, option
from keramos.settings.resources import MemoryOptions


@dataclass(frozen=True, kw_only=True)
class ProofreadingOptions(MemoryOptions, Settings):
    """The kinds and sizes of places that are worth a look."""

    width: int = option(
        4, help="A phase narrower than this is a neck or a gap between two bodies.", unit="voxels", low=2, high=32
    )
    speck: int = option(200, help="Largest component that is a speck.", unit="voxels", low=1, high=10**9)
    unsure: float = option(0.5, help="Uncertainty (0 to 1) from which a voxel is in doubt.", low=0.0, high=1.0)
    tile: int = option(32, help="Largest edge of an uncertain or disputed patch.", unit="voxels", low=4, high=1024)
    extent: int = option(48, help="Largest edge of any other place.", unit="voxels", low=4, high=4096)
    count: int = option(100, help="Places of each kind.", low=1, high=100_000)
    threads: int = option(1, help="Threads.", group="Resources", affects_result=False, low=1, high=1024, metavar="N")
