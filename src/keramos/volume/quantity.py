"""A number with its unit, its method and, where it is honest, its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in `unit` (`1` for a fraction), how it was found, an interval with its nominal level, and the `domain`
    that was measured, where that is not the whole volume."""

    value: float
    unit: str
    method: str
    interval: tuple[float, float] | None = None
    level: float = 0.95
    domain: str = "whole volume"

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.interval is None:
            return f"{self.value:.4g}{unit}"
        return f"{self.value:.4g}{unit} [{self.interval[0]:.4g}, {self.interval[1]:.4g}]"
