"""Parts of a preparation: its bytes, its view, and where slices lie by what the files state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from keramos.acquisition import Acquisition, Fact
from keramos.core import Box, View, Volume, VoxelSize
from keramos.core.errors import FormatError, OptionError
from keramos.preparation import (
    REMEDIES,
    Observation,
    Preparation,
    RawStack,
    Shear,
    SliceShifts,
    from_bytes,
    place_on_grid,
    to_bytes,
)
from keramos.project.preparing.field import Field
from keramos.project.preparing.place import walk_of
from keramos.project.preparing.positions import find_positions
from keramos.project.preparing.raw import RawInput
from keramos.project.preparing.view import doubt_view, find_view
from keramos.settings.prepare import PrepareSettings
from keramos.simulation import make_phantom

IMAGES = make_phantom((6, 40, 48), seed=2).images.read()
SIZE = VoxelSize(20, 10, 10)
STILL = SliceShifts(np.zeros((6, 2)), np.zeros((6, 2)), is_moved=False)


def raw_input(stated: Acquisition, view: View | None = None) -> RawInput:
    volume = replace(Volume.from_array(IMAGES, SIZE), view=view)
    return RawInput(volume, Field(volume.box, 0, "none is seen"), stated)


def settings(**given: Any) -> PrepareSettings:
    return PrepareSettings("raw", "out.ome.zarr", **given)


def test_a_preparation_comes_back_from_its_bytes() -> None:
    stack = RawStack((6, 40, 48), SIZE)
    parameters = {}
    for remedy in REMEDIES.values():
        observer = remedy.observe(stack)
        for z, one in enumerate(IMAGES):
            observer.add(z, one.astype(np.float32))
        parameters[remedy.name] = observer.finish()
    rng = np.random.default_rng(5)
    shear = Shear((0.5, -0.25), (0.1, float("inf")), "fiducial")
    shifts = SliceShifts(rng.normal(size=(4, 2)), rng.uniform(size=(4, 2)), shear, None)
    positions = np.array([0.0, 21, 39, 80])
    window = (slice(1, 39), slice(0, 47))
    field = Box((0, 0, 0), (6, 40, 48))
    grid = place_on_grid(positions, 20)
    before = Preparation(field, (0, 1, 2, 4), (3,), (5,), positions, shifts, grid, parameters, window, ((2, 4),))
    after = from_bytes(to_bytes(before))
    for name in ("field", "kept", "blank", "repeated", "window", "tears", "is_unrelated"):
        assert getattr(after, name) == getattr(before, name)
    assert after.shifts.shear == shear
    pairs = [
        (after.shifts, shifts),
        (after.grid, grid),
        *((after.remedies[name], parameters[name]) for name in REMEDIES),
    ]
    for one, other in pairs:
        for name, value in vars(other).items():
            assert np.array_equal(getattr(one, name), value), name
    with pytest.raises(FormatError, match="damage"):
        from_bytes(to_bytes(before)[:-40])


def test_positions_that_the_files_state_are_taken() -> None:
    z = (0.0, 22.0, 39.0, 61.0, 80.0, 100.0)
    for values in (z, tuple(-one for one in z)):
        raw = raw_input(Acquisition(slice_z_nm=values))
        positions = find_positions(Observation((0, 1, 3, 5), (), (), {}), raw, settings())
        assert positions.nm.tolist() == [0, 22, 61, 100]
        assert (positions.source, positions.pitch_nm) == ("metadata", 20)
    two = Observation((1, 2), (), (), {})
    assert find_positions(two, raw_input(Acquisition()), settings()).nm.tolist() == [20, 40]
    for source in ("metadata", "likeness"):
        with pytest.raises(OptionError, match="expected"):
            find_positions(two, raw_input(Acquisition()), settings(positions=source))


def test_a_field_of_view_that_stands_still_walks_by_the_tangent_of_the_tilt() -> None:
    # Thickness 20 nm at 52 degrees between the columns: 20 / tan(52 degrees) = 15.63 nm on the section.
    assert walk_of(VoxelSize(20, 1, 1), 38.0) == pytest.approx(15.6257, abs=1e-4)
    with pytest.raises(OptionError, match="tilt of the section"):
        walk_of(SIZE, None)


def test_the_view_is_as_stated_as_given_and_as_the_alignment_left_it() -> None:
    own = View(36.0, "decreasing")
    stated = Acquisition({"tilt_deg": Fact(40.0, "tag"), "cutting_order": Fact("decreasing", "tag")})
    assert find_view(raw_input(Acquisition()), STILL, settings()) is None
    assert find_view(raw_input(Acquisition(), own), STILL, settings()) == own
    assert find_view(raw_input(stated), STILL, settings()) == View(40.0, "decreasing")
    given = find_view(raw_input(stated, own), STILL, settings(tilt=10, frame="sheared", cutting_order="increasing"))
    assert given == View(10.0, "increasing", "sheared")
    upright = replace(STILL, shear=Shear((1.0, 0.0), source="fiducial"))
    view = find_view(raw_input(stated), upright, settings(frame="sheared"))
    assert view == View(40.0, "decreasing", "section")
    assert doubt_view(raw_input(stated), view, upright, settings()) == []
    (doubt,) = doubt_view(raw_input(stated), View(38.0), STILL, settings())
    assert "1.56 px a slice" in doubt.effect
    assert doubt_view(raw_input(stated), View(0.0), STILL, settings()) == []
