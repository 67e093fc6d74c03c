"""The reliability diagram shows each bin where it is, and its error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keramos.core.errors import StorageError
from keramos.reports.reliability import reliability_figure, write_reliability
from keramos.scoring import measure_calibration

RNG = np.random.default_rng(0)
SCORES = RNG.uniform(0.7, 1, 9000)
FOUND = measure_calibration(SCORES, RNG.random(9000) < SCORES - 0.1)


def test_points_are_the_bins_beside_the_diagonal() -> None:
    axes = reliability_figure(FOUND).axes[0]
    diagonal, points = axes.lines
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    assert list(points.get_xdata()) == [row.mean_score for row in FOUND.bins]
    assert list(points.get_ydata()) == [row.share_right for row in FOUND.bins]
    assert f"{FOUND.ece:.4f}" in axes.get_title()
    assert axes.get_xlim()[0] < min(row.share_right for row in FOUND.bins)


def test_it_is_written_or_said_why_not(tmp_path: Path) -> None:
    write_reliability(FOUND, tmp_path / "r.png")
    assert np.asarray(Image.open(tmp_path / "r.png")).std() > 0
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="expected to write"):
        write_reliability(FOUND, tmp_path / "file" / "r.png")
