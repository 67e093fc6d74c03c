"""Laws of all measurements: what a volume is called, how it lies and in which unit it is told change no number.

Each change is made to one volume, which is measured once for all measurements. The laws run over the registry: a new
quantity or curve is held to them. Lengths of the volume are odd and even, so that no half is where the other was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.measurements import Measurements, curve_specs, quantify_volume, quantity_specs
from keramos.settings.quantify import MeasurementOptions

Codes = NDArray[np.uint8]
NAMES = ("pore", "carbon", "binder")
SIZE = (20.0, 26.4, 20.8)
SPECS = [id for id in quantity_specs() if "permeability" not in id and "spread-exponent" not in id]
"""Flows that take seconds for each volume have laws of their own (tests/truths/test_permeability.py), and so have
exponents that take larger ones (tests/truths/test_heterogeneity.py)."""
SETTINGS = MeasurementOptions(
    thickness=True,
    paths=True,
    fabric=True,
    heterogeneity=True,
    objects="binder",
    neck_depth=4.0,
    conductivity={"pore": 1.0, "carbon": 0.3},
)
BY_CELLS = {
    *("specific-surface-area", "mean-curvature", "euler-number-density", "interface-area", "coverage"),
    *("fabric-anisotropy", "fabric-angle"),
    *("mean-contact-length", "triple-phase-boundary-length", "active-triple-phase-boundary-length"),
}
"""Their intervals come from cells of 2 x 2 x 2 voxels, which count for the window of their first corner: mirrored, some
at the windows' borders count for the next one. The values are sums over all windows and do not know."""

BY_TIES = {
    *("object-density", "object-mean-diameter", "object-d50", "coordination-number", "object-size-distribution"),
}
"""A voxel from which two ways lead up alike belongs to the object that comes first, so that in a turned or mirrored
volume small objects share their voxels otherwise. How many there are does not change."""


def is_of_windows_of_cells(id: str) -> bool:
    """Whether it is of the surface in windows, in which mirrored cells at the windows' borders count for the next."""
    return id.startswith("specific-surface-area-")


def slack_of(id: str, name: str) -> float:
    """The relative difference that a change may make."""
    if is_of_windows_of_cells(id) and "flipped" in name:
        return 0.5
    return 0.25 if id in BY_TIES and ("flipped" in name or " to " in name or "transposed" in name) else 1e-6


@cache
def body() -> Codes:
    noise = ndimage.gaussian_filter(np.random.default_rng(4).random((24, 19, 24)), 1.3)
    return np.digitize(noise, np.quantile(noise, [0.4, 0.75])).astype(np.uint8)


@dataclass(frozen=True)
class Change:
    """A change of the volume, and what it does to the names of phases and axes of its quantities."""

    codes: Callable[[Codes], Codes] = lambda codes: codes
    size: tuple[float, float, float] = SIZE
    phases: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, str] = field(default_factory=dict)
    unit: float = 1.0
    settings: MeasurementOptions = SETTINGS
    start: tuple[int, int, int] = (0, 0, 0)


def permute(order: tuple[int, int, int]) -> Change:
    return Change(
        lambda codes: np.ascontiguousarray(codes.transpose(order)),
        size=tuple(SIZE[axis] for axis in order),  # type: ignore[arg-type]
        axes={"zyx"[axis]: "zyx"[place] for place, axis in enumerate(order)},
    )


CHANGES = {
    "nothing": Change(),
    "phases swapped": Change(
        lambda codes: np.array([1, 2, 0], np.uint8)[codes],
        phases={"pore": "carbon", "carbon": "binder", "binder": "pore"},
        settings=replace(SETTINGS, objects="pore", conductivity={"carbon": 1.0, "binder": 0.3}),
    ),
    "flipped along z": Change(lambda codes: codes[::-1].copy()),
    "flipped along y": Change(lambda codes: codes[:, ::-1].copy()),
    "flipped along x": Change(lambda codes: codes[:, :, ::-1].copy()),
    "z y x to y x z": permute((1, 2, 0)),
    "y and x transposed": permute((0, 2, 1)),
    "in another unit": Change(
        size=tuple(3.3e-3 * n for n in SIZE),  # type: ignore[arg-type]
        unit=3.3e-3,
        settings=replace(SETTINGS, neck_depth=4 * 3.3e-3),
    ),
    "padded": Change(lambda codes: np.pad(codes, ((3, 0), (2, 5), (0, 7)), constant_values=255), start=(3, 2, 0)),
    "in small blocks": Change(settings=replace(SETTINGS, memory=40 * 3 * 2000)),
}
CHANGED = [name for name in CHANGES if name != "nothing"]
OTHER_END = {"first": "last", "last": "first"}
"""What a mirrored axis exchanges in ids of quantities and columns of curves."""
LENGTHS = {"nm": 1, "um": 1, "nm3": 3, "um3": 3, "1/um": -1, "1": 0}


@cache
def measured(name: str) -> Measurements:
    change = CHANGES[name]
    labels = LabelVolume.from_array(change.codes(body()), PhaseTable.from_names(NAMES), VoxelSize(*change.size))
    return quantify_volume(labels, change.settings)


def mirror(name: str, mirrored: bool) -> str:
    """The id or column of the other end of the axis, where it is one of an end and the axis was mirrored."""
    return re.sub(r"first(?=.face)|last(?=.face)", lambda end: OTHER_END[end[0]], name) if mirrored else name


def key(change: Change, phase: str, axis: str, id: str = "") -> tuple[str, str]:
    """The phase and axis, after the change, of what had these before it; what several phases have between them is the
    same in any order of them, but for how much of the first is covered by the second."""
    names = [change.phases.get(name, name) for name in phase.split(" / ")]
    return " / ".join(names if id == "coverage" else sorted(names)), change.axes.get(axis, axis)


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("id", SPECS)
def test_no_change_of_name_place_or_unit_changes_a_quantity(id: str, name: str) -> None:
    change, power = CHANGES[name], quantity_specs()[id].length_power
    before = {
        key(change, row.phase, row.axis, id): row.quantity for row in measured("nothing").quantities if row.id == id
    }
    after = {
        key(CHANGES["nothing"], row.phase, row.axis, id): row.quantity
        for row in measured(name).quantities
        if row.id == mirror(id, name == f"flipped along {row.axis}")
    }
    assert before, "no law sees it"
    assert after.keys() == before.keys()
    for at, quantity in before.items():
        # What changes towards one end changes as much towards the other, where that end was.
        scale = change.unit**power * (-1 if id.endswith("-trend") and name == f"flipped along {at[1]}" else 1)
        loose = 0.3 if is_of_windows_of_cells(id) and "flipped" in name else 0
        assert after[at].value == pytest.approx(scale * quantity.value, rel=slack_of(id, name), abs=loose)
        assert (after[at].interval is None) == (quantity.interval is None)
        if quantity.interval is not None:
            low, high = sorted(scale * end for end in quantity.interval)
            of_cells = id in BY_CELLS or is_of_windows_of_cells(id)
            slack = 0.5 * (high - low) if of_cells and "flipped" in name else 1e-6 * abs(high)
            assert after[at].interval == pytest.approx((low, high), abs=slack)


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("id", curve_specs())
def test_no_change_of_name_place_or_unit_changes_a_curve(id: str, name: str) -> None:
    change = CHANGES[name]
    before = {key(change, c.phase, c.axis): c for c in measured("nothing").curves if c.id == id}
    after = {key(CHANGES["nothing"], c.phase, c.axis): c for c in measured(name).curves if c.id == id}
    assert before, "no law sees it"
    assert after.keys() == before.keys()
    for at, curve in before.items():
        turned = id.endswith(("-of-slices", "-of-layers")) and name == f"flipped along {curve.axis}"
        for column, values in curve.columns.items():
            wanted = np.array(values, float) * change.unit ** LENGTHS[curve.units[column]]
            if column == "position":  # from the corner of the labels that were given
                along = "zyx".index(at[1])
                wanted += change.start[along] * change.size[along]
            got = np.array(after[at].columns[mirror(column, name == f"flipped along {curve.axis}")])
            slack = slack_of(id, name)
            np.testing.assert_allclose(got[::-1] if turned and column != "position" else got, wanted, rtol=slack)


@pytest.mark.parametrize("name", CHANGED)
def test_findings_are_the_same_too(name: str) -> None:
    kinds = [sorted(finding.kind for finding in measured(one).findings) for one in ("nothing", name)]
    assert kinds[0] == kinds[1]
