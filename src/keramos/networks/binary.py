"""Two phases from one output channel, as in the paper: the sigmoid of one logit is the softmax of it and zero."""

from __future__ import annotations

import torch
from torch import Tensor


def outputs_for(classes: int) -> int:
    """Channels of a last layer: one for two phases, else one a phase."""
    return 1 if classes == 2 else classes


def as_phases(outputs: Tensor) -> Tensor:
    """Logits of each phase (N, classes, Y, X); a single channel is that of the second phase against the first."""
    return torch.cat([torch.zeros_like(outputs), outputs], dim=1) if outputs.shape[1] == 1 else outputs
