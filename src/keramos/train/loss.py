"""Cross-entropy plus soft Dice, over annotated voxels only."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from keramos.volume import NOT_ANNOTATED

_SMOOTHING = 1.0


def cross_entropy_dice(logits: Tensor, codes: Tensor) -> Tensor:
    """Mean cross-entropy plus 1 - Dice, for logits (N, C, Y, X) and codes (N, Y, X) where 255 is left out.

    With two phases this is the BCE + Dice of Hirabayashi et al. 2024, Eq. (2), its Dice taken per batch (the
    definition of Milletari et al. 2016) and averaged over the phases present.
    """
    known = codes != NOT_ANNOTATED
    count = known.sum().clamp(min=1)
    target = codes.masked_fill(~known, 0)
    entropy = (functional.cross_entropy(logits, target, reduction="none") * known).sum() / count
    scores = logits.softmax(dim=1) * known[:, None]
    truth = functional.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2) * known[:, None]
    overlap = (scores * truth).sum(dim=(0, 2, 3))
    total = scores.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    dice = (2 * overlap + _SMOOTHING) / (total + _SMOOTHING)
    present = truth.sum(dim=(0, 2, 3)) > 0
    return entropy + ((1 - dice) * present).sum() / present.sum().clamp(min=1)
