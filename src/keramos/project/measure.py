"""The microstructure of labels: saved quantities if there are any, or those that are measured now."""

from __future__ import annotations

from pathlib import Path

from keramos.core import Box, LabelVolume
from keramos.core.errors import KeramosError
from keramos.core.progress import Reporter
from keramos.io import file_fingerprint
from keramos.measurements import Measurements, quantify_volume
from keramos.project.quantities import QUANTITIES, read_measured_fingerprint, read_quantities
from keramos.settings.quantify import MeasurementOptions

_KEPT = "quantities"
_MORE = (
    "transport and thickness were not measured; run `keramos quantify --thickness` and give its folder to --quantities"
)


def measurements_for(labels: LabelVolume, beside: Path, given: Path | None, reporter: Reporter) -> Measurements | None:
    """The quantities `given`; else those in the folder `quantities` beside the labels, if they are of these very
    labels; else what one pass over the volume finds now. None without a voxel size.

    Raises:
        FormatError: `given` holds no quantities.
    """
    if given is not None:
        return read_quantities(given)
    kept = beside.parent / _KEPT
    if (kept / QUANTITIES).is_file() and read_measured_fingerprint(kept) == file_fingerprint(labels):
        return read_quantities(kept)
    return measure_locally(labels, reporter)


def measure_locally(labels: LabelVolume, reporter: Reporter, what: str = "the microstructure") -> Measurements | None:
    """All local quantities; None, and a note that `what` was not measured, without a voxel size or any phase."""
    try:
        return quantify_volume(labels, MeasurementOptions(transport=False), reporter) + Measurements(notes=(_MORE,))
    except KeramosError as error:
        reporter.note(f"{what} was not measured: {error}")
        return None


def measure_middle_slice(labels: LabelVolume, reporter: Reporter) -> Measurements | None:
    """The middle slice by itself; None where there is only one, or nothing on it."""
    depth, height, width = labels.shape
    if depth == 1 or labels.voxel_size is None:
        return None
    z = depth // 2
    try:
        return quantify_volume(labels.crop(Box((z, 0, 0), (z + 1, height, width))), MeasurementOptions(), reporter)
    except KeramosError:
        return None
