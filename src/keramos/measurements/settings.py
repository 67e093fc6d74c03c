"""What to measure of a volume, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keramos.core.errors import SettingsError
from keramos.core.options import option


@dataclass(frozen=True)
class QuantifySettings:
    """`phases` to measure (all without any), `connectivity` of components (6, 18 or 26), `workers` (threads) and the
    memory to stay within. The global measurements are made of a cube of at most `domain_voxels` in the middle of the
    volume: `transport` solves for tortuosity factors (`conductivity` by phase for several conducting phases at once),
    `thickness` maps local thickness and the narrowest necks. Where scores and truth are given, too, `draws`
    segmentations of that cube are drawn (from `seed` on) to see how sure the segmentation is.

    Raises:
        SettingsError: fewer than two draws, which have no spread.
    """

    phases: tuple[str, ...] = ()
    connectivity: int = 6
    workers: int = option(2, help="Threads.", affects_result=False)
    memory_bytes: int = option(2 * 2**30, help="Memory to stay within.", affects_result=False)
    transport: bool = True
    thickness: bool = False
    conductivity: Mapping[str, float] = field(default_factory=dict)
    domain_voxels: int = 256**3
    tolerance: float = 1e-5
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.draws < 2:
            raise SettingsError(f"expected at least 2 draws, whose spread is asked for, found {self.draws}")
