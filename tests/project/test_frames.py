"""Quantities, tables, scores and findings as data frames; volumes and quantities as arrays with coordinates."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import keramos
from keramos.core import Finding, Quantity
from keramos.core.errors import MissingPackageError, SettingsError
from keramos.measurements import Curve, Measured, Measurements

pd, xr = pytest.importorskip("pandas"), pytest.importorskip("xarray")

ROWS = (
    Measured("phase-fraction", "phase fraction", Quantity(0.4, "1", "counted", (0.3, 0.5)), "solid"),
    Measured("phase-fraction", "phase fraction", Quantity(0.6, "1", "counted"), "void"),
    Measured("tortuosity-factor", "tortuosity factor", Quantity(1.5, "1", "solved"), "void", "z"),
)


def test_quantities_are_rows_with_numbers_for_numbers() -> None:
    frame = keramos.to_pandas(Measurements(ROWS))
    assert frame["value"].tolist() == [0.4, 0.6, 1.5]
    assert frame["axis"].tolist() == ["", "", "z"]
    assert frame["low"].tolist()[0] == 0.3
    assert frame["low"].isna().tolist() == [False, True, True]
    assert frame["low"].dtype == float


def test_quantities_are_variables_along_phase_and_axis() -> None:
    made = keramos.to_xarray(Measurements(ROWS))
    assert float(made["tortuosity-factor"].sel(phase="void", axis="z")) == 1.5
    assert np.isnan(float(made["tortuosity-factor"].sel(phase="solid", axis="z")))
    assert made["phase-fraction_interval"].sel(phase="solid", axis="all").values.tolist() == [0.3, 0.5]
    assert made["phase-fraction"].attrs["units"] == "1"
    assert "tortuosity-factor_interval" not in made


def test_a_measurement_keeps_every_number(phantom: Path) -> None:
    measured = keramos.quantify(phantom / "truth.ome.zarr", transport=False)
    frame, made = keramos.to_pandas(measured), keramos.to_xarray(measured)
    assert len(frame) == len(measured.quantities) > 20
    for row in measured.quantities:
        there = made[row.id].sel(phase=row.phase or "all", axis=row.axis or "all")
        assert float(there) == row.quantity.value
    scores = keramos.to_pandas(keramos.evaluate(phantom / "truth.ome.zarr", phantom / "truth.ome.zarr"))
    assert scores["iou"].tolist() == [1.0, 1.0]


def test_curves_and_findings_are_frames() -> None:
    curve = Curve("c", "chords", {"length": [1.0, 2.0], "share": [0.5, 0.5]}, {"length": "nm", "share": "1"}, "drawn")
    frame = keramos.to_pandas(curve)
    assert frame["length"].tolist() == [1, 2]
    assert frame.attrs["units"]["length"] == "nm"
    assert keramos.to_pandas([Finding("drift", "a", "b")])["kind"].tolist() == ["drift"]
    assert len(keramos.to_pandas([])) == 0


def test_a_volume_has_coordinates_and_is_read_when_it_is_computed(phantom: Path) -> None:
    volume = keramos.open_volume(phantom / "images.ome.zarr", box="2:5,10:40,8:30")
    array = keramos.to_xarray(volume)
    assert array.chunks is not None
    size = volume.voxel_size
    assert array.z.values.tolist() == pytest.approx([(z + 0.5) * size.z_nm for z in (2, 3, 4)])
    assert float(array.x[0]) == pytest.approx(8.5 * size.x_nm)
    assert array.x.attrs["units"] == "nm"
    np.testing.assert_array_equal(array.values, volume.read())
    labels = keramos.to_xarray(keramos.open_labels(phantom / "truth.ome.zarr"))
    assert labels.attrs["flag_meanings"] == ["void", "solid"]
    unknown = keramos.to_xarray(keramos.Volume.from_array(np.zeros((2, 2, 2), np.uint8)))
    assert unknown.y.attrs["units"] == "voxel"


def test_what_has_no_form_is_refused(monkeypatch: pytest.MonkeyPatch, phantom: Path) -> None:
    with pytest.raises(SettingsError, match=r"expected quantities, .* found int"):
        keramos.to_pandas(3)
    with pytest.raises(SettingsError, match="expected a volume, labels or quantities, found str"):
        keramos.to_xarray("stack.tif")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackageError, match=r'install it with pip install "keramos\[notebook\]"'):
        keramos.to_pandas(Measurements(ROWS))
