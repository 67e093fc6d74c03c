"""The loss against its definition, and its blindness to what nobody annotated."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from keramos.core import NOT_ANNOTATED
from keramos.learning.loss import cross_entropy_dice


def by_hand(logits: np.ndarray, codes: np.ndarray) -> float:
    """Mean of -log p over annotated pixels, plus 1 - (2 sum p t + 1) / (sum p + sum t + 1), averaged over phases."""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    known = codes != NOT_ANNOTATED
    entropy = -np.mean([np.log(p[n, codes[n, y, x], y, x]) for n, y, x in np.argwhere(known)])
    dice = []
    for phase in range(logits.shape[1]):
        true = codes[known] == phase
        if true.any():
            found = p[:, phase][known]
            dice.append(1 - (2 * found[true].sum() + 1) / (found.sum() + true.sum() + 1))
    return float(entropy + np.mean(dice))


@pytest.mark.parametrize("phases", [2, 3])
def test_it_is_cross_entropy_plus_dice_over_annotated_pixels(phases: int) -> None:
    rng = np.random.default_rng(phases)
    logits = rng.normal(0, 2, (2, phases, 6, 5))
    codes = rng.integers(0, phases, (2, 6, 5))
    codes[0, :2] = NOT_ANNOTATED
    loss = cross_entropy_dice(torch.from_numpy(logits), torch.from_numpy(codes))
    assert float(loss) == pytest.approx(by_hand(logits, codes))


def test_a_phase_that_is_not_there_costs_no_dice() -> None:
    logits = np.zeros((1, 3, 4, 4))
    codes = np.tile([0, 1], (1, 4, 2)).reshape(1, 4, 4)
    assert float(cross_entropy_dice(torch.from_numpy(logits), torch.from_numpy(codes))) == pytest.approx(
        by_hand(logits, codes)
    )


def test_not_annotated_pixels_have_no_influence() -> None:
    logits = torch.randn(2, 2, 8, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    codes = torch.randint(0, 2, (2, 8, 8))
    codes[:, 3:] = NOT_ANNOTATED
    cross_entropy_dice(logits, codes).backward()
    assert logits.grad is not None
    assert (logits.grad[:, :, 3:] == 0).all()
    assert (logits.grad[:, :, :3] != 0).all()


def test_nothing_annotated_is_no_loss() -> None:
    codes = torch.full((1, 4, 4), NOT_ANNOTATED)
    assert float(cross_entropy_dice(torch.zeros(1, 2, 4, 4), codes)) == 0
