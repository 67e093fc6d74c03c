"""Facts about a preparation as JSON values: they are printed, and travel with the volume."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding
from keramos.preparation import Preparation, Shear
from keramos.project.preparing.raw import RawInput

_DECIMALS = 4


def preparation_facts(
    preparation: Preparation, raw: RawInput, names: Sequence[str], findings: Sequence[Finding]
) -> dict[str, Any]:
    """The place and the shift of each slice, and what was done to all.

    Keys: `raw`, its name, its shape (z y x), the row and column where the field begins that is used, the size of
    that, and by how much it was turned; `depth` and `pitch_nm` of the slices of the volume; `slices`, the names of
    those that were kept; `raw_slices`, their numbers in the stack, and `slice_digests` of their pixels in the
    field; `shifts_px`, `[dy, dx]` of each, and `shift_sd_px`; `shear` and `free_shear` in pixels a slice, each with
    its standard deviation; `slice_positions_nm` with `slice_position_sd_nm` (null where it is unknown) and
    `slice_position_source`; `known_positions`, those by each source that there is; `slice_places`, in slices of the
    volume; `uneven`, whether slices were resampled or kept as they are; `filled_slices`, those of the volume that
    are there for looking only; `bar_rows` and their source; `window`, rows and columns of the raw slices, after the
    shifts, that the volume has; `remedies`, each with what it removes; `findings`.
    """
    shifts, (rows, columns) = preparation.shifts, preparation.window
    field, known = raw.field, preparation.known.get(preparation.source)
    return {
        "raw": {
            "name": raw.volume.name,
            "shape": list(raw.whole_shape),
            "size": list(field.box.shape[1:]),
            "turn_deg": 180 if raw.is_turned else 0,
            "corner": [raw.volume.origin[axis] + field.box.start[axis] for axis in (1, 2)],
        },
        "depth": len(preparation.grid),
        "pitch_nm": preparation.grid.pitch_nm,
        "slices": [names[z] for z in preparation.kept],
        "raw_slices": [raw.first_slice + z for z in preparation.kept],
        "slice_digests": list(preparation.digests),
        "shifts_px": np.round(shifts.yx, _DECIMALS).tolist(),
        "shift_sd_px": np.round(shifts.sd, _DECIMALS).tolist(),
        "shear": _shear(shifts.shear),
        "free_shear": None if shifts.free_shear is None else _shear(shifts.free_shear),
        "slice_positions_nm": np.round(preparation.positions_nm, _DECIMALS).tolist(),
        "slice_position_sd_nm": _to_list(known.sd_nm if known else None),
        "slice_position_source": preparation.source,
        "known_positions": {
            name: {"nm": _to_list(one.nm), "sd_nm": _to_list(one.sd_nm)} for name, one in preparation.known.items()
        },
        "slice_places": np.round(preparation.places, _DECIMALS).tolist(),
        "uneven": "resample" if preparation.is_resampled else "keep",
        "filled_slices": list(preparation.grid.filled),
        "bar_rows": field.bar,
        "bar_source": field.source,
        "window": [[rows.start, rows.stop], [columns.start, columns.stop]],
        "remedies": {name: parameters.summary for name, parameters in preparation.remedies.items()},
        "findings": [finding.to_json() for finding in findings],
    }


def _to_list(values: NDArray[np.float64] | None) -> list[float] | None:
    return None if values is None else np.round(values, _DECIMALS).tolist()


def _shear(shear: Shear) -> dict[str, Any]:
    """By axis the pixels a slice and their standard deviation (null where unknown), and the evidence."""
    rows = {axis: [_none_if_nan(shear.yx[place]), _none_if_nan(shear.sd[place])] for place, axis in enumerate("yx")}
    return {**rows, "source": shear.source}


def _none_if_nan(value: float) -> float | None:
    return round(value, _DECIMALS) if math.isfinite(value) else None
