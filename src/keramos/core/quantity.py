"""A measured number with its unit, method and, where it can be estimated, its confidence interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """One measured number.

    Attributes:
        value: in `unit`.
        unit: `1` for a fraction.
        method: how it was measured.
        interval: confidence interval for sampling error: how representative the volume is of its material.
        level: nominal level of both intervals.
        domain: the part of the volume that was measured.
        segmentation: confidence interval for segmentation error: where the value would lie if every voxel were
            labelled correctly. It corrects the segmentation's bias, so it need not contain `value`.

    Example:
        >>> print(Quantity(0.23456, "1", "voxel count", (0.2, 0.27)))
        0.2346 [0.2, 0.27]
    """

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
