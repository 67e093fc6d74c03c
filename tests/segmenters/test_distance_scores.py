"""Scores of thresholds cross one half where their decision does, and rank voxels by their distance from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from keramos.blocks import Block
from keramos.core import Box, PhaseTable, Volume
from keramos.segmenters import Otsu, Sauvola, Segmenter, decide

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (3, 60, 70)).astype(np.uint8)
WHOLE = Block(0, Box.whole(GREY.shape), Box.whole(GREY.shape))
OTSU = Otsu().fit_to(Volume.from_array(GREY), lambda *_: None)
SEGMENTERS = {
    "otsu": OTSU,
    "otsu, dark": replace(OTSU, codes_by_grey=(1, 0)),
    "sauvola": Sauvola(window=21),
    "sauvola, dark": Sauvola(window=21, bright=0),
}


def ranked(segmenter: Segmenter) -> tuple[np.ndarray, np.ndarray]:
    codes, scores = segmenter.codes_and_scores(GREY, WHOLE, grey_scale=16)
    assert scores is not None
    return codes, scores


@pytest.mark.parametrize("segmenter", SEGMENTERS.values(), ids=SEGMENTERS)
@pytest.mark.parametrize("positive", ["void", "solid"])
def test_half_is_where_the_decision_lies(segmenter: Otsu | Sauvola, positive: str) -> None:
    of_phase = replace(segmenter, phases=PhaseTable.from_names(["void", "solid"], positive))
    codes, scores = ranked(of_phase)
    assert np.array_equal(codes, decide(of_phase.scores(GREY, WHOLE)))
    off = scores != 0.5
    assert off.mean() > 0.9
    assert np.array_equal((scores > 0.5)[off], (codes == of_phase.phases.positive)[off])
    assert 0 <= scores.min() < 0.4 < 0.6 < scores.max() <= 1


def test_farther_from_the_threshold_is_surer() -> None:
    scores = ranked(OTSU)[1][0]
    order = np.argsort(GREY[0].ravel(), kind="stable")
    assert (np.diff(scores.ravel()[order]) >= 0).all()


def test_several_thresholds_decide_but_do_not_rank() -> None:
    three = Otsu(PhaseTable.from_names(["a", "b", "c"]), (0, 1, 2), thresholds=((80.0, 160.0),) * 3)
    codes, scores = three.codes_and_scores(GREY, WHOLE, grey_scale=16)
    assert scores is None
    assert np.array_equal(codes, (GREY > 80).astype(int) + (GREY > 160))
