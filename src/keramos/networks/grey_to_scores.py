"""A trained network with all that surrounds it, as other software runs it: grey values in, scores out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from keramos.networks.card import Normalisation
from keramos.networks.checkpoint import Checkpoint
from keramos.networks.fold import fold_batchnorm


class GreyToScores(nn.Module):
    """Scores (N, classes, Y, X) of raw grey values (N, inputs, Y, X), float32: normalisation, network, temperature and
    softmax of a checkpoint in one. Y and X must be multiples of the stride.

    The constants of the normalisation are the card's: a model that takes them from each stack must have got those of
    a stack before. A BatchNorm that follows a convolution is folded into it; others (the paper's U-Net has them after
    the ReLU) stay.

    Raises:
        SettingsError, FormatError: a checkpoint without a network, or whose weights do not fit it.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.network = checkpoint.network()
        fold_batchnorm(self.network)
        self.normalisation = checkpoint.card.normalisation
        self.temperature = checkpoint.card.temperature
        self.planes, self.inputs = self.network.planes, self.network.inputs
        self.halo, self.stride = self.network.halo, self.network.stride
        self.eval()

    @property
    def example(self) -> Tensor:
        """An input to trace it with: an axis of length one would be taken for constant, two of one length for one."""
        return torch.zeros(2, self.inputs, 2 * self.stride[1], 3 * self.stride[2])

    def forward(self, grey: Tensor) -> Tensor:
        if self.normalisation is not None:
            mean, std = self._constants(self.normalisation)
            grey = (grey - mean) / std
        logits: Tensor = self.network(grey)
        return (logits / self.temperature).softmax(dim=1)

    def _constants(self, normalisation: Normalisation) -> tuple[float | Tensor, float | Tensor]:
        """The mean and the deviation, of each input where they differ."""
        if not normalisation.others:
            return normalisation.mean, normalisation.std
        means, stds = (
            torch.tensor(values).repeat_interleave(self.planes)[:, None, None]
            for values in (normalisation.means, normalisation.stds)
        )
        return means, stds
