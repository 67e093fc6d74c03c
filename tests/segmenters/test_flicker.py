"""Flicker: what is of another phase than both slices beside it, and unsure, gets their phase; the same however it is
run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from doubles import Dies, Killed, Soft
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, PhaseTable, Volume, VoxelSize
from keramos.core.errors import ResumeError, SettingsError
from keramos.io import open_labels, open_scores, open_uncertainty
from keramos.segmenters import Otsu, segment_volume
from keramos.segmenters.flicker import MOST_PHASES, UNSURE, mark_unsure, settle
from keramos.settings.segment import SegmentationOptions

Same = Callable[[Path, Path], bool]
SMALL = SegmentationOptions(memory=526 * 2**20)  # blocks of one chunk: twelve of them
REMOVE = replace(SMALL, flicker="remove")


def settle_one_by_one(scores: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The rule, voxel by voxel, from the scores themselves."""
    codes = scores.argmax(axis=0)
    settled = codes.copy()
    depth, height, width = codes.shape
    for z, y, x in product(range(1, depth - 1), range(height), range(width)):
        own, before, after = codes[z, y, x], codes[z - 1, y, x], codes[z + 1, y, x]
        if before != after or before == own:
            continue
        if scores[own, z, y, x] < np.float32(UNSURE):
            settled[z, y, x] = before
    return settled.astype(np.uint8)


def draw_scores(phases: int, seed: int) -> NDArray[np.float32]:
    shares = np.random.default_rng(seed).dirichlet([4.0] * phases, (6, 9, 11)).astype(np.float32)
    return np.ascontiguousarray(shares.transpose(3, 0, 1, 2))


@pytest.mark.parametrize("phases", [2, 3])
def test_unsure_voxels_that_flicker_get_the_phase_of_their_neighbours(phases: int) -> None:
    for seed in range(5):
        scores = draw_scores(phases, seed)
        codes = scores.argmax(axis=0).astype(np.uint8)
        settled = settle(mark_unsure(codes, scores))
        np.testing.assert_array_equal(settled, settle_one_by_one(scores))
        assert 0.02 < np.mean(settled != codes) < 0.4


def test_what_is_sure_and_what_goes_on_stays() -> None:
    solid = np.full((7, 9, 9), 0.95, np.float32)
    solid[2, 3:5, 3:5] = 0.4  # sure enough to be void, in one slice
    solid[4:6, 6, 6] = 0.48  # unsure, in two slices
    codes = (solid > 0.5).astype(np.uint8)
    np.testing.assert_array_equal(settle(mark_unsure(codes, np.stack([1 - solid, solid]))), codes)


def test_slices_without_an_annotation_have_no_say_and_stay() -> None:
    solid = np.full((5, 4, 4), 0.95, np.float32)
    solid[[1, 3], 1, 1] = 0.45
    codes = (solid > 0.5).astype(np.uint8)
    marked = mark_unsure(codes, np.stack([1 - solid, solid]))
    marked[2] = NOT_ANNOTATED
    np.testing.assert_array_equal(settle(marked), np.where(marked == NOT_ANNOTATED, NOT_ANNOTATED, codes))


def test_the_last_of_the_most_phases_is_not_taken_for_unannotated() -> None:
    scores = np.zeros((MOST_PHASES, 3, 2, 2), np.float32)
    scores[MOST_PHASES - 1] = 1
    scores[:2, 1, 0, 0], scores[MOST_PHASES - 1, 1, 0, 0] = 0.5, 0
    codes = scores.argmax(axis=0).astype(np.uint8)
    assert codes[1, 0, 0] == 0
    assert np.unique(settle(mark_unsure(codes, scores))).tolist() == [MOST_PHASES - 1]


@pytest.mark.usefixtures("small_blocks")
def test_blocks_settle_as_the_whole(volume: Volume, tmp_path: Path) -> None:
    out, whole = tmp_path / "out.ome.zarr", Box.whole(volume.shape)
    settings = replace(REMOVE, scores=True, uncertainty=True)
    segment_volume(volume, Soft(), out, settings=settings)
    scores = Soft().scores(volume.read(), Block(0, whole, whole))
    decided = scores.argmax(axis=0).astype(np.uint8)
    expected = settle(mark_unsure(decided, scores))
    np.testing.assert_array_equal(open_labels(out).read(), expected)
    assert np.sum(expected != decided) > 1000
    plain = tmp_path / "plain.ome.zarr"
    segment_volume(volume, Soft(), plain, settings=replace(settings, flicker="keep"))
    np.testing.assert_array_equal(open_labels(plain).read(), decided)
    for read in (open_scores, open_uncertainty):  # the scores stay those of the network
        np.testing.assert_array_equal(read(out).read(whole), read(plain).read(whole))
    assert [step.verb for step in open_labels(out).provenance.steps] == ["remove flicker"]
    kept = {path.name for path in out.iterdir()}
    assert kept == {"keramos-ledger.jsonl", "labels", "scores", "uncertainty", "zarr.json"}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("task", ["segment", "remove flicker"])
def test_killed_resumed_and_by_two_workers_the_bytes_are_the_same(
    task: str, volume: Volume, tmp_path: Path, same_bytes: Same
) -> None:
    cut = volume.crop(Box((0, 0, 0), (20, 260, 270)))
    usual, killed, two = (tmp_path / f"{name}.ome.zarr" for name in ("usual", "killed", "two"))
    wanted = replace(REMOVE, remove_specks=12)
    segment_volume(cut, Soft(), usual, settings=wanted)
    with pytest.raises(Killed):
        segment_volume(cut, Soft(), killed, settings=wanted, reporter=Dies(2, task))
    for other in (replace(wanted, flicker="keep"), replace(wanted, remove_specks=11)):
        with pytest.raises(ResumeError, match="differs from the earlier run"):
            segment_volume(cut, Soft(), killed, settings=other)
    segment_volume(cut, Soft(), killed, settings=wanted)
    assert same_bytes(usual, killed)
    if task == "segment":
        workers = replace(wanted, workers=2, memory=(2 * 142 + 3 * 384) * 2**20)  # as much for each of them
        segment_volume(cut, Soft(), two, settings=workers)
        assert same_bytes(usual, two)


@dataclass(frozen=True)
class Learned(Soft):
    """A segmenter with the card of a model."""

    gains: bool = True

    @property
    def card(self) -> Any:
        return SimpleNamespace(
            channel_names=(), specks=0, threshold=None, removes_flicker=self.gains, voxel_size=VoxelSize(20, 26.4, 20.8)
        )


@pytest.mark.parametrize(
    ("segmenter", "z_nm", "slices", "removed"),
    [
        (Learned(), 20, 5, True),
        (Learned(), 12, 5, True),
        (Learned(gains=False), 20, 5, False),
        (Learned(), 40, 5, False),  # too far apart to say anything of a voxel between
        (Learned(), 20, 2, False),
        (Soft(), 20, 5, False),
        (Otsu(), 20, 5, False),
    ],
)
def test_by_default_the_card_of_the_model_decides(
    segmenter: Any, z_nm: float, slices: int, removed: bool, tmp_path: Path
) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (slices, 12, 12)).astype(np.uint8)
    volume = Volume.from_array(grey, VoxelSize(z_nm, 26.4, 20.8))
    segment_volume(volume, segmenter, tmp_path / "out.ome.zarr")
    labels = open_labels(tmp_path / "out.ome.zarr")
    assert [step.verb for step in labels.provenance.steps] == ["remove flicker"] * removed
    if removed:
        segment_volume(volume, segmenter, tmp_path / "kept.ome.zarr", settings=SegmentationOptions(flicker="keep"))
        assert np.any(labels.read() != open_labels(tmp_path / "kept.ome.zarr").read())


@pytest.mark.parametrize(
    ("segmenter", "slices", "says"),
    [
        (Otsu(), 5, "a trained network for --flicker remove, found otsu"),
        (Soft(), 2, "at least 3 slices and at most 127 phases for --flicker remove, found 2 and 2"),
        (Soft(PhaseTable.from_names([str(n) for n in range(128)])), 5, "at most 127 phases .*, found 5 and 128"),
    ],
)
def test_removal_that_cannot_be_is_refused(segmenter: Any, slices: int, says: str, tmp_path: Path) -> None:
    volume = Volume.from_array(np.zeros((slices, 8, 8), np.uint8), VoxelSize(20, 20, 20))
    with pytest.raises(SettingsError, match=says):
        segment_volume(volume, segmenter, tmp_path / "out", settings=SegmentationOptions(flicker="remove"))
    assert not (tmp_path / "out").exists()
