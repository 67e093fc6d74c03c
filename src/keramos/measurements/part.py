"""The part of a volume that global measurements are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.measurements.measurement import Domain


@dataclass(frozen=True, eq=False)
class Part:
    """The codes of the domain of global measurements, and its name."""

    codes: NDArray[np.uint8]
    name: str
    domain: Domain

    def phase(self, code: int) -> str:
        return self.domain.phases.names[code]
