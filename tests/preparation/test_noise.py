"""Noise is measured beside structure, and averaged out where asked for."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.preparation import RawStack
from keramos.preparation.remedies.noise import REMEDY, NoiseLevel


def test_the_noise_of_each_slice_is_measured_beside_structure() -> None:
    rng = np.random.default_rng(0)
    solid = np.add.outer(np.arange(120) // 20, np.arange(100) // 20) % 2
    true = (6.0, 12.0, 24.0)
    observer = REMEDY.observe(RawStack((4, 120, 100)))
    for z, sd in zip((0, 1, 3), true, strict=True):
        observer.add(z, (60 + 80 * solid + rng.normal(0, sd, solid.shape)).astype(np.float32))
    level = observer.finish()
    assert isinstance(level, NoiseLevel)
    assert level.sd[[0, 1, 3]] == pytest.approx(true, rel=0.12)
    assert level.sd[2] == pytest.approx(18, rel=0.12)


def test_it_is_off_unless_asked_for() -> None:
    assert not REMEDY.is_default
