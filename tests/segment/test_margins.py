"""Scores of thresholds cross one half where their decision does, and rank voxels by their distance from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from keramos.errors import SettingsError
from keramos.segment import Otsu, Sauvola, decide, positive_scores
from keramos.tiling import Block
from keramos.volume import Box, PhaseTable, Volume

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (3, 60, 70)).astype(np.uint8)
WHOLE = Block(0, Box.whole(GREY.shape), Box.whole(GREY.shape))
OTSU = Otsu().surveyed(Volume.from_array(GREY), lambda *_: None)
PREDICTORS = {
    "otsu": OTSU, "otsu, dark": replace(OTSU, codes_by_grey=(1, 0)), "sauvola": Sauvola(window=21),
    "sauvola, dark": Sauvola(window=21, bright=0),
}  # fmt: skip


@pytest.mark.parametrize("predictor", PREDICTORS.values(), ids=PREDICTORS)
@pytest.mark.parametrize("positive", [0, 1])
def test_half_is_where_the_decision_lies(predictor: Otsu | Sauvola, positive: int) -> None:
    scores = positive_scores(predictor, GREY, WHOLE, positive, grey_scale=16)
    decided = decide(predictor.scores(GREY, WHOLE)) == positive
    off = scores != 0.5
    assert off.mean() > 0.9
    assert np.array_equal((scores > 0.5)[off], decided[off])
    assert 0 <= scores.min() < 0.4 < 0.6 < scores.max() <= 1


def test_farther_from_the_threshold_is_surer() -> None:
    scores = positive_scores(OTSU, GREY, WHOLE, 1, grey_scale=16)[0]
    order = np.argsort(GREY[0].ravel(), kind="stable")
    assert (np.diff(scores.ravel()[order]) >= 0).all()


def test_three_phases_cannot_be_ranked_by_a_threshold() -> None:
    three = Otsu(PhaseTable.named(["a", "b", "c"]), (0, 1, 2), thresholds=((80.0, 160.0),) * 3)
    with pytest.raises(SettingsError, match="two phases for the scores of otsu, found 3"):
        positive_scores(three, GREY, WHOLE, 1, grey_scale=16)
