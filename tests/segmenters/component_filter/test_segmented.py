"""A run that removes specks and holes: recorded, resumable after a kill at any moment, another run than one without."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doubles import Dies, Killed, Notes
from scipy import ndimage

from keramos.core import VOID_SOLID, Box, Volume, VoxelSize
from keramos.core.errors import ResumeError, SettingsError, StorageError, VoxelSizeError
from keramos.io import open_labels, open_scores
from keramos.segmenters import Otsu, segment_volume
from keramos.segmenters.component_filter import removals_for
from keramos.settings.segment import SegmentationOptions

Same = Callable[[Path, Path], bool]
SMALL = SegmentationOptions(memory=526 * 2**20)  # blocks of one chunk: twelve of them
CLEAN = replace(SMALL, remove_specks=30, fill_holes=20)


@pytest.mark.usefixtures("small_blocks")
def test_labels_have_no_specks_and_no_holes_and_say_so(volume: Volume, tmp_path: Path) -> None:
    out, heard = tmp_path / "out.ome.zarr", Notes()
    segment_volume(volume, Otsu(), out, settings=replace(CLEAN, scores=True), reporter=heard)
    labels = open_labels(out)
    codes, decided = labels.read(), np.argmax(open_scores(out).read(Box.whole(volume.shape)), axis=0)
    told = labels.provenance.steps[-1].parameters
    for code, name, fewer in ((1, "specks", 30), (0, "holes", 20)):
        assert np.bincount(ndimage.label(codes == code)[0].ravel())[1:].min() >= fewer
        assert told[name]["fewer"] == fewer
        assert told[name]["components"] > 50
    changed = told["specks"]["voxels"] + told["holes"]["voxels"]
    assert np.sum(codes != decided) <= changed < 0.05 * codes.size
    assert heard.notes[0].startswith(f"remove specks: {told['specks']['components']:,} of fewer than 30 voxels")
    assert heard.notes[1].startswith(f"fill holes: {told['holes']['components']:,} of fewer than 20 voxels")
    assert sorted(path.name for path in out.iterdir()) == ["keramos-ledger.jsonl", "labels", "scores", "zarr.json"]


def test_without_them_nothing_changes(volume: Volume, tmp_path: Path, same_bytes: Same) -> None:
    small = volume.crop(Box((0, 0, 0), (20, 260, 64)))
    usual, off, out = (tmp_path / f"{name}.ome.zarr" for name in ("usual", "off", "out"))
    segment_volume(small, Otsu(), usual)
    segment_volume(small, Otsu(), off, settings=SegmentationOptions(remove_specks=0, fill_holes="0"))
    assert same_bytes(usual, off)
    assert open_labels(usual).provenance.steps == ()
    segment_volume(small, Otsu(), out, settings=SegmentationOptions(fill_holes=20))
    for other in (SegmentationOptions(), SegmentationOptions(fill_holes=21), SegmentationOptions(remove_specks=20)):
        with pytest.raises(ResumeError, match="fill_holes"):
            segment_volume(small, Otsu(), out, settings=other)


def test_what_a_kill_left_behind_after_the_end_is_tidied_up(volume: Volume, tmp_path: Path) -> None:
    out, small = tmp_path / "out.ome.zarr", volume.crop(Box((0, 0, 0), (2, 64, 64)))
    segment_volume(small, Otsu(), out, settings=SegmentationOptions(fill_holes=5))
    (out / "keramos-removal" / "holes").mkdir(parents=True)
    (out / "keramos-removal" / "holes" / "candidates.jsonl").touch()
    segment_volume(small, Otsu(), out, settings=SegmentationOptions(fill_holes=5))
    assert not (out / "keramos-removal").exists()


def test_labels_as_decided_that_are_gone_are_said(volume: Volume, tmp_path: Path) -> None:
    out, small = tmp_path / "out.ome.zarr", volume.crop(Box((0, 0, 0), (2, 64, 64)))
    wanted = SegmentationOptions(fill_holes=5)
    with pytest.raises(Killed):
        segment_volume(small, Otsu(), out, settings=wanted, reporter=Dies(0, "find holes"))
    shutil.rmtree(out / "keramos-removal")
    with pytest.raises(StorageError, match=r"labels of the unfinished run in .* are gone; start over"):
        segment_volume(small, Otsu(), out, settings=wanted)
    segment_volume(small, Otsu(), out, settings=replace(wanted, fresh=True))


def test_sizes_are_voxels_or_volumes(volume: Volume) -> None:
    def fewer(specks: int | str, holes: int | str, images: Volume = volume) -> list[tuple[str, int]]:
        return [(removal.name, removal.fewer) for removal in removals_for(images, VOID_SOLID, specks, holes)]

    assert fewer(0, "0") == []
    assert fewer(7, "12") == [("specks", 7), ("holes", 12)]
    voxel = VoxelSize(20, 26.4, 20.8).volume_nm3
    assert fewer("1e6nm3", "0.002 µm3") == [("specks", int(1e6 / voxel) + 1), ("holes", int(2e6 / voxel) + 1)]
    assert fewer(f"{50 * voxel!r}nm3", 0) == [("specks", 50)]
    for wrong in ("few", "-3", -3, "1.5", "1e3", "10px", "nm3", ""):
        with pytest.raises(SettingsError, match="whole number of voxels or a volume such as 1e6nm3 for --fill-holes"):
            fewer(0, wrong)
    assert fewer(3, 0, replace(volume, voxel_size=None)) == [("specks", 3)]
    with pytest.raises(VoxelSizeError, match="voxel size"):
        fewer("1e6nm3", 0, replace(volume, voxel_size=None))
