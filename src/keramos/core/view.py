"""How the microscope looked at the section: metadata that travels with a volume."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from keramos.core.errors import SettingsError

CuttingOrder = Literal["increasing", "decreasing"]


@dataclass(frozen=True, slots=True)
class View:
    """Geometry of the view of a slice-and-view stack.

    `tilt_deg` is the angle between the electron beam and the section's *normal* (38 degrees in Hirabayashi et al.
    2024, whose beam stands 52 degrees to the section's plane). `cutting_order` says whether z grows with the order
    of cutting. `frame` is `section` when each image is registered on its own section, so that a void pixel (z, y)
    shows what lies at (z + n, y + n * tan(tilt) * z_nm / y_nm); `sheared` when the line of sight was registered
    instead.
    """

    tilt_deg: float = 38.0
    cutting_order: CuttingOrder = "increasing"
    frame: Literal["section", "sheared"] = "section"

    def __post_init__(self) -> None:
        if not 0 <= self.tilt_deg < 90:
            raise SettingsError(f"expected a tilt from the section's normal of 0 to 90 degrees, found {self.tilt_deg}")

    def path_nm(self, depth_nm: float) -> float:
        """Length of the line of sight down to `depth_nm` below the section."""
        return depth_nm / math.cos(math.radians(self.tilt_deg))
