"""The values everything else is built from refuse what makes no sense and convert nothing silently."""

from __future__ import annotations

import math

import numpy as np
import pytest

from keramos.core import (
    VOID_SOLID,
    Box,
    LabelVolume,
    PhaseTable,
    Provenance,
    Quantity,
    Step,
    View,
    Volume,
    VoxelSize,
    parse_box,
)
from keramos.core.errors import KeramosError, LabelError, ShapeError, VoxelSizeError


def test_voxel_size() -> None:
    size = VoxelSize.of([20, 26.4, 20.8])
    assert size.zyx == (20, 26.4, 20.8)
    assert size.volume_nm3 == pytest.approx(20 * 26.4 * 20.8)
    assert size.coarsen((2, 1, 4)) == VoxelSize(40, 26.4, 83.2)
    assert str(size) == "20 x 26.4 x 20.8 nm (z y x)"
    assert size.agrees_with(VoxelSize(17, 26.4, 20.8))
    assert not size.agrees_with(VoxelSize(16, 26.4, 20.8))
    for wrong in (0, -1, math.nan, math.inf):
        with pytest.raises(VoxelSizeError, match=r"positive voxel edge lengths in nm.*along y"):
            VoxelSize(20, wrong, 20)
    with pytest.raises(VoxelSizeError, match="three voxel edge lengths"):
        VoxelSize.of([20, 20])


def test_box_arithmetic() -> None:
    box = Box((1, 2, 3), (4, 6, 8))
    assert (box.shape, box.voxels) == ((3, 4, 5), 60)
    assert box.shift((1, 1, 1)).relative_to(Box((1, 1, 1), (9, 9, 9))) == box.shift((0, 0, 0))
    assert box.grow((1, 2, 3)) == Box((0, 0, 0), (5, 8, 11))
    assert box.grow((1, 2, 3)).clip(Box.whole((4, 6, 8))) == Box((0, 0, 0), (4, 6, 8))
    assert box.clip(Box((10, 10, 10), (12, 12, 12))).voxels == 0
    assert Box.whole((4, 6, 8)).contains(box)
    assert not Box.whole((4, 6, 7)).contains(box)
    assert np.arange(4 * 6 * 8).reshape(4, 6, 8)[box.slices].shape == box.shape
    with pytest.raises(ShapeError, match="stop is not before its start"):
        Box((2, 0, 0), (1, 1, 1))


def test_box_from_text() -> None:
    assert parse_box("1:3,0:5,2:8", (4, 6, 8)) == Box((1, 0, 2), (3, 5, 8))
    assert parse_box(str(Box((1, 0, 2), (3, 5, 8))), (4, 6, 8)) == Box((1, 0, 2), (3, 5, 8))
    for wrong in ("1:3,0:5", "a:b,c:d,e:f", "1:9,0:5,0:8", "3:3,0:5,0:8", ""):
        with pytest.raises(ShapeError, match="expected"):
            parse_box(wrong, (4, 6, 8))


def test_phases() -> None:
    table = PhaseTable.from_names(["pore", "anode", "electrolyte"], positive="anode")
    assert (len(table), table.positive, table.code("electrolyte")) == (3, 1, 2)
    assert (VOID_SOLID.names, VOID_SOLID.positive) == (("void", "solid"), 1)
    assert next(iter(VOID_SOLID)).rgb == (0x2B, 0x2D, 0x42)
    with pytest.raises(LabelError, match="pore or anode or electrolyte, found 'water'"):
        table.code("water")
    for names in (["only"], ["same", "same"]):
        with pytest.raises(LabelError):
            PhaseTable.from_names(names)


def test_volume_reads_boxes_and_refuses_what_leaves_it() -> None:
    array = np.arange(4 * 6 * 8).reshape(4, 6, 8)
    volume = Volume.from_array(array, VoxelSize(1, 1, 1), "toy")
    box = Box((1, 2, 3), (3, 5, 8))
    np.testing.assert_array_equal(volume.read(box), array[1:3, 2:5, 3:8])
    part = volume.crop(box)
    assert part.shape == (2, 3, 5)
    np.testing.assert_array_equal(part.read(Box((1, 1, 1), (2, 2, 2))), array[2:3, 3:4, 4:5])
    np.testing.assert_array_equal(part.crop(Box((0, 1, 0), (2, 3, 5))).read(), array[1:3, 3:5, 3:8])
    with pytest.raises(ShapeError, match=r"inside toy of \(4, 6, 8\) voxels"):
        volume.read(Box((0, 0, 0), (5, 6, 8)))
    assert Volume.from_array(array[0]).shape == (1, 6, 8)
    with pytest.raises(ShapeError, match="2-D or 3-D array, found 4-D"):
        Volume.from_array(array[None])


def test_a_missing_voxel_size_is_refused_where_it_is_needed() -> None:
    with pytest.raises(VoxelSizeError, match=r"voxel size of scan.tif, found none.*--voxel-size Z Y X in nm"):
        LabelVolume.from_array(np.zeros((1, 2, 2), np.uint8), VOID_SOLID, name="scan.tif").require_voxel_size()


def test_view_is_that_of_the_paper() -> None:
    view = View()
    assert view.path_nm(20.8) == pytest.approx(26.4, abs=0.01)  # 26.4 nm = 20.8 nm / cos 38 degrees
    with pytest.raises(KeramosError, match="0 to 90 degrees"):
        View(tilt_deg=90)


def test_quantity_shows_its_unit_and_interval() -> None:
    assert str(Quantity(0.76543, "1", "count")) == "0.7654"
    assert str(Quantity(1.5, "1/um", "count", (1.4, 1.6))) == "1.5 1/um [1.4, 1.6]"


def test_provenance_round_trip() -> None:
    step = Step("segment", {"model": "otsu"}, {"images": "00"}, {"keramos": "0"})
    made = Provenance().then(step).then(step)
    assert Provenance.from_json(made.to_json()) == made
    assert len(made.steps) == 2
