"""Segmenting a volume: resumable, the same bytes however it is run, and careful with what stands at its output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doubles import Dies, Killed, Notes

from keramos.blocks import Block
from keramos.core import Box, Volume
from keramos.core.errors import KeramosError, PixelError, ResumeError, SettingsError, StorageError, VoxelSizeError
from keramos.io import open_labels, open_scores
from keramos.segmenters import Otsu, Sauvola, decide, plan_for, segment_volume
from keramos.settings.segment import SegmentationOptions

Same = Callable[[Path, Path], bool]
SMALL = SegmentationOptions(memory=526 * 2**20)  # blocks of one chunk: twelve of them


def test_labels_are_the_predictors_decision(volume: Volume, tmp_path: Path) -> None:
    segmenter = Sauvola(window=51, sigma=1)
    segment_volume(volume, segmenter, tmp_path / "out.ome.zarr", settings=SMALL)
    assert len(plan_for(volume.shape, segmenter.signature, memory_bytes=SMALL.memory)) == 12
    whole = Box.whole(volume.shape)
    expected = decide(segmenter.scores(volume.read(), Block(0, whole, whole)))
    labels = open_labels(tmp_path / "out.ome.zarr")
    np.testing.assert_array_equal(labels.read(), expected)
    assert labels.voxel_size == volume.voxel_size
    assert labels.phases == segmenter.phases


def test_killed_and_resumed_gives_the_same_bytes(volume: Volume, tmp_path: Path, same_bytes: Same) -> None:
    settings = SegmentationOptions(scores=True, memory=SMALL.memory)
    segment_volume(volume, Otsu(), tmp_path / "whole.ome.zarr", settings=settings)
    out = tmp_path / "killed.ome.zarr"
    with pytest.raises(Killed):
        segment_volume(volume, Otsu(), out, settings=settings, reporter=Dies(2, "segment"))
    notes = Notes()
    segment_volume(volume, Otsu(), out, settings=settings, reporter=notes)
    assert notes.notes
    assert notes.notes[0].startswith(f"resuming {out}: 2 of ")
    assert same_bytes(out, tmp_path / "whole.ome.zarr")


def test_spawned_workers_write_the_same_bytes(volume: Volume, tmp_path: Path, same_bytes: Same) -> None:
    one = SegmentationOptions(remove_specks=30, memory=SMALL.memory)
    segment_volume(volume, Otsu(scope="stack"), tmp_path / "one.ome.zarr", settings=one)
    two = replace(one, workers=2, memory=(2 * 142 + 3 * 384) * 2**20)  # as much for each of them
    segment_volume(volume, Otsu(scope="stack"), tmp_path / "two.ome.zarr", settings=two)
    assert same_bytes(tmp_path / "one.ome.zarr", tmp_path / "two.ome.zarr")


def test_a_finished_run_is_left_alone_and_fresh_replaces_it(volume: Volume, tmp_path: Path) -> None:
    out, notes = tmp_path / "out.ome.zarr", Notes()
    segment_volume(volume, Otsu(), out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("c/**/*") if p.is_file()}
    segment_volume(volume, Otsu(), out, reporter=notes)
    assert "finished already; nothing to do" in notes.notes[0]
    assert before == {p: p.stat().st_mtime_ns for p in out.rglob("c/**/*") if p.is_file()}
    segment_volume(volume, Sauvola(window=51), out, settings=SegmentationOptions(fresh=True))
    whole = Box.whole(volume.shape)
    expected = decide(Sauvola(window=51).scores(volume.read(), Block(0, whole, whole)))
    np.testing.assert_array_equal(open_labels(out).read(), expected)


def test_another_model_image_or_plan_is_refused_by_name(volume: Volume, tmp_path: Path) -> None:
    out = tmp_path / "out.ome.zarr"
    segment_volume(volume, Otsu(), out)
    other = volume.crop(Box((0, 0, 0), (34, 260, 200)))
    for images, segmenter, settings, word in [
        (volume, Sauvola(window=51), None, "model"),
        (other, Otsu(), None, "images"),
        (volume, Otsu(), SMALL, "blocks"),
        (volume, Otsu(), SegmentationOptions(scores=True), "scores"),
    ]:
        before = open_labels(out).read()
        with pytest.raises(ResumeError, match=rf"cannot resume {out}: .*{word}.* from the earlier run; give the same"):
            segment_volume(images, segmenter, out, settings=settings)
        np.testing.assert_array_equal(open_labels(out).read(), before)


def test_something_else_at_the_output_is_never_deleted(volume: Volume, tmp_path: Path) -> None:
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter.tex").write_text("years of work", encoding="utf-8")
    for settings in (SegmentationOptions(), SegmentationOptions(fresh=True)):
        with pytest.raises(StorageError, match="something else"):
            segment_volume(volume, Otsu(), precious, settings=settings)
    assert (precious / "chapter.tex").read_text(encoding="utf-8") == "years of work"


def test_too_little_memory_is_said(volume: Volume, tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"at least \d{3} MiB of --memory for this model and 1 worker\(s\), found 1 MiB"
    ):
        segment_volume(volume, Otsu(), tmp_path / "out.ome.zarr", settings=SegmentationOptions(memory=2**20))


def test_scores_are_probabilities_of_each_phase(volume: Volume, tmp_path: Path) -> None:
    out = tmp_path / "out.ome.zarr"
    segment_volume(volume, Otsu(), out, settings=SegmentationOptions(scores=True))
    scores = open_scores(out).read(Box.whole(volume.shape))
    assert set(np.unique(scores)) == {0, 255}
    np.testing.assert_array_equal(scores[1] == 255, open_labels(out).read() == 1)
    np.testing.assert_array_equal(scores.astype(int).sum(axis=0), 255)


def test_a_model_of_another_voxel_size_is_refused(volume: Volume, tmp_path: Path) -> None:
    from keramos.core import VoxelSize
    from keramos.networks import Signature

    class Coarse(Otsu):
        @property
        def signature(self) -> Signature:
            return Signature(voxel_size=VoxelSize(20, 26.4, 26))

    with pytest.raises(VoxelSizeError, match=r"within 20 % of the model's 20 x 26.4 x 26 nm.*found 20 x 26.4 x 20.8"):
        segment_volume(volume, Coarse(), tmp_path / "out.ome.zarr")
    with pytest.raises(VoxelSizeError, match="--voxel-size Z Y X in nm"):
        segment_volume(replace(volume, voxel_size=None), Coarse(), tmp_path / "out.ome.zarr")
    assert not (tmp_path / "out.ome.zarr").exists()


def test_grey_values_of_another_kind_are_refused_and_of_another_range_noted(volume: Volume, tmp_path: Path) -> None:
    from keramos.networks import Signature

    class Trained(Otsu):
        @property
        def signature(self) -> Signature:
            return Signature(dtype="uint8", grey_range=(40.0, 180.0))

    heard = Notes()
    segment_volume(volume, Trained(), tmp_path / "alike.ome.zarr", reporter=heard)
    assert heard.notes == []
    small = volume.crop(Box((0, 0, 0), (2, 64, 64)))
    deep = Volume.from_array(small.read().astype(np.uint16) * 256, volume.voxel_size, "deep.tif")
    with pytest.raises(PixelError, match=r"type uint8, as in the images .*, found uint16 in deep.tif"):
        segment_volume(deep, Trained(), tmp_path / "deep.ome.zarr")
    dark = replace(deep, source=Volume.from_array(small.read() // 8).source, name="dark.tif")
    segment_volume(dark, Trained(), tmp_path / "dark.ome.zarr", reporter=heard)
    assert "dark.tif" in heard.notes[0]
    assert "outside those that the model was trained on (40 to 180)" in heard.notes[0]


def test_a_constant_slice_is_said(tmp_path: Path) -> None:
    flat = Volume.from_array(np.full((2, 32, 32), 7, np.uint8), name="flat.tif")
    with pytest.raises(KeramosError, match=r"2 grey levels for Otsu's thresholds, found 1 in slice 0 of flat.tif"):
        segment_volume(flat, Otsu(), tmp_path / "out.ome.zarr")


def test_what_a_killed_run_had_not_finished_writing_is_removed(
    volume: Volume, tmp_path: Path, same_bytes: Same
) -> None:
    out = tmp_path / "killed.ome.zarr"
    segment_volume(volume, Otsu(), tmp_path / "whole.ome.zarr", settings=SMALL)
    with pytest.raises(Killed):
        segment_volume(volume, Otsu(), out, settings=SMALL, reporter=Dies(2, "segment"))
    for place in (out, out / "labels" / "segmentation" / "0" / "c" / "0" / "0"):
        (place / "1.0123456789abcdef.partial").write_bytes(b"half")
    segment_volume(volume, Otsu(), out, settings=SMALL)
    assert same_bytes(out, tmp_path / "whole.ome.zarr")
    assert not list(out.rglob("*.partial"))
