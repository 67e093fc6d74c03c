"""Volumes and quantities as arrays of xarray, whose axes have names, coordinates and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keramos.blocks import to_dask
from keramos.core import LabelVolume, Volume
from keramos.core.errors import SettingsError
from keramos.core.optional import import_optional
from keramos.measurements import AXES, Measurements

if TYPE_CHECKING:
    import xarray as xr


def to_xarray(result: Volume | LabelVolume | Measurements) -> Any:
    """A volume or labels as a `DataArray` with axes z, y, x and the centres of voxels in nm for coordinates (numbers
    of voxels where their size is unknown); its pixels are read when they are computed, and nothing is copied.

    Measurements become a `Dataset` with a variable for each quantity, along phase and axis (`all` where it has none),
    NaN where it is not measured, and with `<id>_interval` where there are intervals.

    Raises:
        MissingPackageError: xarray is not installed.
        SettingsError: something else than a volume or measurements.

    Example:
        >>> volume = Volume.from_array(np.zeros((4, 6, 8), np.uint8), (20, 10, 10))
        >>> array = to_xarray(volume)
        >>> array.dims, array.z.values.tolist(), array.z.attrs["units"]
        (('z', 'y', 'x'), [10.0, 30.0, 50.0, 70.0], 'nm')
    """
    xarray = import_optional("xarray", extra="notebook", purpose="make arrays with coordinates")
    if isinstance(result, Volume | LabelVolume):
        return _label_volume(xarray, result)
    if isinstance(result, Measurements):
        return _label_quantities(xarray, result)
    raise SettingsError(f"expected a volume, labels or quantities, found {type(result).__name__}")


def _label_volume(xarray: Any, volume: Volume | LabelVolume) -> xr.DataArray:
    size = volume.voxel_size
    edges, unit = ((1.0, 1.0, 1.0), "voxel") if size is None else (size.zyx, "nm")
    axes = zip(AXES, volume.origin, volume.shape, edges, strict=True)
    coordinates = {
        axis: (axis, (first + np.arange(length) + 0.5) * edge, {"units": unit}) for axis, first, length, edge in axes
    }
    about: dict[str, Any] = {"source": volume.name}
    if isinstance(volume, LabelVolume):
        about |= {"flag_values": list(range(len(volume.phases))), "flag_meanings": list(volume.phases.names)}
    name = "phase" if isinstance(volume, LabelVolume) else "grey"
    array: xr.DataArray = xarray.DataArray(to_dask(volume), coordinates, AXES, name, about)
    return array


def _label_quantities(xarray: Any, measured: Measurements) -> xr.Dataset:
    everything = "all"
    rows = {(row.id, row.phase or everything, row.axis or everything): row for row in measured.quantities}
    phases, axes = (list(dict.fromkeys(key[at] for key in rows)) for at in (1, 2))
    made: dict[str, Any] = {}
    for identity in dict.fromkeys(key[0] for key in rows):
        values, ends = np.full((len(phases), len(axes)), np.nan), np.full((len(phases), len(axes), 2), np.nan)
        about: dict[str, str] = {}
        for (other, phase, axis), row in rows.items():
            if other != identity:
                continue
            place = phases.index(phase), axes.index(axis)
            values[place] = row.quantity.value
            ends[place] = row.quantity.interval or (np.nan, np.nan)
            about = {"units": row.quantity.unit, "long_name": row.name}
        made[identity] = (("phase", "axis"), values, about)
        if not np.isnan(ends).all():
            made[f"{identity}_interval"] = (("phase", "axis", "end"), ends, about)
    labels: xr.Dataset = xarray.Dataset(made, {"phase": phases, "axis": axes, "end": ["low", "high"]})
    return labels
