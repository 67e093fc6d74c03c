"""A batch that several processes share: each runs the network on its part, and all take the loss of the whole.

The loss (its Dice) and BatchNorm are functions of the whole batch. Both are computed from what all processes gathered,
so that their mean gradient, which DDP takes, is that of one process with the whole batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, distributed, nn


class _Gather(torch.autograd.Function):
    """The tensors of all processes, stacked; what each does with one's own comes back to it as a gradient."""

    @staticmethod
    def forward(_: Any, own: Tensor) -> Tensor:
        parts = [torch.empty_like(own) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, own)
        return torch.stack(parts)

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        total = gradient.contiguous()
        distributed.all_reduce(total)
        return total[distributed.get_rank()]


def gather(own: Tensor) -> Tensor:
    """The tensors (N, ...) of all processes, one after the other; its own, in a process that is alone."""
    if not distributed.is_initialized():
        return own
    stacked: Tensor = _Gather.apply(own.contiguous())  # type: ignore[no-untyped-call]
    return stacked.flatten(0, 1)


@contextmanager
def share_statistics(network: nn.Module) -> Iterator[None]:
    """Let BatchNorm take mean and variance of the batch of all processes, inside."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d)]
    if not distributed.is_initialized():
        norms = []
    for norm in norms:
        norm.forward = partial(_normalise, norm)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for norm in norms:
            del norm.forward


def _normalise(norm: nn.BatchNorm2d | nn.BatchNorm3d, features: Tensor) -> Tensor:
    """BatchNorm in training, over equal parts of a batch; the running statistics are renewed in every process."""
    axes = [0, *range(2, features.ndim)]
    spread, centre = torch.var_mean(features.float(), axes, correction=0)
    spreads, centres = gather(torch.stack([spread, centre])[None]).unbind(1)
    variance, mean = spreads.mean(0) + centres.var(0, correction=0), centres.mean(0)
    shape = (1, -1, *[1] * (features.ndim - 2))
    factor = norm.weight * (variance + norm.eps).rsqrt()
    count = features.numel() // features.shape[1] * distributed.get_world_size()
    with torch.no_grad():
        momentum = norm.momentum or 0.0
        norm.running_mean.lerp_(mean, momentum)  # type: ignore[union-attr]
        norm.running_var.lerp_(variance * (count / (count - 1)), momentum)  # type: ignore[union-attr]
        norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]
    return (features - mean.view(shape)) * factor.view(shape) + norm.bias.view(shape)
