"""A measured number with its unit, method and, where it can be estimated, its confidence interval."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core.notebook_html import facts_html


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
        standard_error: of sampling, from which `interval` follows by Student's t; None where it is not known.

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
    standard_error: float | None = None

    def _repr_html_(self) -> str:
        level = f"{100 * self.level:g} % interval"
        facts: list[tuple[str, object]] = [("method", self.method), ("domain", self.domain)]
        if self.interval is not None:
            facts.append((level, " to ".join(f"{end:.4g}" for end in self.interval)))
        if self.segmentation is not None:
            facts.append((f"{level} incl. segmentation", " to ".join(f"{end:.4g}" for end in self.segmentation)))
        return facts_html(f"{self.value:.4g}" + ("" if self.unit == "1" else f" {self.unit}"), facts)

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.interval is None:
            return f"{self.value:.4g}{unit}"
        return f"{self.value:.4g}{unit} [{self.interval[0]:.4g}, {self.interval[1]:.4g}]"
