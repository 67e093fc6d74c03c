"""The cost of a network: numbers to store, operations per pixel, and pixels per second on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode

from keramos.networks.architecture import Network
from keramos.networks.fold import fold_batchnorm
from keramos.networks.layout import channels_last, last

_LEAST_S, _RUNS = 0.3, 3


@dataclass(frozen=True, slots=True)
class Cost:
    """`parameters` before BatchNorm is folded; a multiplication and an addition are two `flop`."""

    parameters: int
    flop_per_pixel: float


def cost_of(build: Callable[[], Network], *, edge: int = 256) -> Cost:
    """Cost of the network that `build` gives, per pixel decided; nothing is computed, no memory is taken."""
    with torch.device("meta"), torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network = build().eval()
        network(torch.zeros(1, network.inputs, edge, edge))
    return Cost(sum(values.numel() for values in network.parameters()), counter.get_total_flops() / edge**2)


@torch.inference_mode()
def mvoxel_per_s(network: Network, *, edge: int = 256, dtype: torch.dtype = torch.float32) -> float:
    """Million pixels decided in a second on this processor, slice by slice: the median of a few runs. The network is
    folded and left in evaluation mode."""
    ready = channels_last(fold_batchnorm(network.eval())).to(dtype)
    grey = last(torch.zeros(1, network.inputs, edge, edge, dtype=dtype))

    def once() -> float:
        began = time.perf_counter()
        ready(grey)
        return time.perf_counter() - began

    first = once()
    times = [once() for _ in range(max(_RUNS, min(20, round(_LEAST_S / first))))]
    return edge**2 / median(times) / 1e6
