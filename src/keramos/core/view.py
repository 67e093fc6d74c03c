"""Viewing geometry of a slice-and-view stack: metadata that travels with a volume."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from keramos.core.errors import SettingsError

CuttingOrder = Literal["increasing", "decreasing"]


@dataclass(frozen=True, slots=True)
class View:
    """Viewing geometry of a slice-and-view stack.

    Attributes:
        tilt_deg: angle between the electron beam and the *normal* of the section (38 degrees in Hirabayashi et al.
            2024, where the beam is at 52 degrees to the plane of the section).
        cutting_order: whether z increases or decreases in the order of cutting.
        frame: `section` if each image is registered to its own section, so that a void pixel (z, y) shows what lies
            at (z + n, y + n * tan(tilt) * z_nm / y_nm); `sheared` if the line of sight was registered instead.
        scan_rotation_deg: by how much the scan was turned; at 180 degrees the upper edge of the image is the lower one
            of the specimen as it stands in the microscope. None where it is unknown.

    Raises:
        SettingsError: a tilt that is not from 0 to below 90 degrees.
    """

    tilt_deg: float = 38.0
    cutting_order: CuttingOrder = "increasing"
    frame: Literal["section", "sheared"] = "section"
    scan_rotation_deg: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.tilt_deg < 90:
            raise SettingsError(f"expected a tilt from the section's normal of 0 to 90 degrees, found {self.tilt_deg}")

    def to_json(self) -> dict[str, Any]:
        """JSON values by the names of the attributes; the rotation of the scan only where it is known."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def path_nm(self, depth_nm: float) -> float:
        """Length in nm of the line of sight down to `depth_nm` below the section.

        Example:
            >>> round(View(tilt_deg=60.0).path_nm(100.0))
            200
        """
        return depth_nm / math.cos(math.radians(self.tilt_deg))
