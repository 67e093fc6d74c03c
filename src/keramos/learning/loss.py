"""Cross-entropy plus soft Dice, over annotated voxels only."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from keramos.core import NOT_ANNOTATED

Dice = Literal["batch", "pixel"]
SMOOTHING = 1.0


class Loss(NamedTuple):
    """The two parts of a loss; their sum is what is made small."""

    cross_entropy: Tensor
    dice: Tensor

    @property
    def total(self) -> Tensor:
        return self.cross_entropy + self.dice


def cross_entropy_dice(logits: Tensor, codes: Tensor) -> Tensor:
    """Mean cross-entropy plus 1 - Dice, for logits (N, C, Y, X) and codes (N, Y, X) where 255 is left out.

    The Dice is taken per batch (the definition of Milletari et al. 2016) and averaged over the phases present.
    """
    known, target = _split_annotated(codes)
    logs = logits.log_softmax(dim=1)
    scores = logs.exp()
    sums: list[tuple[Tensor, ...]] = []
    # Phase by phase, which takes half the time of one-hot codes of all.
    for phase in range(logits.shape[1]):
        truth, score = (codes == phase).to(scores.dtype), scores[:, phase]
        sums.append(((score * truth).sum(), (score * known).sum(), truth.sum()))
    overlap, predicted, true = (torch.stack(each) for each in zip(*sums, strict=True))
    dice, present = (2 * overlap + SMOOTHING) / (predicted + true + SMOOTHING), true > 0
    return _entropy(logs, target, known) + ((1 - dice) * present).sum() / present.sum().clamp(min=1)


def bce_dice(logits: Tensor, codes: Tensor, positive: int, dice: Dice = "batch") -> Loss:
    """The BCE-Dice loss of Hirabayashi et al. 2024, Eq. (2), in its two parts.

    The equation takes the Dice of each *pixel*, 1 - (2 p y + 1) / (p + y + 1), and averages it; the authors' released
    code takes that of the whole *batch*, 1 - (2 sum(p y) + 1) / (sum p + sum y + 1), which is what trained the network
    they report: hence the default. For two phases p is the score of the `positive` one; for more the Dice is averaged
    over the phases.
    """
    known, target = _split_annotated(codes)
    scores = logits.softmax(dim=1)
    phases = [positive] if logits.shape[1] == 2 else list(range(logits.shape[1]))
    losses = [_dice_loss(scores[:, phase], target == phase, known, dice) for phase in phases]
    return Loss(_entropy(logits.log_softmax(dim=1), target, known), sum(losses[1:], losses[0]) / len(losses))


def _dice_loss(score: Tensor, true: Tensor, known: Tensor, dice: Dice) -> Tensor:
    truth = true.to(score.dtype)
    if dice == "pixel":
        each = 1 - (2 * score * truth + SMOOTHING) / (score + truth + SMOOTHING)
        return (each * known).sum() / known.sum().clamp(min=1)
    score, truth = score * known, truth * known
    return 1 - (2 * (score * truth).sum() + SMOOTHING) / (score.sum() + truth.sum() + SMOOTHING)


def _split_annotated(codes: Tensor) -> tuple[Tensor, Tensor]:
    """The mask of annotated voxels, and their codes (0 elsewhere)."""
    known = codes != NOT_ANNOTATED
    return known, codes.masked_fill(~known, 0)


def _entropy(logs: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean cross-entropy over the annotated voxels, from logarithms of scores."""
    each = functional.nll_loss(logs, target, reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)
