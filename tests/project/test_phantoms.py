"""A phantom written slab by slab is the phantom made in memory, killed in between or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from doubles import Dies, Killed, Notes

from keramos import phantom
from keramos.core import Box, VoxelSize
from keramos.core.errors import LabelError, ResumeError, SettingsError, StorageError, VoxelSizeError
from keramos.io import open_labels, open_regions, open_volume
from keramos.simulation import REGIONS, PhantomSettings, PhantomStack, collect_slabs

SHAPE = (40, 48, 56)


def test_killed_and_resumed_it_is_what_is_made_in_memory(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        phantom(tmp_path, shape=SHAPE, seed=5, hand_labels=[3, 37], reporter=Dies(32, "make"))
    assert not (tmp_path / "phantom.json").exists()
    notes = Notes()
    parameters = phantom(tmp_path, shape=SHAPE, seed=5, hand_labels=[3, 37], reporter=notes)
    assert "16 of 40 slices are finished" in notes.notes[0]
    made = collect_slabs(PhantomStack(PhantomSettings(SHAPE, seed=5, hand_labels=(3, 37))))
    images, truth = open_volume(tmp_path / "images.ome.zarr"), open_labels(tmp_path / "truth.ome.zarr")
    np.testing.assert_array_equal(images.read(), made.images.read())
    np.testing.assert_array_equal(truth.read(), made.truth.read())
    np.testing.assert_array_equal(open_labels(tmp_path / "hand-labels.ome.zarr").read(), made.hand.read())
    regions = open_regions(tmp_path / "regions.ome.zarr")
    assert regions.names == REGIONS
    np.testing.assert_array_equal(regions.read(Box.whole(SHAPE)), made.regions)
    assert images.view == made.images.view
    assert parameters == made.parameters
    assert images.provenance.steps[0].parameters["seed"] == 5


def test_a_finished_one_is_left_and_another_refused(tmp_path: Path) -> None:
    phantom(tmp_path, shape=(2, 24, 24))
    notes = Notes()
    phantom(tmp_path, shape=(2, 24, 24), reporter=notes)
    assert "finished already" in notes.notes[0]
    with pytest.raises(ResumeError, match="severity and imaging differ"):
        phantom(tmp_path, shape=(2, 24, 24), severity=0.9)
    phantom(tmp_path, shape=(3, 24, 24), fresh=True)
    assert open_volume(tmp_path / "images.ome.zarr").shape == (3, 24, 24)


def test_images_of_someone_else_are_not_replaced(tmp_path: Path) -> None:
    phantom(tmp_path, shape=(2, 24, 24))
    (tmp_path / "phantom-ledger.jsonl").unlink()
    before = open_volume(tmp_path / "images.ome.zarr").read()
    with pytest.raises(StorageError, match="images or labels of something else"):
        phantom(tmp_path, shape=(2, 24, 24), seed=1)
    np.testing.assert_array_equal(open_volume(tmp_path / "images.ome.zarr").read(), before)


def test_a_deep_stack_meets_the_fraction_too() -> None:
    stack = PhantomStack(PhantomSettings((200, 48, 48), solid_fraction=0.7))
    truth = np.concatenate([slab.truth for slab in stack.slabs()])
    assert truth.mean() == pytest.approx(0.7, abs=0.005)
    # From any slab on, the same bytes.
    late = next(iter(stack.slabs(7)))
    np.testing.assert_array_equal(late.truth, truth[Box((112, 0, 0), (128, 48, 48)).slices])


def test_a_stack_written_in_reverse_order_is_told_from_its_metadata(tmp_path: Path) -> None:
    for order in ("increasing", "decreasing"):
        phantom(tmp_path / order, shape=SHAPE, seed=6, cutting_order=order, hand_labels=[5])  # type: ignore[arg-type]
    forth, back = (open_volume(tmp_path / order / "images.ome.zarr") for order in ("increasing", "decreasing"))
    assert forth.view is not None and back.view is not None  # noqa: PT018
    assert (forth.view.cutting_order, back.view.cutting_order) == ("increasing", "decreasing")
    assert np.abs(forth.read().astype(int) - back.read()[::-1]).max() <= 1
    truths = [open_labels(tmp_path / order / "truth.ome.zarr").read() for order in ("increasing", "decreasing")]
    np.testing.assert_array_equal(truths[0], truths[1][::-1])
    hand = open_labels(tmp_path / "decreasing" / "hand-labels.ome.zarr").read()
    assert [z for z in range(SHAPE[0]) if (hand[z] != 255).any()] == [5]
    assert 0 < np.mean(hand[5] != truths[1][5]) < 0.1


def test_a_measured_geometry_is_imaged_voxel_by_voxel(tmp_path: Path) -> None:
    import tifffile

    rock = np.where(np.random.default_rng(0).random((6, 5, 7)) > 0.4, 255, 0).astype(np.uint8).repeat(6, 1).repeat(6, 2)
    tifffile.imwrite(tmp_path / "rock.tif", rock)
    size = VoxelSize(30, 40, 30)
    with pytest.raises(VoxelSizeError, match=r"voxel size of .*rock\.tif"):
        phantom(tmp_path / "p", geometry=tmp_path / "rock.tif")
    with pytest.raises(SettingsError, match="either --geometry or --structure"):
        phantom(tmp_path / "p", geometry=tmp_path / "rock.tif", voxel_size=size, structure="spheres")
    with pytest.raises(SettingsError, match="has its own solid fraction; omit --solid-fraction"):
        phantom(tmp_path / "p", geometry=tmp_path / "rock.tif", voxel_size=size, solid_fraction=0.5)
    with pytest.raises(LabelError, match="look like grey values"):
        phantom(tmp_path / "p", geometry=np_grey(tmp_path), voxel_size=size)
    made = phantom(tmp_path / "p", geometry=tmp_path / "rock.tif", voxel_size=size)
    assert made["body"]["file"].endswith("rock.tif")
    truth = open_labels(tmp_path / "p" / "truth.ome.zarr")
    np.testing.assert_array_equal(truth.read(), rock // 255)
    assert truth.voxel_size == size
    phantom(tmp_path / "q", geometry=tmp_path / "rock.tif", voxel_size=size, box="2:5,0:20,10:40")
    np.testing.assert_array_equal(open_labels(tmp_path / "q" / "truth.ome.zarr").read(), rock[2:5, :20, 10:40] // 255)


def np_grey(folder: Path) -> Path:
    np.save(folder / "grey.npy", np.arange(6 * 30 * 30, dtype=np.uint16).reshape(6, 30, 30))
    return folder / "grey.npy"
