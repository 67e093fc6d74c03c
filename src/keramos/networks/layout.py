"""Memory layout of tensors: convolutions are fastest with channels last, on CPUs and GPUs alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def channels_last(network: nn.Module) -> nn.Module:
    """Lay out the kernels of 2-D and 3-D convolutions with the channels last, in place."""
    for parameter in network.parameters():
        parameter.data = last(parameter.data)
    return network


def last(tensor: Tensor) -> Tensor:
    """The same values with the channels last; those that are not images (N C Y X or N C Z Y X) as they are."""
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    return tensor.contiguous(memory_format=formats[tensor.dim()]) if tensor.dim() in formats else tensor
