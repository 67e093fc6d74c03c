"""Labels find their slice, whatever region is cut; slices keep the number that they have in their file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from doubles import Notes

from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import LabelError, ShapeError
from keramos.core.progress import Reporter
from keramos.learning import collect_annotated
from keramos.project.image_label_pairs import open_pairs
from keramos.settings.reading import ReadOptions

SIZE = VoxelSize(20, 20, 20)
DEPTH, HEIGHT, WIDTH = 6, 20, 24


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """stack.tif; truth.tif of all of it; slice4.tif, labels of its slice 4; part.tif, those of a region of slice 4."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, (DEPTH, HEIGHT, WIDTH)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "stack.tif", (50 + 100 * codes).astype(np.uint8))
    tifffile.imwrite(tmp_path / "truth.tif", codes)
    tifffile.imwrite(tmp_path / "slice4.tif", codes[4])
    tifffile.imwrite(tmp_path / "part.tif", codes[4, 5:15, 3:19])
    return tmp_path


def annotated(files: Path, labels: str, slices: list[int] | None, box: str | None):  # type: ignore[no-untyped-def]
    options = ReadOptions(voxel_size=SIZE, box=box)
    pairs = open_pairs(files / "stack.tif", files / labels, slices=slices, options=options, reporter=Reporter())
    return collect_annotated(pairs, only=slices)


def test_images_that_state_no_voxel_size_have_that_of_their_labels(files: Path) -> None:
    codes = tifffile.imread(files / "truth.tif")
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), SIZE)
    notes = Notes()
    given: dict[str, Any] = {"slices": None, "reporter": notes}
    ((images, _),) = open_pairs(files / "stack.tif", labels, options=ReadOptions(), **given)
    assert images.voxel_size == SIZE
    assert [text for text in notes.notes if "that of its labels" in text]
    ((images, _),) = open_pairs(files / "stack.tif", files / "truth.tif", options=ReadOptions(), **given)
    assert images.voxel_size is None


@pytest.mark.parametrize(
    ("labels", "slices", "box"),
    [
        ("truth.tif", [4], None),
        ("truth.tif", [4], "2:6,5:15,3:19"),
        ("slice4.tif", [4], None),
        ("slice4.tif", [4], "4:5,5:15,3:19"),
        ("slice4.tif", [4], "1:6,5:15,3:19"),
        ("part.tif", [4], "2:6,5:15,3:19"),
    ],
)
def test_grey_values_and_codes_are_of_the_same_place(
    files: Path, labels: str, slices: list[int], box: str | None
) -> None:
    (item,) = annotated(files, labels, slices, box).slices
    assert item.z == 4
    truth = tifffile.imread(files / "truth.tif")[4]
    expected = truth if box is None else truth[5:15, 3:19]
    np.testing.assert_array_equal(item.codes, expected)
    np.testing.assert_array_equal(item.grey, 50 + 100 * expected)


def test_every_slice_of_a_region_keeps_its_number(files: Path) -> None:
    found = annotated(files, "truth.tif", None, "2:5,0:20,0:24")
    assert [item.z for item in found.slices] == [2, 3, 4]
    whole = annotated(files, "truth.tif", None, None)
    assert {item.source for item in found.slices} == {item.source for item in whole.slices}


def test_labels_of_one_slice_need_its_number_in_the_region(files: Path) -> None:
    with pytest.raises(ShapeError):
        annotated(files, "slice4.tif", None, None)
    with pytest.raises(LabelError, match=r"slices 0 to 2 of .*stack.tif, found slice 4"):
        annotated(files, "slice4.tif", [4], "0:3,0:20,0:24")
