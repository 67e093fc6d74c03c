"""Places where a stack is torn are told from those where structure changes fast."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.preparation import Agreement, AgreementObserver
from keramos.simulation import make_phantom


def observe(slices: np.ndarray) -> Agreement:
    observer = AgreementObserver((slices.shape[1], slices.shape[2]))
    for z, grey in enumerate(slices):
        observer.add(z, grey.astype(np.float32))
    return observer.finish()


@pytest.mark.parametrize("preset", ["ba122", "sofc"])
def test_two_specimens_in_one_stack_are_told_and_one_is_not_torn(preset: str) -> None:
    def make(depth: int, seed: int) -> np.ndarray:
        return make_phantom((depth, 160, 160), seed=seed, preset=preset, voxel_size=VoxelSize(20, 10, 10)).images.read()

    one, other = make(9, 3), make(4, 30)
    assert observe(one).tears == []
    assert observe(np.concatenate([one, other])).tears == [(8, 9)]
    moved = np.concatenate([one[:5], np.roll(one[5:], (11, -17), axis=(1, 2))])
    assert observe(moved).tears == []


def test_noise_is_unrelated() -> None:
    noise = np.random.default_rng(1).normal(100, 20, (6, 96, 96))
    agreement = observe(noise)
    assert agreement.is_unrelated
    assert not observe(noise + 40 * np.sin(np.arange(96) / 5)[:, None]).is_unrelated
