"""Gains of single rows are told beside noise, and layers of the material are not taken for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.preparation import RawStack
from keramos.preparation.remedies.scan_lines import REMEDY, RowGains

SHAPE = (8, 128, 240)
Grey = NDArray[np.float32]


def look(grey: Grey) -> RowGains:
    observer = REMEDY.observe(RawStack(grey.shape))
    for z, one in enumerate(grey):
        if z != 3:
            observer.add(z, one)
    rows = observer.finish()
    assert isinstance(rows, RowGains)
    return rows


def make() -> Grey:
    """Pores of grey level 40 in solid of 140, without noise."""
    field = gaussian_filter(np.random.default_rng(0).normal(size=SHAPE), (3, 5, 5), mode="wrap")
    return np.where(field > np.percentile(field, 25), 140, 40).astype(np.float32)


def test_gains_of_rows_are_told_beside_noise() -> None:
    rng = np.random.default_rng(1)
    true = (1 + 0.012 * rng.normal(size=SHAPE[:2])).astype(np.float32)
    rows = look(make() * true[:, :, None] + rng.normal(0, 8, SHAPE).astype(np.float32))
    shown = [0, 1, 2, 4, 5, 6, 7]
    assert np.std((rows.gain - true)[shown]) < 0.6 * np.std(true[shown])
    assert abs(rows.sd - 0.012) < 0.002
    assert (rows.gain[3] == 1).all()
    assert rows.summary.startswith("scan lines were removed: gains of single rows with a standard deviation of 1.")


def test_layers_that_lie_along_the_rows_of_all_slices_stay() -> None:
    layers = 1 + 0.03 * np.random.default_rng(2).normal(size=SHAPE[1]).astype(np.float32)
    noise = np.random.default_rng(3).normal(0, 8, SHAPE).astype(np.float32)
    rows = look(make() * layers[:, None] + noise)
    assert not rows.is_needed
    assert rows.summary == "no scan lines were told for sure, and none were removed"


def test_it_is_off_unless_asked_for() -> None:
    assert not REMEDY.is_default
