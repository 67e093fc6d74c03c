"""Names of the facts that microscopes write, with what to call them, their units and the options that give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FactName:
    """A kind of fact.

    Attributes:
        title: what to call it.
        unit: of its value; empty for texts and switches.
        is_of_slice: each slice has its own, so that it is no fact about the stack.
    """

    title: str
    unit: str = ""
    is_of_slice: bool = False

    def show(self, value: Any, yes: str = "yes", no: str = "no") -> str:
        """A value with its unit, for people; a switch in the words for it.

        Example:
            >>> FactName("tilt", "°").show(38.0), FactName("pixel", "nm").show(26.395612), FactName("on").show(True)
            ('38°', '26.3956 nm', 'yes')
        """
        if isinstance(value, bool):
            return yes if value else no
        text = f"{value:.6g}" if isinstance(value, int | float) else str(value)
        return f"{text}{self.unit}" if self.unit in ("", "°") else f"{text} {self.unit}"


FACT_NAMES = {
    "maker": FactName("maker"),
    "instrument": FactName("instrument"),
    "detector": FactName("detector"),
    "beam": FactName("beam that made the image"),
    "voxel_size_z_nm": FactName("distance of slices", "nm"),
    "voxel_size_y_nm": FactName("pixel along y", "nm"),
    "voxel_size_x_nm": FactName("pixel along x", "nm"),
    "ion_slice_nm": FactName("slice of the ion beam as set", "nm"),
    "horizontal_field_um": FactName("width of the field", "µm"),
    "information_bar_rows": FactName("rows of the information bar"),
    "tilt_deg": FactName("tilt of the view from the section's normal", "°"),
    "tilt_corrected": FactName("image corrected for the tilt"),
    "columns_deg": FactName("angle between the columns", "°"),
    "scan_rotation_deg": FactName("rotation of the scan", "°"),
    "cutting_order": FactName("order of cutting along z"),
    "beam_voltage_kv": FactName("voltage of the beam", "kV"),
    "beam_current_na": FactName("current of the beam", "nA"),
    "dwell_us": FactName("dwell time of a pixel", "µs"),
    "working_distance_mm": FactName("working distance", "mm"),
    "followed": FactName("field of view followed the face"),
    "time": FactName("time of the image", is_of_slice=True),
    "slice_z_nm": FactName("position of the slice along z", "nm", is_of_slice=True),
    "field_shift_um": FactName("shift of the field of view (y, x)", "µm", is_of_slice=True),
    "stage_um": FactName("position of the stage (z, y, x)", "µm", is_of_slice=True),
}
"""Positions and shifts have their order of axes in brackets; shifts are seen along the electron beam, not on the tilted
section. Signs are the maker's."""
