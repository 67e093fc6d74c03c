"""The position of each slice along z, by every source that there is, and findings about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding
from keramos.core.errors import OptionError
from keramos.io import slice_places, uneven_positions
from keramos.preparation import (
    Observation,
    PositionSource,
    Preparation,
    RulerReading,
    SlicePositions,
    place_by_likeness,
    place_by_ruler,
)
from keramos.project.preparing.raw import RawInput
from keramos.settings.prepare import PrepareSettings

LIKENESS: Literal["likeness"] = "likeness"
RULER: Literal["ruler"] = "ruler"
LIGHT = "light"
_EVEN = 0.02
"""Of the pitch: positions that deviate by less are rounded numbers."""
_UNEVEN = 0.06
"""Of the pitch: steps that vary by less are not reported."""


@dataclass(frozen=True, eq=False)
class Positions:
    """The positions of the slices that are used, by each source that there is, and the source that is chosen."""

    source: PositionSource
    known: dict[str, SlicePositions]
    pitch_nm: float

    @property
    def nm(self) -> NDArray[np.float64]:
        """The positions of the chosen source."""
        return self.known[self.source].nm


def find_positions(observed: Observation, raw: RawInput, settings: PrepareSettings) -> Positions:
    """The positions of the slices that were kept, in nm from the first of the stack, and the pitch of the volume; in
    slices where no thickness is known.

    Raises:
        OptionError: a source that does not tell them.
    """
    size = raw.volume.voxel_size
    pitch = size.z_nm if size is not None else 1.0
    even = np.asarray(slice_places(raw.volume)[list(observed.kept)] * pitch, np.float64)
    by_source = {
        "even": SlicePositions(even),
        "metadata": _read_stated(observed.kept, raw),
        LIKENESS: _compare_slices(observed, even, pitch),
        RULER: _read_ruler(observed, raw, even, settings),
    }
    known = {name: positions for name, positions in by_source.items() if positions is not None}
    default: PositionSource = "metadata" if "metadata" in known else "even"
    source = settings.positions or (RULER if settings.ruler is not None else default)
    if source not in known:
        raise _refusal(source)
    return Positions(source, known, pitch)


def refuse_positions(raw: RawInput, settings: PrepareSettings) -> None:
    """Refuse positions by metadata where the files state none, or by a ruler that is not given, before slices are
    read. OptionError."""
    if settings.ruler is None and settings.positions == RULER:
        raise _refusal(RULER)
    if settings.ruler is None and settings.ruler_angle is not None:
        raise OptionError("ruler_angle", "expected the region of a ruler (ruler) beside it, found none")
    if settings.positions == "metadata" and (_find_stated(raw) is None or raw.volume.voxel_size is None):
        raise _refusal("metadata")


def _refusal(source: str) -> OptionError:
    option = "ruler" if source == RULER else "positions"
    return OptionError(option, f"expected {_WANTED[source]}; name another source (positions), such as even")


_WANTED = {
    "metadata": "files that state ascending positions of all slices, and their thickness, found none that do",
    RULER: "a region with two lines whose distance changes with depth, by more than it errs, found none",
    LIKENESS: "at least eight slices with edges that move from one to the next, found fewer",
}


def _read_stated(kept: tuple[int, ...], raw: RawInput) -> SlicePositions | None:
    """The positions that the files or their names state, from the first of the stack."""
    size, z = raw.volume.voxel_size, _find_stated(raw)
    if z is None or size is None:
        return None
    rows, pitch = list(kept), size.z_nm
    distance = np.abs(z - z[0])
    if not (np.diff(distance[rows]) > 0).all():
        return None
    even = np.rint(distance / pitch) * pitch
    return SlicePositions((even if np.abs(distance - even).max() < _EVEN * pitch else distance)[rows])


def _find_stated(raw: RawInput) -> NDArray[np.float64] | None:
    """The position of each slice in nm as the files state it, else as their names do."""
    stated, first = raw.stated.slice_z_nm, raw.first_slice
    named = uneven_positions(raw.volume) if stated is None else None
    z = named if stated is None else stated[first : first + raw.volume.shape[0]]
    return None if z is None else np.array(z, np.float64)


def _compare_slices(observed: Observation, even: NDArray[np.float64], pitch: float) -> SlicePositions | None:
    likeness = observed.findings.get(LIKENESS)
    return None if likeness is None else place_by_likeness(likeness, even, pitch, observed.findings.get(LIGHT))


def _read_ruler(
    observed: Observation, raw: RawInput, even: NDArray[np.float64], settings: PrepareSettings
) -> SlicePositions | None:
    """Positions by the ruler. OptionError for an angle where the edge of a pixel is not known."""
    reading: RulerReading | None = observed.findings.get(RULER)
    if reading is None:
        return None
    if reading.halves and settings.positions in (None, RULER):
        sides = ("upper", "lower") if reading.axis == "y" else ("left", "right")
        raise OptionError(
            "ruler",
            "expected a region with one line on each side of its middle, in all slices, found none or several in the "
            f"{' and the '.join(sides[half] for half in reading.halves)} half; draw it closer around the two lines, or "
            "name another source (positions), such as even",
        )
    size, scale = raw.volume.voxel_size, None
    if settings.ruler_angle is not None:
        if size is None:
            raise OptionError("ruler_angle", "expected a voxel size that is known, found none; give it (voxel_size)")
        scale = (settings.ruler_angle, size.y_nm if reading.axis == "y" else size.x_nm)
    return place_by_ruler(reading, even, size.z_nm if size is not None else 1.0, scale)


def report_uneven(preparation: Preparation) -> list[Finding]:
    """A finding where the likeness of slices says that they are uneven, and they are taken as even."""
    told = preparation.known.get(LIKENESS)
    is_open = preparation.source == "even" and not preparation.is_unrelated
    if told is None or told.step_sd_nm is None or not is_open:
        return []
    error = float(np.sqrt(np.mean(told.step_sd_nm**2))) / preparation.grid.pitch_nm
    if told.spread < max(_UNEVEN, error):
        return []
    return [
        Finding(
            "slice-thickness",
            f"slices are uneven: steps vary by {100 * told.spread:.0f} % (sd), as the likeness of neighbours tells; "
            f"each step is known to {100 * error:.0f} % (sd)",
            "lengths and surfaces along z are stretched and squeezed from slice to slice; means over many slices are "
            "hardly touched",
            "use the microscope's positions or a ruler if there are any; otherwise --positions likeness places slices "
            "by what their images tell, good for neighbours, less so over tens of slices",
            severity="note",
        )
    ]
