"""A number with its unit, its method and, where it is honest, its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in `unit` (`1` for a fraction), how it was found, an interval with its nominal level, and the `domain`
    that was measured, where that is not the whole volume.

    `interval` says how representative the volume is of its material, `segmentation` (of the same level) how sure the
    segmentation is of this very volume: where the value would lie if every voxel were right. The segmentation's bias
    is corrected in it, so it need not hold the value."""

    value: float
    unit: str
    method: str
    interval: tuple[float, float] | None = None
    level: float = 0.95
    domain: str = "whole volume"
    segmentation: tuple[float, float] | None = None

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.interval is None:
            return f"{self.value:.4g}{unit}"
        return f"{self.value:.4g}{unit} [{self.interval[0]:.4g}, {self.interval[1]:.4g}]"
