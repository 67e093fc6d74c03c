"""Scores block by block are those of the whole; fractions are counts."""

from __future__ import annotations

import numpy as np
import pytest

import keramos.project.scores as scoring
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume, VoxelSize
from keramos.core.errors import LabelError
from keramos.core.progress import silent
from keramos.scoring import ScoreSettings, finish, measure


def pair() -> tuple[LabelVolume, LabelVolume]:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, (9, 70, 66)).astype(np.uint8)
    found = np.where(rng.random(true.shape) < 0.9, true, 1 - true).astype(np.uint8)
    true[rng.random(true.shape) < 0.1] = NOT_ANNOTATED
    size = VoxelSize(20, 26.4, 20.8)
    return LabelVolume.from_array(found, VOID_SOLID, size), LabelVolume.from_array(true, VOID_SOLID, size)


@pytest.mark.parametrize("voxels", [2**12, 2**14, 2**23])
def test_any_block_size_gives_the_scores_of_the_whole(voxels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found, true = pair()
    monkeypatch.setattr(scoring, "_BLOCK_VOXELS", voxels)
    told: list[tuple[int, int]] = []
    scores = scoring.score_labels(found, true, progress=lambda *counts: told.append(counts))
    settings = ScoreSettings.of(VOID_SOLID, true.shape, z_per_y=20 / 26.4)
    whole = Box.whole(true.shape)
    assert scores == finish(measure(found.read(), true.read(), read=whole, core=whole, settings=settings), settings)
    assert told[-1][0] == told[-1][1]
    assert (len(told) > 1) == (voxels < 2**23)


def test_nothing_annotated_is_an_error_not_a_score() -> None:
    found, _ = pair()
    nothing = LabelVolume.from_array(np.full(found.shape, NOT_ANNOTATED, np.uint8), VOID_SOLID, name="blank.tif")
    with pytest.raises(LabelError, match=r"annotated voxels in blank\.tif, found none"):
        scoring.score_labels(found, nothing, progress=silent)


def test_fractions_are_shares_of_the_voxels_that_have_a_phase() -> None:
    codes = np.array([0, 0, 0, 1, 255, 255], np.uint8).reshape(1, 2, 3)
    fractions = scoring.phase_fractions(LabelVolume.from_array(codes, VOID_SOLID))
    assert fractions == {"void": 0.75, "solid": 0.25}


def test_findings_about_a_part_of_the_truth_name_slices_of_its_file() -> None:
    found, _ = pair()
    codes = found.read().copy()
    codes[5:] = 1
    truth, box = LabelVolume.from_array(codes, VOID_SOLID, found.voxel_size), Box((4, 0, 0), found.shape)
    scores = scoring.score_labels(found.crop(box), truth.crop(box), progress=silent)
    (finding,) = (one for one in scoring.check_scores(scores, truth.crop(box)) if one.slices)
    assert (finding.slices, finding.message[:10]) == ((5, 6, 7, 8), "slices 5-8")
