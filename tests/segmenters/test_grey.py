"""Grey values of another kind, brightness or contrast than a model was trained on are told apart."""

from __future__ import annotations

import numpy as np
import pytest
from doubles import Soft

from keramos.core import Volume
from keramos.core.errors import PixelError
from keramos.core.progress import FindingCollector, Reporter
from keramos.networks import Signature
from keramos.segmenters import check_grey_type, grey_difference
from keramos.segmenters.checks import check_grey

RAMP = np.tile(np.arange(50, 150, dtype=np.uint8), (20, 40, 1))
SEEN = Signature(dtype="uint8", grey_range=(51.0, 148.0))


def said(pixels: np.ndarray) -> str | None:
    finding = grey_difference(Volume.from_array(pixels, name="s.tif"), SEEN)
    return None if finding is None else finding.text


def test_alike_or_unknown_says_nothing() -> None:
    assert said(RAMP) is None
    assert said((RAMP * 1.2).astype(np.uint8)) is None
    assert grey_difference(Volume.from_array(RAMP // 8), Signature()) is None
    check_grey_type(Volume.from_array(RAMP), SEEN)
    check_grey_type(Volume.from_array(RAMP.astype(np.uint16)), Signature())


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (RAMP // 4, "median 24.5) lie outside those that the model was trained on (51 to 148)"),
        (RAMP // 2 + 50, "0.51 times the contrast"),
        (np.clip(2.0 * RAMP - 100, 0, 255).astype(np.uint8), "2 times the contrast"),
        (RAMP + 35, "much brighter"),
        (RAMP - 35, "much darker"),
    ],
)
def test_each_difference_has_its_words(pixels: np.ndarray, words: str) -> None:
    text = said(pixels.astype(np.uint8))
    assert text is not None
    assert words in text
    assert "expect poor labels" in text


def test_a_single_odd_slice_does_not_decide() -> None:
    odd = RAMP.copy()
    odd[len(odd) // 2] = 255
    assert said(odd) is None


def test_another_type_is_refused() -> None:
    with pytest.raises(PixelError, match=r"type uint8, as in the images .* found uint16 in memory"):
        check_grey_type(Volume.from_array(RAMP.astype(np.uint16)), SEEN)


def test_before_a_segmentation_the_difference_is_reported() -> None:
    heard = FindingCollector(Reporter())
    check_grey(Volume.from_array(RAMP // 4), Soft(signature=SEEN), heard)
    assert [finding.kind for finding in heard.findings] == ["other-grey-values"]
